"""``--probe`` with programs in place of a batch system's: what it leaves behind."""

import pytest

from eemt_core.errors import InputError
from eemt_core.submit import probe as module
from eemt_core.submit.order import Order, Workers
from eemt_core.submit.probe import probe
from orders import MANAGER

ENDED = "7_1|TIMEOUT|TimeLimit|0|\n"
BEGUN = "ok    machine: n17, which has eemt-core 0.1.0\nok    sizes: 2 cores\n"


@pytest.fixture
def order(program, tmp_path, monkeypatch):
    """An order of workers, whose job has ended when it is looked at."""
    monkeypatch.setattr(module, "_MORE_OUTPUT_S", 0.1)
    program("sbatch", out="7\n")
    program("squeue", out=ENDED)
    return Order(Workers(1, (MANAGER,)), log_folder=tmp_path / "logs")


def left(order):
    return sorted(path.name for path in order.log_folder.iterdir())


@pytest.mark.parametrize("text", [BEGUN, f"{BEGUN}Terminated.\n"])
def test_output_that_the_sentence_names_is_kept_with_its_script(order, text):
    """Such as that of a job whose minute was over before all had been checked."""
    log = order.log_folder / "eemt-probe-7_1.log"
    order.log_folder.mkdir()
    log.write_text(text)
    answer = probe("slurm", order, lambda _: None)
    assert answer.exit_code == 3
    assert f"has ended without an answer (TIMEOUT); its output {log} ends" in answer.sentence
    assert left(order) == ["eemt-probe-1.sh", log.name]


def test_an_answer_leaves_nothing(order):
    order.log_folder.mkdir()
    text = f"{BEGUN}WRONG port: n1:9123 cannot be reached\n"
    (order.log_folder / "eemt-probe-7_1.log").write_text(text)
    answer = probe("slurm", order, lambda _: None)
    assert answer.sentence == "A worker on n17 would not work: n1:9123 cannot be reached"
    assert left(order) == []


def test_a_batch_system_that_answers_no_more_leaves_no_script(order, program):
    program("squeue", err="Unable to contact slurm controller", code=1)
    program("scancel", err="Unable to contact slurm controller", code=1)
    with pytest.raises(InputError, match="Slurm refuses scancel"):
        probe("slurm", order, lambda _: None)
    assert left(order) == []
