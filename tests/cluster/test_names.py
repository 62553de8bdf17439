"""Names with shell syntax are never interpreted by a shell, and stop no worker."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from clusters import SHORT
from eemt_core.worker.folder import PREFIX
from eemt_workers import SMALL, EemtWorker, joined, wait_until
from runs import PROGRAM, assert_same_maps, eemt_run
from sandboxes import EVIL, obeyed
from work_queue_manager import WorkQueueManager, processes_of

pytestmark = pytest.mark.slow


def test_a_run_and_its_workers_live_with_any_name(dem, local, tmp_path):
    out, scratch = tmp_path / EVIL / "out", tmp_path / f"t {EVIL}"
    scratch.mkdir()
    password = tmp_path / f"p {EVIL}"
    password.write_text("a secret\n")
    options = ("--manager-port", "0", "--workers", "1", "--runtime", "wheel")
    done = eemt_run(
        dem, "-o", out, *SHORT, *options, "--password-file", password.name,
        env={"TMPDIR": str(scratch)}, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert_same_maps(local, out)
    assert obeyed(tmp_path, Path.cwd()) == []


def test_a_long_name_of_out_is_one_that_works_or_one_that_is_refused(dem, local, tmp_path):
    longest = 480 - len(str(tmp_path))
    out = tmp_path.joinpath(*["x" * 99] * (longest // 100), "x" * (longest % 100 - 1))
    done = eemt_run(dem, "-o", out, *SHORT, "--workers", "1")
    assert done.returncode == 0, done.stderr
    assert_same_maps(local, out)
    done = eemt_run(dem, "-o", f"{out}x", *SHORT, "--workers", "1")
    assert done.returncode == 2
    assert "481 bytes from the root on, and its journal can be opened with 480" in done.stderr


@pytest.mark.parametrize("way", ["--work-dir", "link", "TMPDIR"])
def test_a_worker_never_works_where_a_shell_would_obey_the_name(tmp_path, way):
    evil = tmp_path / EVIL
    evil.mkdir()
    (tmp_path / "link").symlink_to(evil)
    given = {"--work-dir": ("--work-dir", evil), "link": ("--work-dir", tmp_path / "link")}
    scratch = {"TMPDIR": str(evil), "TMP": str(tmp_path)}
    with (
        WorkQueueManager("pwd") as server,
        EemtWorker(
            tmp_path, "--manager", server.address, *SMALL, *given.get(way, ()), **scratch
        ) as worker,
    ):
        server.wait_until(lambda m: m.outputs)
        assert server.outputs[0].startswith(f"{tmp_path}/{PREFIX}")
        assert "Work Queue's worker hands its folder's name to a shell" in worker.told
        worker.process.kill()
        worker.end()
        wait_until(lambda: not processes_of(tmp_path))
    assert obeyed(tmp_path, Path.cwd()) == []
    assert list(evil.iterdir()) == []
    # a worker with the same settings finds the folder that the killed one left
    left = list(tmp_path.glob(f"{PREFIX}*"))
    assert len(left) == 1
    with (
        WorkQueueManager() as server,
        EemtWorker(
            tmp_path, "--manager", server.address, *SMALL, *given.get(way, ()), **scratch
        ) as worker,
    ):
        worker.wait_for("left by a worker that was killed")
        server.wait_until(joined)
        worker.process.send_signal(signal.SIGTERM)
        worker.end()
    assert list(tmp_path.glob(f"{PREFIX}*")) == []


def test_a_machine_without_a_plain_folder_says_so(tmp_path):
    """Commands run in a mount namespace in which /tmp and /var/tmp are read-only too."""
    evil = tmp_path / EVIL
    evil.mkdir()
    close = "for d in /tmp /var/tmp; do mount -t tmpfs -o ro none $d; done"
    keep = f"mkdir -p /mnt/kept && mount --bind '{tmp_path}' /mnt/kept"
    user = ["--user", "--map-root-user"] if os.geteuid() else []
    command = [sys.executable, "-P", "-m", "eemt_core.cli.worker", "--manager", "127.0.0.1:9"]
    done = subprocess.run(
        ["unshare", *user, "--mount", "sh", "-ec", f'{keep}; {close}; exec "$@"', "sh", *command,
         "--work-dir", f"/mnt/kept/{EVIL}", *SMALL],
        env={**os.environ, "TMPDIR": f"/mnt/kept/{EVIL}", "HOME": "/"},
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 4, done.stderr
    assert "name a folder of letters, digits and hyphens" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_run_whose_own_workers_cannot_start_says_why_and_ends(dem, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    done = eemt_run(dem, "-o", tmp_path / "out", *SHORT, "--workers", "2", env={"PATH": str(empty)})
    assert done.returncode == 4, done.stderr
    words = (
        "workers of this machine ended as soon as they began: work_queue_worker is not installed"
    )
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_run_says_what_ended_its_workers_where_the_engine_s_end_without_a_word(dem, tmp_path):
    """With a shell that does nothing, Work Queue's worker gives up before it connects."""
    user = ["--user", "--map-root-user"] if os.geteuid() else []
    inside = 'mount --bind /bin/false "$(readlink -f /bin/sh)"; exec "$@"'
    prefix = ["unshare", *user, "--mount", "sh", "-ec", inside, "sh"]
    command = [*prefix, *PROGRAM, dem, "-o", tmp_path / "out", *SHORT, "--workers", "1"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 4, done.stderr
    assert "work_queue_worker ends before it calls any manager" in done.stderr
    assert f"write and start programs in {tmp_path}" in done.stderr


def test_certificates_and_password_lie_where_they_were_named(tmp_path):
    """Relative paths refer to the configuration file's folder, or to the current folder."""
    code = (
        "import json, sys; from pathlib import Path; from eemt_core.cli.run import command;"
        "from eemt_core.cli.cluster import cluster_request as ask;"
        "ctx = command.make_context('eemt-run', sys.argv[1:], auto_envvar_prefix='EEMT');"
        "found = ask(ctx.params);"
        "print(json.dumps([str(found.tls[0]), str(found.tls[1]), str(found.password_file)]))"
    )
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "m.conf").write_text(
        "[master]\nport = 9123\n"
        "[security]\nssl_cert = c.pem\nssl_key = keys/k.pem\npassword_file = ../p\n"
    )
    here, conf = tmp_path, tmp_path / "conf"
    line = ["d.tif", "-o", "o", "--manager-port", "0", "--ssl-cert", "c", "--ssl-key", "k"]
    named = {"EEMT_PASSWORD_FILE": "../p", "EEMT_SSL_CERT": "c"}
    for arguments, variables, expected in (
        ([*line, "--password-file", "p"], {}, [here / "k", here / "c", here / "p"]),
        (["d.tif", "-o", "o", "--config", "conf/m.conf"], {},
         [conf / "keys/k.pem", conf / "c.pem", conf / "../p"]),
        ([*line[:5], "--ssl-key", "k"], named, [here / "k", here / "c", here / "../p"]),
    ):  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            env={**os.environ, **variables},
        )
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout) == [str(path) for path in expected]


def test_a_certificate_that_is_not_there_is_named(dem, tmp_path):
    done = eemt_run(
        dem, "-o", tmp_path / "out", *SHORT, "--manager-port", "0", "--ssl-cert", "c.pem",
        "--ssl-key", "k.pem", cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 2
    assert f"{tmp_path / 'k.pem'} cannot be read (No such file or directory)" in done.stderr
