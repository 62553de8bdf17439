"""Unknown programs connect to the port: the run continues, and the user gets useful messages."""

import json
import os
import random
import socket
import threading
import urllib.request
from contextlib import ExitStack, suppress
from http.client import HTTPException

import pytest

from clusters import ENDLESS, LONGER, SHORT, is_busy, manager, wait_for, workers
from eemt_workers import eemt_worker
from runs import assert_same_maps, eemt_run

pytestmark = pytest.mark.slow

PASSWORD = "correct horse battery staple"


def call(port):
    return socket.create_connection(("127.0.0.1", port), timeout=10)


def say(port, content):
    """Send something and hang up without waiting for an answer."""
    with suppress(OSError), call(port) as line:
        line.sendall(content)


def ask_by_http(port, page):
    address = f"http://127.0.0.1:{port}/{page}"
    # the run may end in the middle of its answer
    with (
        suppress(OSError, HTTPException, ValueError),
        urllib.request.urlopen(address, timeout=10) as answer,
    ):
        return json.loads(answer.read())
    return None


def test_silent_peers_and_noise_on_the_port_do_not_disturb_the_work(dem, local_longer, tmp_path):
    chance = random.Random(11)
    with (
        ExitStack() as silent,
        manager(dem, tmp_path / "out", *LONGER) as run,
        workers(run.port(), 2, tmp_path),
    ):
        port, answers = run.port(), []
        for _ in range(20):
            silent.enter_context(call(port))

        def make_noise():
            while run.process.poll() is None:
                say(port, chance.randbytes(1000))
                say(port, b"x" * 1_000_000)
                say(port, b"workqueue\n" * 3)
                answers.append(ask_by_http(port, "queue_status"))

        noise = threading.Thread(target=make_noise)
        noise.start()
        run.ends()
        noise.join()
    assert any(answers), "the page of the engine itself was never answered"
    assert_same_maps(local_longer, tmp_path / "out")


@pytest.mark.parametrize("protocol", [8, 10, 11])
def test_a_worker_of_another_protocol_is_sent_away_and_both_versions_are_named(
    dem, tmp_path, protocol
):
    with manager(dem, tmp_path / "out", *SHORT) as run:
        port = run.port()
        own = json.loads((tmp_path / "out" / "manager.json").read_text())["protocol"]
        with call(port) as line:
            line.sendall(f"workqueue {protocol} elsewhere Linux x86_64 7.5.0\n".encode())
            assert line.recv(100) == b""
        run.hears("A worker at 127.0.0.1 was refused")
        assert f"the manager speaks protocol {own}" in run.said
        assert f"the worker protocol {protocol}" in run.said
        assert "install the same release of Work Queue on both sides" in run.said


@pytest.mark.parametrize("password", [False, True])
def test_a_dry_run_of_a_worker_alarms_nobody(dem, tmp_path, password):
    (tmp_path / "password").write_text(PASSWORD)
    secret = ["--password-file", tmp_path / "password"] if password else []
    with manager(dem, tmp_path / "out", *SHORT, *secret) as run:
        port = run.port()
        dry = eemt_worker(tmp_path, "--manager", f"127.0.0.1:{port}", "--dry-run", *secret)
        assert dry.returncode == 0, dry.stdout + dry.stderr
        with workers(port, 1, tmp_path, arguments=["--password", secret[1]] if password else []):
            run.ends()
        assert "refused" not in run.said
        assert run.said.count("joined") == 1


