"""Settings of eemt-web: from the file, variables before it, options before these; wrong uses."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest

from eemt_core.cli.web import command, settings_of
from eemt_core.errors import ArgumentError, EemtError
from eemt_core.machine import usable_cores
from eemt_core.manager.request import ClusterRequest
from eemt_core.web import NEEDED
from eemt_core.web.service import Service
from eemt_core.web.settings import Retention, WebSettings, default_slots
from web_service import PROGRAM

FILE = """\
[web_interface]
enabled = true
port = 5001
host = ::1
slots = 2
password_file = page.password
tokens_file = page.tokens
server_names = lab.example, www.lab.example
trusted_proxy = 192.0.2.1
ssl_cert = cert.pem
ssl_key = key.pem

[storage]
data_dir = data
uploads_dir = uploads
climate_dir = climates
results_dir = /srv/results
largest_upload = 2G
most_uploads = 20
most_waiting = 30
least_free = 10G
clean_below = 20G
success_retention_days = 30
failed_retention_hours = 48
"""


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch, tmp_path):
    """Neither this machine's configuration nor its environment has a say."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "none"))
    for name in ("MASTER_PORT", "WORK_QUEUE_PORT", "WORK_QUEUE_PROJECT", "MAX_WORKERS"):
        monkeypatch.delenv(name, raising=False)


def settings(*arguments):
    context = command.make_context(
        "eemt-web", [str(a) for a in arguments], auto_envvar_prefix="EEMT"
    )
    return settings_of(context.params)


def sentence(error):
    return error.format_message() if isinstance(error, click.ClickException) else error.sentence


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "conf" / "master.conf"
    path.parent.mkdir()
    path.write_text(FILE)
    return path


def test_without_anything_it_is_for_this_machine_alone(tmp_path):
    assert settings("--data", tmp_path) == WebSettings(
        data=tmp_path, host="127.0.0.1", port=5000, slots=default_slots()
    )


def test_the_file_says_all(file):
    here = file.parent
    assert settings("--config", file) == WebSettings(
        data=here / "data",
        uploads_dir=here / "uploads",
        climate_dir=here / "climates",
        results_dir=Path("/srv/results"),
        host="::1",
        port=5001,
        slots=2,
        password_file=here / "page.password",
        tokens_file=here / "page.tokens",
        server_names=("lab.example", "www.lab.example"),
        trusted_proxy="192.0.2.1",
        tls=(here / "cert.pem", here / "key.pem"),
        largest_upload_mb=2048,
        most_uploads=20,
        most_waiting=30,
        least_free_mb=10240,
        clean_below_mb=20480,
        retention=Retention(30, 48),
    )


def test_the_users_file_is_found(monkeypatch, file):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(file.parent))
    file.parent.joinpath("eemt").mkdir()
    file.rename(file.parent / "eemt" / "master.conf")
    assert settings().port == 5001


def test_variables_go_before_the_file_and_options_before_variables(monkeypatch, file, tmp_path):
    monkeypatch.setenv("EEMT_PORT", "5002")
    monkeypatch.setenv("EEMT_SLOTS", "3")
    monkeypatch.setenv("EEMT_DATA", str(tmp_path / "of-variable"))
    monkeypatch.setenv("EEMT_WEB_PASSWORD_FILE", str(tmp_path / "secret"))
    found = settings("--config", file, "--slots", "4")
    assert (found.port, found.slots, found.data) == (5002, 4, tmp_path / "of-variable")
    assert found.password_file == tmp_path / "secret"
    assert found.host == "::1"


def test_what_kubernetes_sets_for_a_service_of_this_name_is_a_port(monkeypatch, tmp_path):
    monkeypatch.setenv("EEMT_PORT", "tcp://10.0.0.1:5003")
    assert settings("--data", tmp_path).port == 5003


def test_the_workers_password_is_not_the_pages(monkeypatch, tmp_path):
    """EEMT_PASSWORD_FILE means that of the workers to eemt-run and eemt-worker."""
    monkeypatch.setenv("EEMT_PASSWORD_FILE", str(tmp_path / "workers"))
    assert settings("--data", tmp_path).password_file is None
    pool = settings(
        "--data", tmp_path, "--manager-port", "9123", "--worker-password-file", tmp_path / "w"
    )
    assert (pool.password_file, pool.cluster.password_file) == (None, tmp_path / "w")


def test_jobs_stay_here_unless_a_pool_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("MAX_WORKERS", "8")
    monkeypatch.setenv("WORK_QUEUE_PROJECT", "alone")  # and no catalog to look in
    assert settings("--data", tmp_path).cluster is None


def test_each_run_has_a_port_of_the_range(tmp_path):
    found = settings("--data", tmp_path, "--manager-port", "9123-9130", "--slots", "8")
    assert found.cluster.ports == (9123, 9130)
    assert settings("--data", tmp_path, "--manager-port", "9123").slots == 1


def test_a_range_may_stand_in_the_file(tmp_path):
    path = tmp_path / "master.conf"
    path.write_text("[master]\nport = 9123-9125\n[security]\npassword_file = workers\n")
    found = settings("--data", tmp_path, "--config", path, "--slots", "3")
    assert found.cluster == ClusterRequest(ports=(9123, 9125), password_file=tmp_path / "workers")
    assert found.password_file is None


