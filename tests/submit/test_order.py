"""An order that cannot be is refused when it is made, by one sentence with a remedy."""

from dataclasses import replace
from pathlib import Path

import pytest

from eemt_core.errors import ArgumentError, InputError
from eemt_core.sizes import Address, parse_mb_with_unit
from eemt_core.submit.order import Order, Tiles, Workers
from eemt_core.submit.run_in_job import RunInJob
from eemt_core.submit.targets import SCRIPT_TARGETS, TARGETS
from orders import MANAGER, exported, orders, password_file

PLAIN = Order(Workers(1, (MANAGER,)))


def test_jobs_are_as_many_as_workers_or_chunks(tmp_path):
    tiles = exported(tmp_path, count=10)
    assert replace(PLAIN, work=Workers(7, (MANAGER,))).jobs == 7
    assert [Order(Tiles(tiles, each)).jobs for each in (1, 3, 5, 10, 99)] == [10, 4, 2, 1, 1]


@pytest.mark.parametrize("host", [
    "localhost", "LocalHost", "127.0.0.1", "127.1.2.3", "localhost.localdomain", "localhost.",
    "localhost6", "ip6-localhost", "0.0.0.0", "0",
])  # fmt: skip
def test_a_manager_that_each_machine_takes_for_itself_is_refused(host):
    with pytest.raises(ArgumentError, match="the machine that the job runs on: give manager"):
        Workers(1, (Address(host, 9123),))
    with pytest.raises(ArgumentError, match="give catalog under the name"):
        Workers(1, (), "jacksboro", Address(host, 9097))


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, "workers need a manager"),
        ({"managers": (MANAGER,), "project": "p", "catalog": MANAGER}, "give either"),
        ({"project": "p"}, "give project and catalog together"),
        ({"managers": (MANAGER,), "catalog": MANAGER}, "give project and catalog together"),
        ({"managers": (MANAGER,), "count": 0}, "give 1 to"),
        ({"project": "a\nb", "catalog": MANAGER}, "without line breaks"),
        ({"managers": (MANAGER,), "password_file": Path("/no/file")}, "cannot be read"),
    ],
)
def test_workers_have_somebody_to_work_for(given, sentence):
    with pytest.raises(ArgumentError, match=sentence):
        Workers(**given)


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_a_password_that_others_can_read_is_refused(tmp_path, mode):
    path = password_file(tmp_path, mode=mode)
    with pytest.raises(ArgumentError, match=f"can be read by others: chmod 600 {path}"):
        Workers(1, (MANAGER,), password_file=path)


def test_a_run_in_a_job_is_refused_where_it_could_not_be(tmp_path):
    run = RunInJob(tmp_path / "out", ("dem.tif",), tmp_path, 4)
    assert replace(PLAIN, work=run).jobs == 4
    with pytest.raises(ArgumentError, match="a container does not see the run's files"):
        replace(PLAIN, work=run, runtime="podman", image="eemt")
    for target in ("htcondor", "systemd"):
        for work in (run, Workers(1, manager_file=tmp_path / "manager.json")):
            order = replace(PLAIN, work=work)
            with pytest.raises(ArgumentError, match=f"{target} shows its jobs no folder of a run"):
                TARGETS[target].render(order)
    for wrong in ({"out": Path("out")}, {"arguments": ("a\nb",)}, {"count": 0}):
        with pytest.raises(ArgumentError):
            replace(run, **wrong)
    with pytest.raises(ArgumentError, match="can be read by others"):
        replace(run, password_file=password_file(tmp_path, mode=0o644))


def test_a_folder_without_exported_tiles_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"is no list of tiles: give the folder that export_tiles"):
        Tiles(tmp_path)
    with pytest.raises(ArgumentError, match="write tiles as a path from / on"):
        Tiles(Path("tiles"))


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"runtime": "podman"}, "runtime podman needs an image: name it with image"),
        ({"runtime": "wheel"}, "runtime wheel needs a wheel: name it with wheel"),
        ({"image": "eemt:1"}, "runtime installed has no image: leave image out"),
        ({"runtime": "apptainer", "image": "/no/eemt.sif"}, "there is no file /no/eemt.sif"),
        ({"runtime": "docker", "image": "/no/eemt.sif"}, "docker cannot run /no/eemt.sif"),
        ({"runtime": "docker", "image": "a b"}, "'a b' is no image"),
        ({"runtime": "wheel", "wheel": Path("/no.whl")}, "there is no file /no.whl"),
        ({"account": "a\nb"}, "write account without line breaks"),
        ({"setup": ("module load x\nrm -r y",)}, "write setup without line breaks"),
        ({"extra_directives": ("--a\r--b",)}, "write extra_directive without line breaks"),
        ({"name": "a/b"}, "write name without slashes"),
        ({"name": "é" * 101}, "write name without slashes, in 200 bytes at most"),
        ({"cores": 0}, "0 is no number of cores"),
        ({"log_folder": Path("logs")}, "write log_dir as a path from / on"),
    ],
)
def test_what_does_not_fit_together_or_into_a_script_is_refused(given, sentence):
    with pytest.raises(ArgumentError, match=sentence):
        replace(PLAIN, **given)


def test_a_path_that_would_split_a_mount_is_refused_for_containers_alone(tmp_path):
    folder = tmp_path / "a:b"
    folder.mkdir()
    work = Workers(1, (MANAGER,), password_file=password_file(folder))
    assert Order(work).runtime == "installed"
    with pytest.raises(ArgumentError, match="use a path without commas, colons"):
        Order(work, runtime="podman", image="eemt:1")


@pytest.mark.parametrize("text", ["8", " 8192 ", "1e3", "8.5"])
def test_a_size_without_a_unit_is_refused(text):
    with pytest.raises(ArgumentError, match="has no unit: write"):
        parse_mb_with_unit(text)


@pytest.mark.parametrize(
    ("target", "name", "line"),
    [
        ("slurm", "--nodes", "#SBATCH --nodes=1"),
        ("slurm", "nodes", "#SBATCH --nodes=1"),
        ("sge", "-l h_vmem", "#$ -l h_vmem=4096M"),
        ("pbs", "-j", "#PBS -j oe"),
        ("torque", "l mem", "#PBS -l mem=32768mb"),
        ("lsf", "-M", "#BSUB -M 32768MB"),
    ],
)
def test_a_directive_is_left_out_by_its_name_and_nothing_else(tmp_path, target, name, line):
    order = orders(tmp_path, target)["full"]
    lines = SCRIPT_TARGETS[target].render(order).splitlines()
    left = SCRIPT_TARGETS[target].render(replace(order, skipped_directives=(name,))).splitlines()
    assert [each for each in lines if each not in left] == [line]
    assert len(left) == len(lines) - 1
    with pytest.raises(ArgumentError, match="no directive is called 'node': skip one of -"):
        SCRIPT_TARGETS[target].render(replace(order, skipped_directives=("node",)))
