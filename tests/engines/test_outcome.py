"""Text that an untrusted worker sends about a task's failure is treated as untrusted."""

import json

import pytest

from eemt_core.engines.base import LOG_CHARACTERS, LOG_FILE, Submission
from eemt_core.engines.runtimes.installed import Installed
from eemt_core.engines.work_queue.outcome import completion
from eemt_core.tiles.contract import ERROR_FILE
from eemt_core.tiles.task import Resources


def ended(folder, **told):
    usual = {"result": 0, "exit_code": 3, "seconds": 1.0, "worker": "w", "host": "h", "output": ""}
    return completion(Submission("one", folder, Resources(1, 1, 1)), {**usual, **told}, Installed())


def test_a_tasks_own_sentence_is_told(tmp_path):
    (tmp_path / ERROR_FILE).write_text(json.dumps({"error": "no dem", "lack": "memory"}))
    met = ended(tmp_path)
    assert (met.exit_code, met.message, met.lack) == (3, "no dem", "memory")


@pytest.mark.parametrize(
    "content",
    [
        b"", b"[]", b"1", b"{}", b"\xff\xfe", b'{"error": 5}', b'{"error": ["x"]}', b"[" * 60_000,
        b'{"error": ' * 9_000, b'{"error": "x"}' + b" " * 1_000_000, b'{"error": ' + b"9" * 9_000,
    ],
)  # fmt: skip
def test_what_is_no_sentence_is_told_by_the_exit_code(tmp_path, content):
    (tmp_path / ERROR_FILE).write_bytes(content)
    assert ended(tmp_path).message == "its process ended with exit code 3"


def test_a_process_that_openmp_ended_is_not_called_a_failure_of_the_program(tmp_path):
    words = "libgomp: Thread creation failed: Resource temporarily unavailable"
    (tmp_path / LOG_FILE).write_text(words)
    met = ended(tmp_path)
    assert met.exit_code == 4
    assert "no further thread can be started: raise the limits (ulimit -u" in met.message


@pytest.mark.parametrize("lack", [None, 5, [], {"a": 1}, "patience"])
def test_only_memory_and_disk_can_be_lacking(tmp_path, lack):
    (tmp_path / ERROR_FILE).write_text(json.dumps({"error": "no", "lack": lack}))
    assert ended(tmp_path).lack == ""


def test_a_sentence_is_one_line_of_a_bearable_length_that_no_terminal_acts_upon(tmp_path):
    text = "a\nb\x1b[2J\ud800" + "x" * 50_000
    (tmp_path / ERROR_FILE).write_text(json.dumps({"error": text}))
    message = ended(tmp_path).message
    assert message.isprintable()
    assert message.startswith("a b")
    assert len(message) <= 1000
    message.encode()


def test_of_a_log_of_any_size_the_end_is_kept(tmp_path):
    with (tmp_path / LOG_FILE).open("wb") as log:
        log.truncate(1 << 40)  # a sparse file, which occupies no disk
        log.seek(0, 2)
        log.write(b"\xff the end")
    log = ended(tmp_path).log
    assert log.endswith("\ufffd the end")
    assert len(log) == LOG_CHARACTERS
