"""Maps are the same wherever their tiles are computed."""

import json
import os

import pytest

from clusters import SHORT, manager, workers
from runs import assert_same_files, assert_same_maps, eemt_run

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("count", [1, 2, 5])
def test_any_number_of_workers_gives_the_bytes_of_the_local_engine(dem, local, tmp_path, count):
    with (
        manager(dem, tmp_path / "out", *SHORT) as run,
        workers(run.port(), count, tmp_path),
    ):
        run.ends()
    assert_same_files(local, tmp_path / "out")
    assert not (tmp_path / "out" / "manager.json").exists()
    assert (tmp_path / "out" / "journal.sqlite").exists()
    assert not (tmp_path / "out" / "journal.sqlite-journal").exists()


def test_relative_paths_count_from_where_the_run_is_started(dem, local, tmp_path):
    """None of the processes that a run is made of takes them for those of its own folder."""
    start = tmp_path / "start"
    start.mkdir()
    (tmp_path / "master.conf").write_text("[security]\npassword_file = password\n")
    (tmp_path / "password").write_text("secret")
    (tmp_path / "password").chmod(0o600)
    done = eemt_run(
        os.path.relpath(dem, start), "-o", "out", *SHORT,
        "--workers", "1", "--config", "../master.conf", cwd=start,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "out"
    assert_same_maps(local, start / "out")


def test_a_task_may_have_several_cores(dem, local, tmp_path):
    with (
        manager(dem, tmp_path / "out", *SHORT, "--task-cores", "2") as run,
        workers(run.port(), 1, tmp_path, cores=2),
    ):
        run.ends()
    assert_same_maps(local, tmp_path / "out")


def test_the_port_is_told_in_words_and_in_a_file(dem, tmp_path):
    with manager(dem, tmp_path / "out", *SHORT, port="21000-22000") as run:
        port = run.port()
        assert 21000 <= port <= 22000
        run.hears(f"--manager-port {port}")
        told = json.loads((tmp_path / "out" / "manager.json").read_text())
        assert told["protocol"] in (9, 11)
        assert told["pid"] == run.process.pid
        # without a password for workers the user gets a warning
        assert "--password-file FILE" not in run.said
        assert "Careful: without --password-file whoever reaches the port may work" in run.said


def test_a_password_is_told_of_in_words_and_if_others_can_read_it(dem, tmp_path):
    password = tmp_path / "password"
    password.write_text("secret of ours\n")
    password.chmod(0o644)
    with manager(dem, tmp_path / "out", *SHORT, "--password-file", password) as run:
        port = run.port()
        run.hears(f"--manager-port {port} --password-file FILE")
        assert f"{password} can be read by others: chmod 600 {password}" in run.said
        assert "secret" not in run.said
