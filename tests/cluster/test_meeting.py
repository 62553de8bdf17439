"""How a run and its workers find each other, and how many of them a run starts itself."""

import json
import os
import signal
import socket
import subprocess

import pytest

from clusters import ENDLESS, SHORT, manager, processes, processes_about, wait_for, workers
from eemt_workers import EemtWorker, eemt_worker
from runs import assert_same_maps, eemt_run, start_eemt_run

pytestmark = pytest.mark.slow

NAMED = ("--cores", "1", "--memory", "1G", "--disk", "100M")


@pytest.fixture
def catalog(tmp_path):
    """The address of a catalog server that does not report itself to others."""
    process = subprocess.Popen(
        ["catalog_server", "-I", "127.0.0.1", "-Z", "port", "-u", "localhost", "-n", "localhost"],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        port = tmp_path / "port"
        wait_for(lambda: port.exists() and port.read_text().strip(), 60, "the catalog")
        yield f"127.0.0.1:{port.read_text().strip()}"
    finally:
        process.kill()
        process.wait()


def test_a_worker_finds_a_run_by_its_projects_name(dem, local, tmp_path, catalog):
    called = ("--project", "peaks", "--catalog", catalog)
    with (
        manager(dem, tmp_path / "out", *SHORT, *called) as run,
        EemtWorker(
            tmp_path, *called, *NAMED, "--reconnect-attempts", "0", "--reconnect-delay", "1"
        ),
    ):
        run.port()
        run.ends()
    assert_same_maps(local, tmp_path / "out")


def test_eemt_worker_works_for_a_run_with_a_password_and_leaves_when_there_is_no_more(
    dem, local, tmp_path
):
    (tmp_path / "password").write_text("a secret\n")
    secret = ("--password-file", tmp_path / "password")
    with manager(dem, tmp_path / "out", *SHORT, *secret) as run:
        where = ("--manager", f"127.0.0.1:{run.port()}", *secret, *NAMED)
        assert eemt_worker(tmp_path, *where, "--dry-run").returncode == 0
        with EemtWorker(tmp_path, *where, "--reconnect-attempts", "1") as worker:
            run.ends()
            assert worker.end() == 0, worker.told
    assert_same_maps(local, tmp_path / "out")


def test_a_run_keeps_as_many_workers_as_it_was_told(dem, tmp_path):
    out = tmp_path / "out"
    with manager(dem, out, *ENDLESS, "--workers", "2") as run:
        run.port()
        work = out / ".eemt" / "work"

        def engines():
            return [text for text in processes_about(work) if text.startswith("/usr/bin/work_q")]

        wait_for(lambda: run.said.count("A worker with") == 2, what="two workers")
        # one that starts a task is two for a moment
        wait_for(lambda: len(engines()) == 2, what="two workers of Work Queue")
        ours = [pid for pid, text in processes() if str(work) in text and "cli.worker" in text]
        os.kill(ours[0], signal.SIGKILL)
        wait_for(lambda: run.said.count("A worker with") == 3, what="a third worker")
        run.kill()
        # whatever way a run ends, its own workers end with it
        wait_for(lambda: not processes_about(out), 60, "the end of its workers")


def test_without_a_port_nobody_but_its_own_workers_may_come(dem, local, tmp_path):
    out = tmp_path / "out"
    process = start_eemt_run(dem, "-o", out, *ENDLESS, "--workers", "1")
    try:
        told = out / "manager.json"
        port = json.loads(wait_for(lambda: told.exists() and told.read_text()))["port"]
        dry = eemt_worker(tmp_path, "--manager", f"127.0.0.1:{port}", "--dry-run")
        assert dry.returncode == 2
        assert "password" in dry.stdout
        assert (out / ".eemt" / "work" / "password").stat().st_mode & 0o77 == 0
    finally:
        process.kill()
        process.communicate()
    wait_for(lambda: not processes_about(out), 60, "the end of its workers")


def test_no_more_workers_are_started_than_there_are_tasks(dem, tmp_path):
    few = ("--days", "172", "--tile-size", "128", "--no-pictures")
    # two tiles and the wetness index
    with manager(dem, tmp_path / "out", *few, "--min-workers", "1", "--max-workers", "5") as run:
        run.ends()
        assert run.said.count("A worker with") <= 3


def test_a_worker_with_a_gpu_is_as_good_as_any(dem, local, tmp_path):
    """It tells the GPU's name as a feature, as nvidia-smi prints it: with words and a line feed."""
    with (
        manager(dem, tmp_path / "out", *SHORT) as run,
        workers(run.port(), 1, tmp_path, arguments=("--feature", "NVIDIA H200\n")),
    ):
        run.ends()
    assert_same_maps(local, tmp_path / "out")


def test_a_worker_that_introduces_itself_strangely_is_told_of(dem, tmp_path):
    said = b"workqueue 9 a Linux x86_64 8\ninfo worker-id x\nmood good\n"
    with manager(dem, tmp_path / "out", *SHORT) as run:
        with socket.create_connection(("127.0.0.1", run.port()), 30) as line:
            line.sendall(said)
            run.hears("it is no worker that this manager knows: it said 'mood good'")
        assert run.process.poll() is None


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--runtime", "wheel"], "--runtime is for a run on many machines: add --manager-port"),
        (["--bind", "127.0.0.1"], "--bind is for a run on many machines: add --manager-port"),
        (["--manager-port", "9123", "--ssl-cert", "c"], "--ssl-cert and --ssl-key go together"),
        (["--manager-port", "x"], "write 9123, 9123-9200 or 0"),
        (["--manager-port", "0", "--runtime", "container"], "needs --image"),
        (["--project", "peaks"], "--project needs --catalog"),
    ],
)
def test_options_that_do_not_fit_are_refused(dem, tmp_path, arguments, sentence):
    done = eemt_run(dem, "-o", tmp_path / "out", *SHORT, *arguments)
    assert done.returncode == 2
    assert sentence in " ".join(done.stderr.split())
    assert not (tmp_path / "out").exists()


def test_encryption_is_refused_where_the_engine_has_none(dem, tmp_path):
    for name in ("cert", "key"):
        (tmp_path / name).write_text("")
    done = eemt_run(
        dem, "-o", tmp_path / "out", *SHORT, "--manager-port", "0",
        "--ssl-cert", tmp_path / "cert", "--ssl-key", tmp_path / "key",
    )  # fmt: skip
    assert done.returncode == 5
    assert "cannot encrypt" in done.stderr
    assert "SSH tunnel" in done.stderr


def test_a_worker_that_cannot_encrypt_says_so(tmp_path):
    done = eemt_worker(tmp_path, "--manager", "127.0.0.1:9", "--ssl", "--dry-run")
    assert done.returncode == 5
    assert "cannot encrypt" in done.stderr


def test_a_configuration_file_starts_a_manager_and_the_command_line_rules_over_it(dem, tmp_path):
    config = tmp_path / "master.conf"
    config.write_text("[master]\nport = 1\nproject = Peaks\nmax_workers = 100\n")
    with manager(dem, tmp_path / "out", *SHORT, "--config", config) as run:
        run.port()
        run.ends()
        # max_workers is that of a cluster; here this machine's cores are the limit
        assert 1 <= run.said.count("A worker with") <= 16


def test_a_wrong_configuration_is_told_with_file_and_line(dem, tmp_path):
    config = tmp_path / "master.conf"
    config.write_text("[master]\nport = 9123\nprojekt = Peaks\n")
    done = eemt_run(dem, "-o", tmp_path / "out", *SHORT, "--config", config)
    assert done.returncode == 2
    assert f"{config}:3" in done.stderr
