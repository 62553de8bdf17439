"""What eemt-submit writes for compose, kept by podman-compose: a page and its workers."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from asked_page import assert_page_computes
from built_image import IMAGE
from clusters import wait_for
from eemt_submits import eemt_submit
from orders import password_file
from web_service import cheap_password

COMPOSE = Path(sys.executable).parent / "podman-compose"
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
            timeout=300,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    yield compose
    built.remove_containers()


def test_a_page_and_its_workers_give_the_maps_of_one_machine(built, compose, tmp_path):
    compose("--profile", "distributed", "up", "--detach")
    names = ("eemt_web_1", "eemt_worker_1", "eemt_worker_2")
    assert sorted(built.run("ps", "--format", "{{.Names}}").split()) == sorted(names)
    for name in names:
        # no service looks for it here
        check = ("healthcheck", "run", name)
        wait_for(lambda check=check: built.tries(*check), 300, f"{name}: {built.logs(name)}")
    assert_page_computes(built, names[0], tmp_path)
    assert "working for the manager at web:" in built.logs(names[1]) + built.logs(names[2])
    for name in names:
        assert "secret of ours" not in built.logs(name) + built.run("inspect", name)
