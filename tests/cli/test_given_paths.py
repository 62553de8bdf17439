"""A path counts from the folder in which it was given, whichever process opens it in the end."""

import json
import subprocess
import sys
from pathlib import Path

import click
import pytest

from eemt_core.cli import run, status, web, worker
from eemt_core.cli.options import GivenPath, Linke, PathName
from eemt_core.cli.request_file import _FIELDS
from eemt_workers import environment

COMMANDS = {
    "eemt-run": run.command,
    "eemt-status": status.command,
    "eemt-web": web.command,
    "eemt-worker": worker.command,
}


@pytest.mark.parametrize("name", COMMANDS)
def test_an_option_s_path_is_absolute_from_where_it_was_given(name, tmp_path, monkeypatch):
    """Those of a request stand in it as they were given: it is read in the manager's folder."""
    monkeypatch.chdir(tmp_path)
    paths = [p for p in COMMANDS[name].params if isinstance(p.type, PathName)]
    kept = [p.name for p in paths if p.name in _FIELDS and name == "eemt-run"]
    for parameter in paths:
        if parameter.name not in kept:
            assert isinstance(parameter.type, GivenPath), parameter.name
            found = parameter.type.convert("some/file", parameter, click.Context(COMMANDS[name]))
            assert found == tmp_path / "some/file", parameter.name
    assert len(paths) > len(kept)


def printed_request(folder, *arguments):
    """The request that options make in a folder."""
    code = "from eemt_core.cli.run import main; main()"
    done = subprocess.run(
        [sys.executable, "-P", "-c", code, "--demo", "-o", "out", *arguments, "--print-request"],
        cwd=folder, env=environment(folder), capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_what_other_processes_open_stands_in_a_request_by_its_whole_name(tmp_path):
    conf = tmp_path / "conf"
    conf.mkdir()
    (conf / "master.conf").write_text(
        "[master]\nport = 9123\n"
        "[security]\npassword_file = pw\nssl_cert = a/c.pem\nssl_key = ../k.pem\n"
    )
    start = tmp_path / "start"
    start.mkdir()
    found = printed_request(start, "--config", "../conf/master.conf")
    assert found["out"] == "out"
    cluster = found["cluster"]
    names = [cluster["password_file"], *cluster["tls"]]
    assert all(Path(name).is_absolute() for name in names)
    places = [Path(name).resolve() for name in names]
    assert places == [conf / "pw", tmp_path / "k.pem", conf / "a/c.pem"]
    options = ("--manager-port", "0", "--password-file", "pw", "--runtime", "container")
    cluster = printed_request(
        start, *options, "--image", "eemt.sif", "--ssl-cert", "../c.pem", "--ssl-key", "k.pem"
    )["cluster"]
    assert cluster["password_file"] == str(start / "pw")
    assert cluster["image"] == str(start / "eemt.sif")
    assert cluster["tls"] == [str(start / "k.pem"), f"{start}/../c.pem"]


def test_a_worker_s_files_count_from_where_they_were_given(tmp_path):
    conf, start = tmp_path / "conf", tmp_path / "start"
    conf.mkdir()
    start.mkdir()
    (conf / "worker.conf").write_text(
        "[worker]\nmanager_host = 127.0.0.1\n[security]\npassword_file = none\n"
        "[logging]\nfile = log/worker.log\n"
    )
    command = [sys.executable, "-P", "-m", "eemt_core.cli.worker"]
    command += ["--config", str(conf / "worker.conf")]
    for options, file in (((), conf / "none"), (("--password-file", "pw"), start / "pw")):
        done = subprocess.run(
            [*command, *options],
            cwd=start, env=environment(tmp_path), capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert done.returncode == 2
        assert f"the password file {file} cannot be read" in done.stderr
    assert (conf / "log/worker.log").exists()


@pytest.mark.parametrize("name", ["s3://maps/linke.tif", "/vsis3/maps/linke.tif"])
def test_an_input_may_lie_in_an_object_store_and_nothing_else(name):
    assert Linke().convert(name, None, None) == Path(name)
    assert PathName(is_input=True).convert(name, None, None) == Path(name)
    with pytest.raises(click.BadParameter, match=f"{name} lies on another machine"):
        GivenPath().convert(name, None, None)
