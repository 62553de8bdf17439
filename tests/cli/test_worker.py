"""``eemt-worker`` as a user meets it: the real program, the real worker, a real manager."""

import re
import subprocess
import sys

import pytest

from eemt_core import instruction_set
from eemt_workers import (
    ONCE,
    PROGRAM,
    SMALL,
    EemtWorker,
    alone,
    eemt_worker,
    joined,
    wait_until,
)
from free_ports import free_port
from other_manager import OtherManager
from work_queue_manager import WorkQueueManager, processes_of

pytestmark = pytest.mark.slow

NO_NAME = "no-such-host.invalid"


@pytest.fixture(scope="module")
def locked():
    """A manager whose password is `secret`."""
    with WorkQueueManager(password="secret") as manager:
        yield manager


def password_file(tmp_path, content):
    path = tmp_path / "password"
    path.write_bytes(content)
    path.chmod(0o600)
    return path


def test_help_names_every_option_and_variable():
    done = subprocess.run([*PROGRAM, "--help"], capture_output=True, text=True, timeout=60)
    text = re.sub(r"\s+", " ", done.stdout)
    options = """
        --manager-host --master-host --manager-port --master-port --manager --project --catalog
        --password-file --cores --memory --disk --work-dir --container-runtime
        --reconnect-attempts --reconnect-delay --wall-time --idle-timeout --dry-run --config
        --log-file --log-level --verbose --quiet --version
        MASTER_HOST MASTER_PORT WORKER_CORES WORKER_MEMORY WORKER_DISK WORK_QUEUE_PORT
        WORK_QUEUE_PROJECT EEMT_MANAGER_HOST
    """
    assert [word for word in options.split() if word not in text] == []


def test_starting_imports_nothing_heavy():
    heavy = ("numpy", "rasterio", "work_queue")
    code = f"import sys, eemt_core.cli.worker; print(*[m for m in {heavy} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.split() == []


def test_version():
    done = subprocess.run([*PROGRAM, "--version"], capture_output=True, text=True, timeout=60)
    assert re.fullmatch(r"eemt-core \d+\.\d+\.\d+\n", done.stdout)


def test_the_manager_is_promised_the_sizes_that_were_written_and_tasks_find_our_python(tmp_path):
    """8G is 8192 MB; an inherited CORES is ignored; a released worker exits with 0."""
    with (
        WorkQueueManager('echo "$EEMT_PYTHON $EEMT_CONTAINER_RUNTIME"') as manager,
        EemtWorker(
            tmp_path, "--manager-host", "127.0.0.1", "--manager-port", manager.port,
            "--cores", "3", "--memory", "8G", "--disk", "0.25GB", "--container-runtime", "auto",
            *ONCE, CORES="64", MEMORY="1",
        ) as worker,
    ):  # fmt: skip
        manager.wait_until(lambda m: joined(m) and m.outputs)
        sizes = {name: manager.workers[0][name] for name in ("cores", "memory", "disk")}
        assert sizes == {"cores": 3, "memory": 8192, "disk": 256}
        assert manager.outputs == [f"{sys.executable} auto\n"]
        manager.release()
        worker.wait_for("has released this worker")
        assert worker.end() == 0, worker.told
        assert "no manager any more, tasks done: 1; leaving" in worker.told
    assert list(tmp_path.glob("*worker-*")) == []


@pytest.mark.parametrize("content", [b"secret", b"secret\n", b"secret\r\n"])
def test_a_newline_at_the_end_of_the_password_file_does_not_count(tmp_path, locked, content):
    file = password_file(tmp_path, content)
    locked.wait_until(alone)
    with EemtWorker(
        tmp_path, "--manager", locked.address, "--password-file", file, *SMALL, *ONCE
    ) as worker:
        locked.wait_until(joined)
        worker.process.terminate()
        assert worker.end() == 143
        locked.wait_until(alone)


