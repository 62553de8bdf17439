"""What eemt-submit writes for compose, kept by podman-compose: a page and its workers."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from built_image import IMAGE
from clusters import wait_for
from eemt_submits import eemt_submit
from orders import password_file
from runs import assert_same_maps, eemt_run
from web_service import DEMO, PASSWORD, cheap_password

COMPOSE = Path(sys.executable).parent / "podman-compose"
CLIENT = Path(__file__).parents[1] / "support" / "page_client.py"
USER = 10001


@pytest.fixture
def compose(built, tmp_path):
    """Runs podman-compose with the file of a page and two workers; all are gone at the end."""
    passwords = (cheap_password(tmp_path / "page"), password_file(tmp_path))
    for path in passwords:
        os.chown(path, USER, USER)
    done = eemt_submit(
        "compose", "--web", "--web-password-file", passwords[0], "--password-file", passwords[1],
        "--workers", 2, "--cores", 1, "--memory", "1500M", "--image", IMAGE,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    file = tmp_path / "compose.yaml"
    file.write_text(done.stdout)

    def compose(*words):
        done = subprocess.run(
            [*built.prefix, COMPOSE, "-f", file, *words],
            env=built.environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    yield compose
    built.remove_containers()


def test_a_page_and_its_workers_give_the_maps_of_one_machine(built, compose, tmp_path):
    options = [word for name in ("days", "step") for word in (f"--{name}", DEMO[name])]
    local = eemt_run(
        "--demo", "--workflow", "sol", *options, "--no-pictures", "-o", tmp_path / "local"
    )
    assert local.returncode == 0, local.stderr
    compose("--profile", "distributed", "up", "--detach")
    names = ("eemt_web_1", "eemt_worker_1", "eemt_worker_2")
    assert sorted(built.run("ps", "--format", "{{.Names}}").split()) == sorted(names)
    for name in names:
        wait_for(lambda name=name: is_healthy(built, name), what=f"{name}: {built.logs(name)}")
    asked = subprocess.run(
        [*built.prefix, sys.executable, CLIENT, "http://127.0.0.1:5000", PASSWORD],
        env={**os.environ, "PYTHONPATH": str(CLIENT.parent)},
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert asked.returncode == 0, asked.stderr
    job = json.loads(asked.stdout)
    assert (job["status"], job["error_message"]) == ("completed", "")
    built.run("cp", f"{names[0]}:/data/results/{job['job_id']}/maps", tmp_path / "maps")
    assert_same_maps(tmp_path / "local", tmp_path / "maps")
    assert "working for the manager at web:" in built.logs(names[1]) + built.logs(names[2])
    for name in names:
        assert "secret of ours" not in built.logs(name) + built.run("inspect", name)


def is_healthy(podman, name):
    """Whether the check that the file describes succeeds, as no service looks for it here."""
    check = [*podman.prefix, "podman", "healthcheck", "run", name]
    return subprocess.run(check, env=podman.environment, capture_output=True).returncode == 0
