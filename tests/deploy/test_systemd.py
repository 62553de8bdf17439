"""Units in a real systemd: workers and a manager as services give the maps of one machine."""

import json
import os
import shutil
import signal
import socket
import sys
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from clusters import MIDDLING, SHORT, manager, wait_for
from eemt_core.journal import read_status
from eemt_core.sizes import Address
from eemt_core.submit.order import Order, Workers
from eemt_core.submit.targets import TARGETS
from free_ports import free_port
from orders import password_file
from prometheus import of_run
from runs import assert_same_maps, eemt_run
from stopped_tasks import TASK, one_stopped, stop_one
from systemd_host import SystemdHost

ROOT = Path(__file__).parents[2]
UNITS = {
    "eemt-run@.service": ROOT / "docs" / "deploy" / "eemt-run@.service",
    "eemt-status@.service": ROOT / "docs" / "deploy" / "eemt-status@.service",
    "eemt-web.service": ROOT / "docs" / "web" / "eemt-web.service",
}
PROGRAMS = Path(sys.executable).parent
SECRET = "secret of ours"
WORKERS = ("eemt-worker@1", "eemt-worker@2")
# units see nothing in homes, where this Python and this repository may lie
SEEN = ("ProtectHome=tmpfs", f"BindReadOnlyPaths={sys.base_prefix} {ROOT}")
# a worker tries for a minute whether a manager is there; here for two seconds
LEAVES_SOON = ("Environment=EEMT_RECONNECT_ATTEMPTS=2 EEMT_RECONNECT_DELAY=1", "RestartSec=1")


@pytest.fixture(scope="module")
def host():
    with SystemdHost() as host:
        yield host


@contextmanager
def workers(host, port, password):
    """Two services that work for a manager on this machine."""
    address = Address(socket.gethostname(), port)
    work = Workers(2, (address,), password_file=password)
    order = Order(work, cores=1, memory_mb=1500, programs=PROGRAMS)
    text = TARGETS["systemd"].render(order)
    host.add("eemt-worker@.service", text, *SEEN, *LEAVES_SOON)
    host.systemctl("start", *WORKERS)
    try:
        yield
    finally:
        host.systemctl("stop", *WORKERS)
        host.systemctl("reset-failed")


def documented(host, name, folder, *settings):
    """Add a unit of the documentation, with other folders and an account that is here."""
    text = UNITS[name].read_text()
    for old, new in (
        ("/opt/eemt/bin", str(PROGRAMS)),
        ("/srv/eemt", str(folder)),
        ("/etc/eemt", str(folder)),
        ("/var/lib/prometheus/node-exporter", str(folder)),
        ("User=eemt", "User=daemon"),
        ("User=prometheus", "User=daemon"),
        ("Groups=eemt", "Groups=daemon"),
    ):
        text = text.replace(old, new)
    host.add(name, text, *SEEN, *settings)


@pytest.fixture
def place(host, tmp_path):
    """A folder of the account under which services run."""
    folder = host.folder / tmp_path.name
    folder.mkdir(mode=0o755)
    os.chown(folder, 1, 1)
    return folder


def tiles_of(host, unit):
    """Processes of the tiles that a worker works on."""
    return [pid for pid, (command, _) in host.processes(unit).items() if TASK in command]


def test_workers_come_back_for_each_run_and_end_in_order(host, dem, local, tmp_path):
    password, port = password_file(tmp_path), free_port()
    with workers(host, port, password):
        for name in ("first", "second"):
            options = (*SHORT, "--password-file", password)
            with manager(dem, tmp_path / name, *options, port=port) as run:
                run.ends()
            assert_same_maps(local, tmp_path / name)
        for unit in WORKERS:
            wait_for(lambda u=unit: host.show(u, "NRestarts") != "0", what="it to look again")
            running = wait_for(lambda u=unit: host.processes(u), what="its processes")
            shown = f"{running}{host.said(f'{unit}.service')}{host.systemctl('show', unit)}"
            assert SECRET not in shown
            host.systemctl("stop", unit)
            assert host.show(unit, "ActiveState") == "inactive"
            assert host.processes(unit) == {}


PROBE = f"""#!{sys.executable}
import ctypes, json, os, socket

def works(attempt):
    try:
        return attempt() is not False
    except OSError:
        return False

def writes(folder):
    return works(lambda: open(folder + "/probe", "w"))

given = os.environ["CREDENTIALS_DIRECTORY"] + "/password"
print(json.dumps(dict(
    user=os.getuid(),
    password=open(given).read(),
    others=[n for n in os.listdir("/proc") if n.isdigit() and int(n) != os.getpid()],
    writes=[f for f in ("/", "/etc", "/usr", "/var", "/run", "{ROOT}") if writes(f)],
    writes_own=writes("/tmp") and writes("/var/tmp"),
    leaves=works(lambda: ctypes.CDLL(None).unshare(0x10000000) == 0),
    sniffs=works(lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW)),
    becomes_root=works(lambda: os.setuid(0)),
)))
"""


def test_a_worker_may_do_little(host, tmp_path):
    """What stands in its place tries."""
    program = host.folder / "probe" / "eemt-worker"
    program.parent.mkdir()
    program.write_text(PROBE)
    program.chmod(0o755)
    address = Address("node1.example", 9123)
    work = Workers(1, (address,), password_file=password_file(tmp_path))
    text = TARGETS["systemd"].render(Order(work, name="probe", programs=program.parent))
    seen = f"BindReadOnlyPaths={program.parent}"
    host.add("probe-worker@.service", text, *SEEN, seen, "Restart=no")
    host.systemctl("start", "probe-worker@1")
    host.wait_for("probe-worker@1", "inactive")
    told = json.loads(host.said("probe-worker@1.service"))
    assert told.pop("user") not in (0, os.getuid())
    assert told.pop("password").startswith(SECRET)
    assert told == {
        "others": [], "writes": [], "writes_own": True,
        "leaves": False, "sniffs": False, "becomes_root": False,
    }  # fmt: skip