@pytest.mark.parametrize("run", [(), ("--dry-run",)])
def test_a_password_that_does_not_fit_ends_with_one_sentence(tmp_path, locked, run):
    wrong = password_file(tmp_path, b"guess\n")
    with WorkQueueManager() as open_manager:
        for manager, file, sentence in (
            (locked, ("--password-file", wrong), "has another password"),
            (locked, (), "wants a password: give its file with --password-file"),
            (open_manager, ("--password-file", wrong), "has no password"),
        ):
            done = eemt_worker(tmp_path, "--manager", manager.address, *file, *SMALL, *run)
            assert done.returncode == 2, done.stderr
            assert sentence in (done.stdout if run else done.stderr)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"", "is empty"), (b"\n", "is empty"), (b"x" * 901, "901 bytes"), (b"a\0b", "zero byte")],
)
def test_a_password_that_nobody_can_use_is_refused_at_once(tmp_path, content, sentence):
    file = password_file(tmp_path, content)
    done = eemt_worker(tmp_path, "--manager-host", "127.0.0.1", "--password-file", file)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_password_that_others_can_read_is_warned_of(tmp_path, locked):
    file = password_file(tmp_path, b"secret")
    file.chmod(0o644)
    done = eemt_worker(
        tmp_path, "--manager", locked.address, "--password-file", file, *SMALL, "--dry-run"
    )
    assert done.returncode == 0, done.stdout
    assert f"note  warning: the password file {file} can be read by others" in done.stdout


def test_a_dry_run_says_what_is_right_line_by_line_and_starts_nothing(tmp_path):
    with WorkQueueManager() as manager:
        done = eemt_worker(tmp_path, "--manager", manager.address, *SMALL, "--dry-run")
        assert done.returncode == 0, done.stdout
        lines = [line.split(":")[0] for line in done.stdout.splitlines()]
        names = ("machine", "sizes", "tasks", "program", "its protocol", "name", "port", "protocol")
        assert lines == ["ok    " + name for name in (*names, "password", "command")]
        assert "1 cores (as given), 200 MB of memory (as given)" in done.stdout
        *lower, best = instruction_set.available()
        sets = f"{', '.join(lower)} and {best}" if lower else best
        assert f"{sys.executable} can run them, on instruction set {sets}\n" in done.stdout
        assert re.search(r"work_queue_worker .*--memory 200 --disk 100 ", done.stdout)
    assert processes_of(tmp_path) == []


@pytest.mark.parametrize("run", [ONCE, ("--dry-run",)])
def test_a_manager_of_another_release_ends_with_both_versions(tmp_path, run):
    with OtherManager(11) as manager:
        done = eemt_worker(tmp_path, "--manager", manager.address, *SMALL, *run)
    assert done.returncode == 5, done.stderr
    told = done.stdout if run != ONCE else done.stderr
    assert "the manager speaks protocol 11 (CCTools 7.5.0 and newer" in told
    assert "the worker protocol 9 (CCTools 7.1.6 to 7.4.16" in told


@pytest.mark.parametrize(
    ("address", "exit_code", "line"),
    [
        (f"{NO_NAME}:9123", 3, f"WRONG name: the name {NO_NAME} cannot be resolved"),
        ("127.0.0.1:{free}", 3, "WRONG port: 127.0.0.1:{free} cannot be reached"),
    ],
)
def test_a_dry_run_names_what_is_wrong(tmp_path, address, exit_code, line):
    free = free_port()
    done = eemt_worker(tmp_path, "--manager", address.format(free=free), *SMALL, "--dry-run")
    assert done.returncode == exit_code
    assert line.format(free=free) in done.stdout
    assert "ok    command: " in done.stdout


def test_a_machine_without_work_queue_is_told_what_to_install(tmp_path):
    for run in ((), ("--dry-run",)):
        done = eemt_worker(
            tmp_path, "--manager-host", "127.0.0.1", *SMALL, *run, PATH=str(tmp_path)
        )
        assert done.returncode == 4
        assert "install Debian's coop-computing-tools or conda-forge's" in done.stdout + done.stderr


def test_of_several_managers_the_one_that_is_there_is_worked_for(tmp_path):
    with WorkQueueManager() as manager:
        both = f"127.0.0.1:{free_port()},{manager.address}"
        with EemtWorker(tmp_path, "--manager", both, *SMALL, *ONCE):
            manager.wait_until(joined)


