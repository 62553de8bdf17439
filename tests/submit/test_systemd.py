"""Units for workers: the recorded ones, judged by systemd's own programs."""

import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from eemt_core.errors import ArgumentError
from eemt_core.sizes import Address
from eemt_core.submit.order import Order, Tiles, Workers
from eemt_core.submit.targets import TARGETS
from eemt_core.submit.targets.systemd import unseen
from orders import MANAGER, exported, password_file

ROOT = Path(__file__).parents[2]
RECORDED = ROOT / "tests" / "data" / "systemd"
UNITS = sorted((ROOT / "docs" / "deploy").glob("*.service"))
PLAIN = Order(Workers(1, (MANAGER,)), programs=Path("/opt/eemt/bin"))
# In tenths; a service that may do all has 10. Left is what computing for others needs: the network,
# calls that ask for more of the machine, memory that is executed, the system's files to read.
MOST_EXPOSED = 12


def render(order):
    return TARGETS["systemd"].render(order)


def full(folder):
    password = password_file(folder)
    managers = (MANAGER, Address("node2.example", 9124))
    return replace(
        PLAIN,
        work=Workers(4, managers, password_file=password),
        cores=8,
        memory_mb=16384,
        disk_mb=50000,
        name="canyon",
        extra_directives=("Nice=10",),
        skipped_directives=("OOMPolicy",),
    )


def judge(*words, unit):
    done = subprocess.run(
        ["systemd-analyze", *words, unit], capture_output=True, text=True, timeout=60
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("name", ["eemt", "canyon"])
def test_every_unit_is_the_recorded_one(tmp_path, name):
    text = render({"eemt": lambda _: PLAIN, "canyon": full}[name](tmp_path))
    assert (
        text.replace(str(tmp_path), "/etc/eemt")
        == (RECORDED / f"{name}-worker@.service").read_text()
    )


@pytest.mark.parametrize("file", [*sorted(RECORDED.iterdir()), *UNITS], ids=lambda f: f.name)
def test_systemd_takes_a_unit_and_holds_it_to_little(file, tmp_path):
    text = re.sub(r"/opt/eemt/bin/eemt-\w+", "/bin/true", file.read_text())
    unit = tmp_path / file.name
    unit.write_text(re.sub(r"(User|Groups)=(eemt|prometheus)", r"\1=daemon", text))
    code, said = judge("verify", unit=unit)
    assert (code, file.name in said) == (0, False), said
    code, said = judge("security", "--offline=true", f"--threshold={MOST_EXPOSED}", unit=unit)
    assert code == 0, said


@pytest.mark.parametrize(
    "setting",
    ["CapabilityBoundingSet", "DynamicUser", "PrivateDevices", "ProtectHome", "ProtectProc",
     "RestrictAddressFamilies", "RestrictNamespaces", "SystemCallFilter"],
)  # fmt: skip
def test_a_setting_that_gets_lost_is_noticed(tmp_path, setting):
    unit = tmp_path / "eemt-worker@.service"
    text = render(replace(PLAIN, skipped_directives=(setting,)))
    unit.write_text(text.replace("/opt/eemt/bin/eemt-worker", "/bin/true"))
    code, _ = judge("security", "--offline=true", f"--threshold={MOST_EXPOSED}", unit=unit)
    assert code == 1


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"time_s": 3600}, "systemd knows nothing like time: leave time out"),
        ({"queue": "long"}, "systemd knows nothing like queue long"),
        ({"setup": ("module load x",)}, "systemd knows nothing like setup: leave setup out"),
        ({"runtime": "podman", "image": "eemt:1"}, "a unit of systemd runs what is installed"),
        ({"name": "a b"}, "cannot be in a unit's name"),
        ({"name": "a@b"}, "cannot be in a unit's name"),
        ({"work": Workers(2, (MANAGER,))}, "2 workers on one machine would each take all of it"),
        ({"programs": Path("/opt/$eemt")}, "systemd can start nothing in"),
        ({"skipped_directives": ("ExecStart",)}, "no setting that can be left out is called"),
        ({"skipped_directives": ("Private",)}, "no setting that can be left out is called"),
    ],
)
def test_what_a_unit_cannot_be_is_refused(given, sentence):
    with pytest.raises(ArgumentError, match=sentence):
        render(replace(PLAIN, **given))


@pytest.mark.parametrize(
    ("programs", "python", "skipped", "hidden"),
    [
        ("/opt/eemt/bin", "/usr", (), []),
        ("/home/ada/eemt/bin", "/usr", (), ["/home/ada/eemt/bin"]),
        ("/opt/eemt/bin", "/root/.pyenv/versions/3.11.7", (), ["/root/.pyenv/versions/3.11.7"]),
        ("/home/ada/eemt/bin", "/usr", ("ProtectHome",), []),
        ("/tmp/eemt/bin", "/usr", ("ProtectHome",), ["/tmp/eemt/bin"]),
        ("/tmp/eemt/bin", "/usr", ("PrivateTmp",), []),
    ],
)
def test_what_a_service_does_not_see_is_told(programs, python, skipped, hidden):
    order = replace(PLAIN, programs=Path(programs), skipped_directives=skipped)
    assert unseen(order, Path(python)) == list(map(Path, hidden))


def test_tiles_are_no_work_for_it(tmp_path):
    with pytest.raises(ArgumentError, match="has no arrays of jobs for tiles"):
        render(replace(PLAIN, work=Tiles(exported(tmp_path))))


def test_a_password_by_a_name_that_a_unit_cannot_hold_is_refused(hostile):
    work = Workers(1, (MANAGER,), password_file=hostile / "password")
    with pytest.raises(ArgumentError, match="give another password_file"):
        render(replace(PLAIN, work=work))
