"""One job says whether a compute node reaches the manager, in a real Slurm."""

import re
import socket
import subprocess

import pytest

from clusters import ENDLESS, manager
from eemt_submits import PROGRAM
from free_ports import free_port
from orders import password_file

pytestmark = pytest.mark.slow

SIZES = ("--cores", "1", "--memory", "500M")


def test_a_probe_says_what_is_right_or_wrong_and_what_to_do(slurm, dem, tmp_path):
    host, right = socket.gethostname(), password_file(tmp_path)
    wrong = password_file(tmp_path, "wrong")
    wrong.write_text("something else\n")
    with manager(dem, tmp_path / "out", *ENDLESS, "--password-file", right) as run:
        port, other = run.port(), free_port()
        asked = {
            "right": (f"{host}:{port}", right),
            "port": (f"{host}:{other}", right),
            "password": (f"{host}:{port}", wrong),
            "name": (f"no-such-host.invalid:{port}", right),
        }
        probes = {
            name: subprocess.Popen(
                [
                    *PROGRAM, "slurm", "--probe", "--manager", address, "--password-file", password,
                    *SIZES, "--log-dir", tmp_path / f"logs-{name}",
                ],
                env=slurm.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            )
            for name, (address, password) in asked.items()
        }  # fmt: skip
        said = {name: probe.communicate(timeout=120) for name, probe in probes.items()}
    refused = f"{host}:{other} cannot be reached (Connection refused): see whether the manager runs"
    sentences = {
        "right": (0, "reaches its manager: name, port, password and protocol are right."),
        "port": (3, f"would not work: {refused}"),
        "password": (2, f"would not work: the manager at {host}:{port} has another password"),
        "name": (3, "would not work: the name no-such-host.invalid cannot be resolved"),
    }
    for name, (code, sentence) in sentences.items():
        answer, progress = said[name]
        assert probes[name].returncode == code, said
        assert re.fullmatch(rf"A worker on \S+ {re.escape(sentence)}.*\n", answer), said
        assert re.search(r"Job \d+ has ended\.\n", progress)
        assert list((tmp_path / f"logs-{name}").iterdir()) == []


def test_a_probe_that_cannot_answer_says_what_its_job_wrote(slurm, tmp_path):
    done = subprocess.run(
        [
            *PROGRAM, "slurm", "--probe", "--manager", "login1:9123", *SIZES,
            "--setup", "echo no such module; exit 7", "--log-dir", tmp_path,
        ],
        env=slurm.environment, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 3
    assert re.fullmatch(
        r"Job \d+_1 has ended without an answer \(FAILED\); its output .*/eemt-probe-\d+_1\.log "
        r"ends with: no such module\n",
        done.stdout,
    )


def test_who_waits_no_longer_leaves_no_job(slurm, tmp_path):
    probe = subprocess.Popen(
        [
            *PROGRAM, "slurm", "--probe", "--manager", "login1:9123", *SIZES,
            "--extra-directive=--begin=now+1hour", "--log-dir", tmp_path,
        ],
        env=slurm.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        number = re.match(r"Job (\d+) waits", probe.stderr.readline())[1]
        probe.terminate()
        assert probe.wait(60) == 143
    finally:
        kill(probe)
    assert slurm.wait_for_end(number) == {1: "CANCELLED"}
    assert list(tmp_path.iterdir()) == []


def kill(process):
    process.kill()
    process.wait()
    process.stderr.close()
