"""The benchmarks of whole runs work, at the smallest sizes, and say what they measured."""

import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from accounts import TICK_S, UNSEEN, Program
from disk import Disk, on_disk
from distributed.relay import Relay
from distributed.scale import Met, Stored

HERE = Path(__file__).parent


def told(*words):
    """Run a benchmark and return what it printed."""
    done = subprocess.run(
        [sys.executable, *map(str, words)], cwd=HERE, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def number(text, pattern):
    """Return the number that a pattern's group finds."""
    found = re.search(pattern, text)
    assert found, f"no {pattern} in\n{text}"
    return float(found[1].replace(",", ""))


def test_processor_time_is_told_process_by_process():
    burn = "import time; end = time.process_time() + {}\nwhile time.process_time() < end: pass"
    child = burn.format(0.6)
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}, 'digging'])"
    with Program(
        [sys.executable, "-c", f"{parent}\n{burn.format(0.3)}"], {"digging": "dig"}
    ) as run:
        account = run.account()
    # the kernel counts whole ticks, and cuts off what is left of one in each of four numbers
    assert 0.6 - 2 * TICK_S <= account.children_s < 1.0
    # the parent's own command line has the word too, but it is the program itself
    assert 0.3 - 2 * TICK_S <= account.own_s < 0.9
    assert account.kinds_s["dig"] == pytest.approx(account.children_s, abs=0.3)
    assert account.kinds_s["dig"] + account.kinds_s[UNSEEN] == pytest.approx(account.children_s)
    assert -1e-6 <= run.wait4_s - account.total_s < 4 * TICK_S
    assert account.processes == 2
    assert account.resident_bytes["dig"] > 4e6


def test_a_program_that_fails_has_no_account():
    with (
        Program([sys.executable, "-c", "raise SystemExit(3)"]) as run,
        pytest.raises(subprocess.CalledProcessError),
    ):
        run.account()


def test_disk_is_what_files_take_each_once(tmp_path):
    with Disk(tmp_path) as disk:
        path = tmp_path / "a" / "large"
        path.parent.mkdir()
        path.write_bytes(b"1" * 3_000_000)
        (tmp_path / "again").hardlink_to(path)
        subprocess.run(["sync"], check=True)
        end = time.monotonic() + 30
        while (disk.peak_bytes < 3_000_000 or disk.peak_files < 2) and time.monotonic() < end:
            time.sleep(0.1)
        path.unlink()
        (tmp_path / "again").unlink()
    assert 3_000_000 <= disk.peak_bytes < 3_100_000
    assert disk.peak_files == 2
    assert on_disk(tmp_path) == (0, 0)


def test_bytes_are_counted_in_both_directions(tmp_path):
    import socket
    import threading

    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer():
            connection, _ = server.accept()
            with connection:
                heard = b""
                while len(heard) < 5:
                    heard += connection.recv(5)
                connection.sendall(b"x" * 70_000)

        thread = threading.Thread(target=answer)
        thread.start()
        with (
            Relay(server.getsockname()[1]) as relay,
            socket.create_connection(("127.0.0.1", relay.port)) as end,
        ):
            end.sendall(b"hello")
            got = 0
            while chunk := end.recv(1 << 16):
                got += len(chunk)
        thread.join()
    assert (got, relay.to_workers, relay.to_manager) == (70_000, 70_000, 5)


@pytest.mark.parametrize(
    ("cores", "took_s", "run_s", "busy", "limit"),
    [
        (10, 50.0, 1.0, 0.5, "the pool"),
        (1000, 50.0, 1.0, 0.5, "one wave of tiles"),
        (40, 50.0, 49.0, 0.6, "run, one core"),
        (40, 50.0, 20.0, 0.97, "this machine's cores"),
        (40, 50.0, 20.0, 0.5, "run and waiting"),
    ],
)
def test_what_limits_a_pool_is_named(cores, took_s, run_s, busy, limit):
    stored = Stored(HERE, 10**6, 5.0)
    met = Met(cores, 100, stored, took_s, {"run": run_s, "gate": 0.5}, 0.0, None, 0.0, busy, 0)
    assert met.limit == limit


@pytest.mark.slow
def test_the_manager_s_share_is_measured():
    said = told("-m", "distributed.share", "--across", 2, "--tile-size", 64, "--", "--days", 172)
    tasks = number(said, r"\| tasks of the workers \| ([\d.]+)")
    manager = number(said, r"\| manager, all; [^|]*\| ([\d.]+)")
    parts = [float(s) for s in re.findall(r"\| manager: [^|]*\| (-?[\d.]+)", said)]
    assert tasks > 0.1
    assert manager == pytest.approx(sum(parts), abs=0.1)
    assert number(said, r"\| to manager \| ([\d,]+)") > 128 * 128
    assert number(said, r"\| finished maps \| ([\d,]+)") > 128 * 128
    assert number(said, r"at the peak, ([\d.]+) times") >= 1.0


@pytest.mark.slow
def test_years_are_measured_beside_numpy():
    said = told("many_years.py", "--years", 2, "--edge", 70, "--peer", "--", "--step", 60)
    assert number(said, r"\| tiles: balance \| [\d.]+ \| ([\d.]+)") > 0
    assert number(said, r"\| all \| [\d.]+ \| ([\d.]+)") > 0
    assert number(said, r"resident in a tile at most \[MB\] \| \d+ \| (\d+)") > 20
    assert number(said, r"NumPy and rasterio.*: ([\d.]+) times as fast") > 0
    assert number(said, r"(\d+) maps compared") == 2 * (2 * 13 + 3)
    assert number(said, r"Terrain and sunlight.*\. (\d+) maps compared") == 3 + 3 * 12 + 6
    assert number(said, r"All but the wetness index.*: ([\d.]+) times as fast") > 0


@pytest.mark.slow
def test_a_pool_of_many_cores_is_simulated():
    sizes = ("--cores", "4", "--tiles", 9, "--tile-size", 64, "--seconds", 0.2)
    said = told("-m", "distributed.scale", *sizes, "--", "--days", 172)
    assert re.search(r"^\| 4 \| 20\.0 \| [\d.]+ \|", said, re.MULTILINE), said
    assert number(said, r"Journal ([\d,]+) bytes a tile") > 100
