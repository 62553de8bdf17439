"""``eemt-submit``: what it prints is what was asked for, and what is wrong it says."""

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from eemt_core.submit.order import RUNTIMES
from eemt_core.submit.targets import TARGETS
from eemt_submits import eemt_submit
from manifests import IMAGE as MANIFEST_IMAGE
from manifests import TEXTS as MANIFESTS
from orders import TEXTS, exported, password_file


def test_it_prints_the_script_and_nothing_else(tmp_path):
    password = password_file(tmp_path)
    done = eemt_submit(
        "slurm", "--manager", "node1.example:9123,node2.example:9124", "--workers", "20",
        "--password-file", password.name, "--cores", "8", "--memory", "32G", "--disk", "50000M",
        "--time", "4h", "--account", "geo-2026", "--partition", "long", "--qos", "normal",
        "--constraint", "avx2&ssd", "--setup", "module load gcc/12",
        "--setup", "export PATH=/opt/eemt/bin:$PATH", "--extra-directive=--mail-type=END",
        "--name", "canyon", "--log-dir", "/home/ada/logs", cwd=tmp_path,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    found = done.stdout.replace(str(tmp_path), "/shared")
    found = found.replace(os.path.dirname(sys.executable), "/opt/eemt/bin")
    assert found == (TEXTS / "slurm-full.sh").read_text()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["password"]


def test_tiles_are_found_from_where_the_command_is_given(tmp_path):
    exported(tmp_path, count=10)
    done = eemt_submit(
        "slurm", "--tiles", "tiles", "--per-job", "4", "--cores", "2", "--memory", "4G",
        "--time", "30min", cwd=tmp_path,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    found = done.stdout.replace(str(tmp_path), "/shared")
    found = found.replace(os.path.dirname(sys.executable), "/opt/eemt/bin")
    assert found == (TEXTS / "slurm-tiles.sh").read_text()


def test_it_prints_the_manifest_of_a_page_and_its_workers(tmp_path):
    page, tokens, workers = (
        password_file(tmp_path, name) for name in ("page", "tokens", "workers")
    )
    done = eemt_submit(
        "kubernetes", "--web", "--web-password-file", page.name, "--password-file", workers.name,
        "--web-tokens-file", tokens.name, "--server-name", "lab.example",
        "--storage", "200000M", "--autoscale", "4:40",
        "--cores", "8", "--memory", "16G", "--disk", "50000M", "--name", "canyon",
        "--image", MANIFEST_IMAGE, cwd=tmp_path,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    found = done.stdout.replace(str(tmp_path), "/srv/keys")
    assert found == (MANIFESTS / "kubernetes-web.yaml").read_text()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("compose", "--web", "--image", "x"), "name the password's file with --web-password-file"),
        (("compose", "--web", "--manager", "node1"), "brings the managers that its workers are"),
        (("kubernetes", "--web", "--autoscale", "1:2", "--workers", "3"), "leave these out"),
        (("slurm", "--manager", "node1", "--server-name", "a"), "--storage go with --web"),
        (("slurm", "--manager", "node1", "--claim", "a"), "--claim goes with --tiles"),
        (("compose", "--manager", "node1"), "runtime docker needs an image: name it with --image"),
        (("compose", "--manager", "node1", "--image", "x", "--time", "4h"), "leave --time out"),
    ],
)
def test_what_does_not_fit_an_orchestrator_is_told(tmp_path, arguments, sentence):
    done = eemt_submit(*arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert sentence in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("--manager", "localhost:9123"), 2, "give --manager under the name that other machines"),
        (("--manager", "node1", "--memory", "8192"), 2, "'8192' has no unit: write 8192M or 8192G"),
        (("--manager", "node1", "--password-file", "open"), 2, "can be read by others: chmod 600"),
        (("--manager", "node1", "--runtime", "podman"), 2, "name it with --image"),
        (("--manager", "node1", "--tiles", "."), 2, "leave out what is for one"),
        (("--manager", "node1", "--per-job", "3"), 2, "--per-job goes with --tiles"),
        (("--manager", "node1", "--workers", "0"), 2, "give 1 to 1000000000 with --workers"),
        ((), 2, "name it with --manager HOST:PORT, --manager-file, or --project with"),
        (("--manager", "node1", "--", "eemt-run"), 2, "goes with --manager-in-job alone"),
        (("--manager-in-job", "--", "eemt-run", "--demo"), 2, "give it with --out"),
        (("--manager-in-job", "-o", "o", "--", "--demo"), 2, "-- eemt-run DEM.tif"),
        (
            ("--manager-in-job", "-o", "o", "--manager", "n", "--", "eemt-run"),
            2,
            "brings a manager",
        ),
        (("--manager-in-job", "-o", "o", "--", "eemt-run", "--dayz", "1"), 2, "No such option"),
        (("--manager-in-job", "-o", "o", "--", "eemt-run", "no.tif"), 3, "no.tif does not exist"),
        (
            ("--manager-in-job", "-o", "o", "--", "eemt-run", "--demo", "-o", "p"),
            2,
            "--out is not for",
        ),
        (("--manager", "node1", "--autoscale", "0:4"), 2, "--autoscale follows a run: give --out"),
        (("--manager", "node1", "-o", "o", "--autoscale", "4"), 2, "is no range of workers: write"),
        (("--manager", "node1", "-o", "o", "--autoscale", "5:4"), 2, "is no range of workers"),
        (("--manager", "node1", "-o", "o", "--autoscale", "0:0"), 2, "is no range of workers"),
        (
            ("--manager-in-job", "-o", "o", "--autoscale", "0:4", "--", "eemt-run", "--demo"),
            2,
            "only workers come and go with a run: leave --autoscale out",
        ),
        (("--manager", "node1", "--probe", "--submit"), 2, "leave --submit out"),
        (("--manager", "n", "-o", "o", "--autoscale", "0:4", "--submit"), 2, "leave --submit out"),
        (("--manager", "n", "-o", "o", "--autoscale", "0:4", "--probe"), 2, "--probe is one job"),
        (("--tiles", "."), 3, "give the folder that --export-tiles wrote"),
    ],
)
def test_what_is_wrong_gets_a_sentence_and_no_script(tmp_path, arguments, code, sentence):
    password_file(tmp_path, "open", 0o644)
    done = eemt_submit("slurm", *arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (code, "")
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_without_a_target_all_are_named_in_one_line():
    done = eemt_submit()
    assert (done.returncode, done.stdout) == (2, "")
    assert f"Choose from: {', '.join(TARGETS)}" in done.stderr.splitlines()[-1]


@pytest.mark.parametrize("target", ["slurm", "systemd"])
def test_an_installation_that_a_link_leads_to_is_called_by_the_link(tmp_path, target):
    """It may lead to another version tomorrow, and units and scripts that are kept go along."""
    (tmp_path / "eemt").symlink_to(Path(sys.executable).parents[1])
    command = tmp_path / "eemt" / "bin" / "eemt-submit"
    done = subprocess.run(
        [command, target, "--manager", "node1"], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0
    assert f"{tmp_path}/eemt/bin/eemt-worker" in done.stdout
    assert str(Path(sys.executable).parent) not in done.stdout


def test_what_it_cannot_submit_to_is_told():
    from eemt_core.cli.submit import _require_scheduler

    with pytest.raises(click.UsageError, match=r"--submit knows slurm, .* alone: leave it out"):
        _require_scheduler("a drawer", "submit")
    with pytest.raises(click.UsageError, match="alone: start eemt-worker with --dry-run there"):
        _require_scheduler("a drawer", "probe")


def test_the_command_offers_what_there_is():
    from eemt_core.cli import submit

    choices = {
        p.name: list(p.type.choices) for p in submit.command.params if hasattr(p.type, "choices")
    }
    assert choices == {"target": list(TARGETS), "runtime": list(RUNTIMES)}