@pytest.mark.parametrize(
    ("content", "fits"),
    [
        (PASSWORD, True),
        (PASSWORD + "x", False),
        (PASSWORD + "\n", False),  # Work Queue's worker treats the newline as part of the password
        ("", False),
        (None, False),
    ],
    ids=["right", "wrong", "newline", "empty", "none"],
)
def test_a_worker_needs_the_password_to_the_letter(dem, tmp_path, content, fits):
    (tmp_path / "password").write_text(PASSWORD + "\n")  # our worker removes the newline
    arguments = []
    if content is not None:
        (tmp_path / "theirs").write_text(content)
        arguments = ["--password", tmp_path / "theirs"]
    out = tmp_path / "out"
    with (
        manager(dem, out, *SHORT, "--password-file", tmp_path / "password") as run,
        workers(run.port(), 1, tmp_path, arguments=arguments),
    ):
        if fits:
            run.ends()
        else:
            gave = "no" if content is None else "another"
            run.hears(f"A worker at 127.0.0.1 was refused: it gave {gave} password")
            (tmp_path / "right").write_text(PASSWORD)
            with workers(run.port(), 1, tmp_path, arguments=["--password", tmp_path / "right"]):
                run.ends()
        assert PASSWORD not in run.said


def test_a_password_is_seen_in_no_process(dem, tmp_path):
    (tmp_path / "password").write_text(PASSWORD)
    with manager(
        dem, tmp_path / "out", *ENDLESS, "--password-file", tmp_path / "password", "--workers", "1"
    ) as run:
        run.hears("A worker with")
        seen = []
        for process in os.listdir("/proc"):
            if not process.isdigit():
                continue
            for name in ("cmdline", "environ"):
                with suppress(OSError), open(f"/proc/{process}/{name}", "rb") as file:
                    if PASSWORD.encode() in file.read().replace(b"\0", b" "):
                        seen.append((process, name))
        assert seen == []


@pytest.mark.parametrize(
    ("content", "sentence"),
    [("", "empty"), ("\n", "empty"), ("x" * 1000, "900")],
    ids=["empty", "newline", "long"],
)
def test_a_password_that_is_none_is_refused_before_anything_is_done(
    dem, tmp_path, content, sentence
):
    (tmp_path / "password").write_text(content)
    done = eemt_run(
        dem, "-o", tmp_path / "out", *SHORT, "--manager-port", "0",
        "--password-file", tmp_path / "password",
    )  # fmt: skip
    assert done.returncode == 2
    assert sentence in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_second_manager_on_the_same_folder_is_refused(dem, tmp_path):
    with manager(dem, tmp_path / "out", *SHORT) as run:
        run.port()
        second = eemt_run(dem, "-o", tmp_path / "out", *SHORT, "--manager-port", "0", "--resume")
        assert second.returncode == 2
        assert f"in use by another run (process {run.process.pid})" in second.stderr


def test_a_second_manager_on_the_same_port_is_refused(dem, tmp_path):
    with manager(dem, tmp_path / "out", *SHORT) as run:
        port = run.port()
        second = eemt_run(dem, "-o", tmp_path / "other", *SHORT, "--manager-port", port)
        assert second.returncode == 3
        assert f"cannot listen on port {port}" in second.stderr
        assert not (tmp_path / "other").exists()


def test_one_worker_serves_two_managers_in_turn(dem, tmp_path):
    with (
        manager(dem, tmp_path / "one", *SHORT) as one,
        manager(dem, tmp_path / "two", *SHORT) as two,
    ):
        both = f"127.0.0.1:{one.port()};127.0.0.1:{two.port()}"
        with workers(both, 1, tmp_path, host=None):
            one.ends()
            two.ends()
    assert_same_maps(tmp_path / "one", tmp_path / "two")


def test_a_task_that_no_worker_can_hold_is_told_within_a_minute(dem, tmp_path):
    with (
        manager(dem, tmp_path / "out", *SHORT, "--task-cores", "3") as run,
        workers(run.port(), 1, tmp_path) as (worker,),
    ):
        wait_for(
            lambda: "No connected worker is large enough for a task of 3 cores" in run.said,
            60,
            "the complaint",
        )
        assert "the largest of 1 has 1 cores, 2000 MB" in run.said
        assert not is_busy(worker)
        with workers(run.port(), 1, tmp_path, cores=3):
            run.ends()


def test_no_worker_at_all_is_told(dem, tmp_path):
    with manager(dem, tmp_path / "out", *SHORT) as run:
        wait_for(lambda: "No worker is connected" in run.said, 60, "the complaint")
