"""Figures for Prometheus: its own programs read what the journal says, and alerts fire on it."""

import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
import yaml

from eemt_core.exposition import Family, Sample, exposition
from eemt_core.journal import JOURNAL_FILE, Journal, read_status, run_figures
from eemt_core.journal.figures import STATES
from journals import begin, run_attempt
from prometheus import figures, of_run, promtool

REPOSITORY = Path(__file__).parents[2]
RULES = REPOSITORY / "docs" / "deploy" / "eemt-alerts.yml"
SERIES = REPOSITORY / "tests" / "data" / "prometheus" / "eemt-alerts.test.yml"
NASTY = 'a "b" \\ c\nd\te\r {f="g"} \u202e é \udcff #'


@pytest.fixture
def status(tmp_path):
    """A run with every kind of end."""
    with Journal.open(tmp_path / JOURNAL_FILE) as journal:
        begin(journal, 8)
        journal.worker_joined("w1", "node1", "10.0.0.1", 8, 16000, 50000)
        journal.worker_joined("w2", "node2", "10.0.0.2", 4, 8000, 50000)
        for index in range(3):
            run_attempt(journal, index, worker="w1")
        run_attempt(journal, 3, "lost", worker="w2")
        run_attempt(journal, 3, number=2, worker="w1")
        run_attempt(journal, 4, "failed")
        journal.tile_put_aside(4, "it divides by zero", "")
        journal.worker_left("w2", "it did not answer")
        for _ in range(2):
            journal.worker_refused("10.0.0.9", "its version is 7.0")
        journal.progress("tiles", 1, 4, "tiles")
        journal.commit()
    return read_status(tmp_path)


def text_of(*runs):
    return exposition(run_figures(runs))


def test_every_figure_is_what_the_status_says(status):
    found = of_run(text_of(("out", status)), "out")
    assert {name: value for name, value in found.items() if isinstance(name, tuple)} == {
        ("eemt_run_info", "local", status.run.host, "0.1.0"): 1,
        **{("eemt_run_state", state): state == "killed" for state in STATES},
        ("eemt_run_stage_done_ratio", "tiles"): 0.25,
        ("eemt_run_tiles", "waiting"): 3,
        ("eemt_run_tiles", "running"): 0,
        ("eemt_run_tiles", "done"): 4,
        ("eemt_run_tiles", "aside"): 1,
        ("eemt_run_attempts_total", "done"): 4,
        ("eemt_run_attempts_total", "lost"): 1,
        ("eemt_run_attempts_total", "failed"): 1,
        **{
            ("eemt_run_attempts_total", end): 0
            for end in ("damaged", "no_memory", "cancelled", "superseded")
        },
    }
    times = {
        "eemt_run_start_time_seconds": status.run.started_utc,
        "eemt_run_sign_of_life_time_seconds": status.run.updated_utc,
        "eemt_run_end_time_seconds": status.run.ended_utc,
        "eemt_run_read_time_seconds": status.at_utc,
    }
    assert {name: value for name, value in found.items() if isinstance(name, str)} == {
        **{name: datetime.fromisoformat(utc).timestamp() for name, utc in times.items()},
        "eemt_run_starts_total": 1,
        "eemt_run_work": 8 * 8192,
        "eemt_run_work_done": 4 * 8192,
        "eemt_run_work_per_second": pytest.approx(status.work.per_s),
        "eemt_run_retries_total": 1,
        "eemt_run_copies_total": 0,
        "eemt_run_workers": 1,
        "eemt_run_workers_seen_total": 2,
        "eemt_run_workers_refused": 2,
        "eemt_run_cores": 8,
        "eemt_run_cores_busy": 0,
    }


def test_what_is_not_known_is_no_figure(status):
    run = replace(status.run, state="running", ended_utc="")
    text = text_of(("out", replace(status, run=run, stage=None)))
    for name in ("eemt_run_end_time_seconds", "eemt_run_stage_done_ratio", "eemt_run_left_seconds"):
        assert name not in text
    left = replace(status, work=replace(status.work, left_s=90.5))
    assert of_run(text_of(("out", left)), "out")["eemt_run_left_seconds"] == 90.5


def test_several_runs_are_one_text(status):
    text = text_of(("a", status), ("b", status))
    assert of_run(text, "a") == of_run(text, "b") != {}
    assert promtool("check", "metrics", text=text) == (0, "")


def test_labels_hold_any_text(status):
    status = replace(status, run=replace(status.run, host=NASTY))
    text = text_of((NASTY, status))
    # what is no character cannot travel as UTF-8
    name = NASTY.replace("\udcff", "?")
    assert of_run(text, name)["eemt_run_info", "local", name, "0.1.0"] == 1
    assert promtool("check", "metrics", text=text) == (0, "")


@pytest.mark.parametrize("value", [0, 7, 10**15, 0.1, 1e-9, 1 / 3, 1e22, 1_732_645_800.123])
def test_numbers_come_back_as_they_were(value):
    text = exposition([Family("eemt_x", "A number.", (Sample(value, {}),))])
    assert figures(text) == {("eemt_x", ()): value}


def test_the_judge_finds_faults():
    assert promtool("check", "metrics", text="eemt_x_total{a=b} 1\n")[0] != 0
    assert promtool("check", "metrics", text="# TYPE eemt_x counter\neemt_x 1\n")[0] != 0


def test_alerts_are_well_formed_and_their_figures_exist(status):
    code, said = promtool("check", "rules", RULES)
    assert code == 0, said
    rules = yaml.safe_load(RULES.read_text())["groups"][0]["rules"]
    known = {f.name for f in run_figures([("out", status)])} | {"eemt_jobs"}
    for rule in rules:
        assert set(re.findall(r"\beemt_\w+", rule["expr"])) <= known, rule["alert"]
        assert {"summary", "remedy"} == set(rule["annotations"])


def test_each_alert_fires_on_its_trouble_and_on_no_other():
    assert promtool("test", "rules", SERIES) == (0, f"Unit Testing:  {SERIES}\n  SUCCESS\n\n")


def test_the_series_have_a_trouble_for_each_alert():
    rules = yaml.safe_load(RULES.read_text())["groups"][0]["rules"]
    fires = set(re.findall(r'labels: .*alertname="(\w+)"', SERIES.read_text()))
    assert fires == {rule["alert"] for rule in rules}