def test_a_project_is_looked_up_in_the_catalog_that_is_named(tmp_path):
    port_file = tmp_path / "port"
    command = ["catalog_server", "-I", "127.0.0.1", "-Z", port_file, "-u", "localhost"]
    catalog = subprocess.Popen(
        [*command, "-H", tmp_path / "history"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: port_file.exists() and port_file.read_text().strip())
        port = int(port_file.read_text())
        asked = ("--catalog", f"127.0.0.1:{port}", *SMALL, "--reconnect-delay", "1")
        with WorkQueueManager("true", project="Peaks", catalog_port=port) as manager:
            with EemtWorker(tmp_path, "--project", "Peaks", *asked, "--reconnect-attempts", "60"):
                manager.wait_until(lambda m: m.outputs)
            done = eemt_worker(tmp_path, *asked, "--dry-run", WORK_QUEUE_PROJECT="Peaks")
            assert "ok    catalog: project Peaks is at" in done.stdout
        done = eemt_worker(tmp_path, "--project", "Valleys", *asked, "--dry-run")
        assert done.returncode == 3
        assert "knows no manager of project Valleys" in done.stdout
    finally:
        catalog.kill()
        catalog.wait()


def test_the_log_file_has_what_is_said_and_every_word_of_the_engine_s_worker(tmp_path):
    log = tmp_path / "logs" / "worker.log"
    done = eemt_worker(
        tmp_path, "--manager", f"127.0.0.1:{free_port()}", *SMALL, *ONCE, "-v", "--log-file", log
    )
    text = log.read_text()
    assert "engine: " in text
    assert "starting /usr" in text
    assert "no manager was reached in 1 attempts" in text
    assert done.stderr.count("no manager was reached in 1 attempts") == 1


def test_the_command_line_goes_before_the_environment_and_that_before_the_file(tmp_path):
    file = tmp_path / "eemt" / "worker.conf"
    file.parent.mkdir()
    file.write_text(f"[worker]\nmaster_host = 127.0.0.1\nmaster_port = {free_port()}\ncores = 2\n")
    given = ("--memory", "100M", "--disk", "100M", "--dry-run")
    variables = {"XDG_CONFIG_HOME": str(tmp_path)}
    three = "a.invalid:1,b.invalid:2 c.invalid"
    done = eemt_worker(tmp_path, *given, EEMT_MANAGER=three, **variables)
    assert "a.invalid:1;b.invalid:2;c.invalid:9123" in done.stdout
    for arguments, cores in (((), 2), ((), 3), ((), 4), (("--cores", "5"), 5)):
        done = eemt_worker(tmp_path, *given, *arguments, **variables)
        assert f"sizes: {cores} cores" in done.stdout, done.stderr
        name = {2: "WORKER_CORES", 3: "EEMT_CORES", 4: "EEMT_DISK"}.get(cores, "EEMT_MEMORY")
        variables[name] = str(cores + 1)
    assert "100 MB of disk" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "name a manager: --manager-host HOST"),
        (("--project", "Peaks"), "--project needs --catalog HOST:PORT: no public catalog"),
        (("--project", "P", "--catalog", "c", "--manager", "m"), "only one of these"),
        (("--manager-file", "f", "--manager", "m"), "only one of these"),
        (("--manager-host", "m", "--memory", "8Q"), "'8Q' is no size: write 8G"),
        (("--manager-host", "m", "--cores", "0"), "'0' is no number of cores"),
        (("--manager-host", "m", "--manager-port", "70000"), "'70000' is no port"),
        (("--manager-host", "a/b"), "'a/b' is no address: write HOST or HOST:PORT"),
        (("--manager", "m:x"), "'x' is no port"),
        (("--manager-host", "m", "--wall-time", "soon"), "'soon' is no duration"),
        (("--manager-host", "m", "--config", "nowhere.conf"), "nowhere.conf cannot be read"),
        (("--manager-host", "m", "--password-file", "nowhere"), "nowhere cannot be read"),
        (("--manager-host", "m", "--log-file", "/dev/null/log"), "/dev/null/log cannot be written"),
        (("--manager-host", "m", "-q", "-v"), "give -q or -v, not both"),
    ],
)
def test_a_bad_option_ends_with_one_sentence(tmp_path, arguments, sentence):
    done = eemt_worker(tmp_path, *arguments)
    assert done.returncode == 2, done.stderr
    assert re.search(sentence, done.stderr), done.stderr
    assert done.stderr.count("Error: ") == 1
    assert "Traceback" not in done.stderr


def test_more_disk_than_there_is_and_a_folder_that_cannot_be_are_refused(tmp_path):
    (tmp_path / "file").write_text("")
    for arguments, sentence in (
        (("--disk", "4000T"), "that are free in"),
        (("--work-dir", tmp_path / "file" / "under"), "cannot be written"),
    ):
        done = eemt_worker(tmp_path, "--manager-host", "127.0.0.1", *arguments)
        assert done.returncode == 4
        assert sentence in done.stderr
