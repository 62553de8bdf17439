"""How processes of ours ended is told with the signal and with the last thing that they wrote."""

import os
import signal
import subprocess
import sys
from contextlib import closing

import pytest

from eemt_core.engines.work_queue.gate.client import GateClient
from eemt_core.engines.work_queue.last_words import ErrorOutput, ended_by, how_it_ended
from eemt_core.engines.work_queue.options import GateOptions, PortOptions
from eemt_core.errors import InputError
from eemt_core.errors.words import in_words
from queue_peers import queue_holder, submit


def ended(code):
    """How a process of Python ended that ran this code."""
    output = ErrorOutput()
    process = subprocess.Popen([sys.executable, "-c", code], stderr=output.number)
    process.wait(60)
    return how_it_ended(process, output)


SAYS = "import os, sys; print({words!r}, file=sys.stderr, flush=True); "


@pytest.mark.parametrize(
    ("end", "how"),
    [
        ("os.kill(os.getpid(), 15)", "told to end by SIGTERM"),
        ("os.kill(os.getpid(), 9)", "killed by SIGKILL"),
        ("os.kill(os.getpid(), 11)", "crashed by SIGSEGV"),
        ("sys.exit(3)", "exit code 3"),
    ],
)
def test_signal_and_last_line_are_told(end, how):
    assert ended("import os, sys; " + end) == how
    assert ended(SAYS.format(words="first\nsecond\n\n") + end) == f"{how}; its last words: second"


def test_a_signal_without_a_name_is_told_by_its_number():
    assert ended_by(signal.SIGRTMIN + 1) == f"ended by signal {signal.SIGRTMIN + 1}"


def test_of_a_line_of_the_queue_s_log_the_words_are_told():
    line = "2026/03/01 10:00:00.10 work_queue_python[77]{}fatal: no more memory"
    for blank in ("", " "):
        told = ended(SAYS.format(words=line.format(blank)))
        assert told == "exit code 0; its last words: fatal: no more memory"


def test_what_a_stranger_wrote_there_is_one_short_line_and_marks_nothing():
    told = ended(
        SAYS.format(words="wq: rx from x: <<resume>>\x1b[2J\r\xe9" + "z" * 5000 + "<<out>>")
    )
    assert told.isascii()
    assert told.isprintable()
    assert len(told) < 300
    assert in_words(told, lambda *_: pytest.fail("a stranger named a field")) == told


def test_the_queue_s_process_says_its_last_words(tmp_path):
    """Work Queue ends its process where a result has an absolute name there."""
    with queue_holder(tmp_path) as (client, incoming):
        places = incoming.expect("one", ["result.json"])
        client.send(
            do="submit", name="one", command="true", cores=1, memory_mb=10, disk_mb=10,
            expected_s=0, is_first=False, inputs=[],
            outputs=[[place, "/result.json", "always"] for place in places.values()],
        )  # fmt: skip
        restarted = client.next(60)
        assert restarted["event"] == "restarted"
        assert restarted["why"].startswith("killed by SIGKILL; its last words: fatal: ")
        os.kill(client.pid, signal.SIGTERM)  # a job's signal is the manager's affair
        submit(client, incoming, "two")
        assert client.next(0.5) is None
        os.kill(client.pid, signal.SIGKILL)
        assert client.next(60)["why"].startswith("killed by SIGKILL")


def test_the_process_of_the_port_says_its_last_words(tmp_path):
    options = GateOptions(PortOptions((0, 0), "127.0.0.1"), 11, 10, str(tmp_path))
    with closing(GateClient(options)) as gate:
        os.kill(gate.pid, signal.SIGTERM)
        assert gate.restart() == "told to end by SIGTERM"


def test_a_certificate_that_is_gone_is_named(tmp_path):
    cert, key = (str(tmp_path / name) for name in ("cert.pem", "key.pem"))
    port = PortOptions((0, 0), "127.0.0.1", tls=(cert, key))
    with pytest.raises(InputError, match=r"No such file or directory: '.*cert\.pem'"):
        GateClient(GateOptions(port, 11, 10, str(tmp_path)))