def test_a_wrong_password_is_not_tried_again(host, dem, tmp_path):
    ours, theirs = password_file(tmp_path, "ours"), password_file(tmp_path, "theirs")
    theirs.write_text("another\n")
    options = (*SHORT, "--password-file", theirs)
    with manager(dem, tmp_path / "out", *options) as run, workers(host, run.port(), ours):
        host.wait_for(WORKERS[0], "failed")
        assert (host.show(WORKERS[0], "ExecMainStatus"), host.show(WORKERS[0], "NRestarts")) == (
            "2", "0",
        )  # fmt: skip
    assert "password" in host.said(f"{WORKERS[0]}.service")


def test_services_that_are_killed_go_on_and_give_the_maps_of_one_machine(
    host, dem, place, tmp_path
):
    """Manager and workers as services, one of each killed in mid-tile."""
    local = eemt_run(dem, "-o", tmp_path / "local", *MIDDLING)
    assert local.returncode == 0, local.stderr
    port, password = free_port(), password_file(tmp_path)
    own = password_file(place, "password")
    os.chown(own, 1, 1)
    (place / "dem.tif").write_bytes(dem.read_bytes())
    asked = eemt_run(
        place / "dem.tif", "-o", place / "maps", *MIDDLING,
        "--manager-port", port, "--password-file", own, "--print-request",
    )  # fmt: skip
    (place / "canyon.json").write_text(asked.stdout)
    documented(host, "eemt-run@.service", place, f"BindPaths={place}", "RestartSec=1")
    with workers(host, port, password):
        host.systemctl("start", "eemt-run@canyon")
        with one_stopped(lambda: tiles_of(host, WORKERS[0]), "a tile of one worker"):
            stop_one(lambda: tiles_of(host, WORKERS[1]), "a tile of the other")
            os.kill(host.main(WORKERS[0]), signal.SIGKILL)
        os.kill(host.main("eemt-run@canyon"), signal.SIGKILL)
        wait_for(lambda: host.show("eemt-run@canyon", "NRestarts") == "1", what="it to start again")
        ended = ("inactive", "failed")
        wait_for(lambda: host.show("eemt-run@canyon", "ActiveState") in ended, what="its end")
        said = host.said("eemt-run@canyon.service")
        assert host.show("eemt-run@canyon", "ActiveState") == "inactive", said
    status = read_status(place / "maps")
    assert (status.run.state, status.run.number) == ("finished", 2)
    assert json.loads((place / "maps" / "run.json").read_text())["maps"]
    assert_same_maps(tmp_path / "local", place / "maps")


def test_a_runs_figures_are_written_by_a_service_that_ends_with_it(host, local, place):
    """Nothing is there at first: it tries again until the run has begun."""
    documented(host, "eemt-status@.service", place, f"BindPaths={place}", "RestartSec=1")
    host.systemctl("start", "eemt-status@canyon")
    wait_for(lambda: host.show("eemt-status@canyon", "NRestarts") != "0", what="a second try")
    shutil.copytree(local, place / "copied")
    (place / "copied").rename(place / "canyon")
    host.wait_for("eemt-status@canyon", "inactive")
    found = of_run((place / "eemt-canyon.prom").read_text(), str(place / "canyon"))
    assert found["eemt_run_state", "finished"] == 1
    assert (place / "eemt-canyon.prom").stat().st_mode & 0o777 == 0o644


def test_the_pages_unit_serves_it(host, place):
    port = free_port()
    # systemd makes the folder's parent in its sight, as the example's is one of the system
    documented(
        host, "eemt-web.service", place, f"Environment=EEMT_DATA={place}/data EEMT_PORT={port}"
    )
    host.systemctl("start", "eemt-web")

    def answer():
        try:
            return httpx.get(f"http://127.0.0.1:{port}/health").json()["status"]
        except httpx.TransportError:
            assert host.show("eemt-web", "ActiveState") == "active", host.said("eemt-web.service")
            return ""

    assert wait_for(answer, what="the page") == "healthy"
    host.systemctl("stop", "eemt-web")
    assert (host.show("eemt-web", "ActiveState"), host.show("eemt-web", "Result")) == (
        "inactive", "success",
    )  # fmt: skip


def test_every_word_reaches_the_command_as_it_was_given(host, tmp_path):
    """Of a project's name, all but the letters mean something to systemd."""
    project = "a 'b' \"c\" $HOME ${HOME} `d` \\ * 50% %i \\x20 ; é"
    recorder = host.folder / "bin" / "eemt-worker"
    recorder.parent.mkdir()
    told = host.folder / "told.json"
    recorder.write_text(
        f"#!{sys.executable}\nimport json, sys\njson.dump(sys.argv[1:], open({str(told)!r}, 'w'))\n"
    )
    recorder.chmod(0o755)
    work = Workers(1, (), project, Address("node1.example", 9097))
    order = Order(work, name="recorder", programs=recorder.parent)
    plain = "DynamicUser=no", "PrivateTmp=no", "ProtectSystem=no", "ProtectHome=no", "Restart=no"
    host.add("recorder-worker@.service", TARGETS["systemd"].render(order), *plain)
    host.systemctl("start", "recorder-worker@1")
    host.wait_for("recorder-worker@1", "inactive")
    assert json.loads(told.read_text())[:4] == [
        "--project", project, "--catalog", "node1.example:9097",
    ]  # fmt: skip
