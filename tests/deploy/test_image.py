"""The image of the Containerfile: manager and workers in containers that may do nothing else."""

import re

import pytest

from built_image import IMAGE
from clusters import ENDLESS, SHORT, wait_for
from orders import password_file
from podman import Podman
from runs import assert_same_maps

CONFINED = (
    "--read-only", "--cap-drop", "all", "--security-opt", "no-new-privileges", "--memory", "1500m",
)  # fmt: skip
MANAGER = ("--manager-port", "9123", "--password-file", "/password")
WORKER = (
    "eemt-worker", "--manager-host", "localhost", "--password-file", "/password",
    "--cores", "1", "--memory", "500M", "--disk", "500M",
    "--reconnect-delay", "1", "--reconnect-attempts", "60",
)  # fmt: skip


@pytest.fixture
def start(built, dem, tmp_path):
    """Starts a container with the DEM and the password; all are gone at the end."""
    password = password_file(tmp_path)

    def start(name, network, *command):
        built.run(
            *("run", "--detach", "--name", name, "--network", network, *CONFINED),
            *("--volume", f"{password}:/password:ro,U"),  # U: its owner is who runs there
            *("--volume", f"{dem}:/dem.tif:ro", "--volume", f"{name}:/data", IMAGE, *command),
        )
        return name

    yield start
    built.remove_containers()


def status(podman, container):
    """What the kernel says of a container's first process."""
    text = podman.run("exec", container, "cat", "/proc/1/status")
    return dict(re.findall(r"^(\w+):\s*(.*)$", text, re.MULTILINE))


def test_workers_and_manager_without_rights_give_the_maps_of_one_machine(
    built, start, local, tmp_path
):
    manager = start(
        "manager", "none", "eemt-run", "/dem.tif", "-o", "/data/out", *SHORT, *MANAGER, "-v"
    )
    wait_for(lambda: "Waiting for workers" in built.logs(manager), what="the manager")
    built.run("kill", "--signal", "STOP", manager)  # until all has been looked at
    workers = [start(f"worker-{n}", f"container:{manager}", *WORKER) for n in (1, 2)]
    for name in workers:
        wait_for(lambda n=name: "working for the manager" in built.logs(n), what="a worker")
    for name in (manager, *workers):
        told = status(built, name)
        assert told["Uid"].split() == ["10001"] * 4
        assert int(told["CapBnd"], 16) == int(told["CapEff"], 16) == 0
        assert told["NoNewPrivs"] == "1"
        built.run("exec", name, "touch", "/usr/mark", code=1)
    built.run("kill", "--signal", "CONT", manager)
    assert built.run("wait", manager) == "0", built.logs(manager)
    built.run("cp", f"{manager}:/data/out", tmp_path / "out")
    assert_same_maps(local, tmp_path / "out")
    for name in workers:
        assert "offering 1 cores, 500 MB of memory" in built.logs(name)
        assert "secret of ours" not in built.logs(name)


def test_containers_that_are_stopped_end_in_order(built, start):
    """As the first process of its container each hears the signal, and needs no init."""
    manager = start(
        "manager", "none", "eemt-run", "/dem.tif", "-o", "/data/out", *ENDLESS, *MANAGER
    )
    worker = start("worker", f"container:{manager}", *WORKER)
    wait_for(lambda: "working for the manager" in built.logs(worker))
    for name in (worker, manager):
        built.run("stop", "--time", "120", name)
        assert built.run("inspect", "--format", "{{.State.ExitCode}}", name) == "143"
    assert "--resume" in built.logs(manager)


def test_the_image_travels_as_a_file(built):
    """To a machine that reaches no registry, whose podman has never seen it."""
    archive = built.folder / "eemt-core.tar"
    built.run("save", "--quiet", "--output", archive, IMAGE)
    with Podman() as there:
        there.run("load", "--quiet", "--input", archive)
        archive.unlink()
        said = there.run(
            "run", "--rm", "--network", "none", *CONFINED, IMAGE, "eemt-worker", "--version"
        )
        assert said.startswith("eemt-core ")