def test_runs_that_a_catalog_tells_of_take_any_port(tmp_path):
    found = settings("--data", tmp_path, "--project", "lab", "--catalog", "alpha", "--slots", "5")
    assert (found.cluster.ports, found.cluster.project) == ((0, 0), "lab")
    assert found.cluster.catalog == ("alpha", 9097)


def test_slots_share_the_cores(tmp_path):
    assert WebSettings(data=tmp_path, slots=1).threads_per_job == usable_cores()
    assert WebSettings(data=tmp_path, slots=10**4).threads_per_job == 1
    assert 1 <= default_slots() <= usable_cores()


WRONG = {
    "no data": ([], "give a folder for jobs and maps"),
    "port": (["--port", "70000"], "70000 is outside 0 to 65535"),
    "port of letters": (["--port", "http"], "'http' is no whole number: write 0 to 65535"),
    "slots": (["--slots", "0"], "0 is outside 1 to 64"),
    "host": (["--host", " "], "' ' is no name: write one"),
    "more slots than ports": (
        ["--manager-port", "9123-9124", "--slots", "3"],
        "3 runs at a time need a port each, and there are 2",
    ),
    "a pool's option without one": (["--runtime", "wheel"], "add --manager-port"),
    "a worker's password without a pool": (["--worker-password-file", "x"], "add --manager-port"),
    "half of a certificate": (["--ssl-cert", "c"], "give both"),
    "half of the workers'": (
        ["--manager-port", "9123", "--worker-ssl-key", "c"],
        "--worker-ssl-cert and --worker-ssl-key go together",
    ),
    "a project without a catalog": (["--project", "lab"], "--project needs --catalog"),
    "a proxy's name": (["--trusted-proxy", "localhost"], "give it in numbers, such as 127.0.0.1"),
    "all proxies": (["--trusted-proxy", "10.0.0.1, *"], "'*' is no address of a proxy"),
    "size": (["--least-free", "much"], "'much' is no size"),
    "cleaning too late": (["--least-free", "2G", "--clean-below", "1G"], "give more"),
    "retention": (["--success-retention-days", "0"], "0 is outside 1 to 36500"),
    "no file": (["--config", "/nowhere/master.conf"], "cannot be read (No such file"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_use_is_told_in_one_sentence(tmp_path, name):
    arguments, words = WRONG[name]
    data = [] if name == "no data" else ["--data", tmp_path]
    with pytest.raises((click.ClickException, EemtError)) as caught:
        settings(*data, *arguments)
    assert words in sentence(caught.value)
    assert "\n" not in sentence(caught.value)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("enabled = false", "the page is switched off in {file}:2: set enabled to true there"),
        ("enabled = perhaps", "{file}:2: enabled: 'perhaps' is neither true nor false"),
        ("port = 0", "{file}:2: port: '0' is no port: write a number from 1 to 65535"),
        ("slots = 0", "{file}:2: slots: '0' is less than 1: write 1 or more"),
        ("colour = red", "{file}:2: [web_interface] has no key colour"),
    ],
)
def test_a_wrong_line_of_the_file_is_told_with_its_place(tmp_path, line, words):
    path = tmp_path / "master.conf"
    path.write_text(f"[web_interface]\n{line}\n")
    with pytest.raises((click.ClickException, EemtError)) as caught:
        settings("--data", tmp_path, "--config", path)
    assert sentence(caught.value).startswith(words.format(file=path))


def eemt_web(*arguments, **options):
    return subprocess.run(
        [*PROGRAM, *map(str, arguments)], capture_output=True, text=True, timeout=120, **options
    )


def test_a_folder_that_cannot_be_used_is_told(tmp_path):
    (tmp_path / "file").touch()
    done = eemt_web("--data", tmp_path / "file" / "data", "--port", "0")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith(f"Error: {tmp_path / 'file' / 'data'} cannot be made or used (")
    assert "give another folder with --data\n" in done.stderr


def test_a_folder_whose_name_no_run_bears_is_told(tmp_path):
    data = tmp_path.joinpath(*["long" * 25] * 5)
    with pytest.raises(ArgumentError, match="have longer names than the 480 bytes"):
        Service(WebSettings(data=data)).open()


def test_all_packages_of_the_extra_are_looked_for():
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    extra = {re.match(r"[\w-]+", word)[0] for word in project["optional-dependencies"]["web"]}
    assert extra - {"eemt-core"} == set(NEEDED.values())


@pytest.mark.parametrize("module", ["psutil", "fastapi"])
def test_without_the_extra_one_sentence_says_how_to_install_it(tmp_path, module):
    hide = f"import sys; sys.modules['{module}'] = None; "
    import_hook = (
        "import importlib.util as u; real = u.find_spec; "
        f"u.find_spec = lambda name, *a: None if name == '{module}' else real(name, *a); "
    )
    start = "from eemt_core.cli.start import web; web()"
    done = subprocess.run(
        [sys.executable, "-c", import_hook + hide + start, "--data", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 5
    assert done.stderr == (f"Error: eemt_core.web needs {module}: pip install 'eemt-core[web]'\n")
    code = f"{import_hook}{hide}import eemt_core.web.app"
    imported = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120
    )
    assert imported.stderr.splitlines()[-1] == (
        f"ModuleNotFoundError: eemt_core.web needs {module}: pip install 'eemt-core[web]'"
    )
