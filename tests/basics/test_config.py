"""Configuration files: accepted content, places where they are looked for, and precedence."""

import pytest

from eemt_core import config
from eemt_core.config import read_config, read_variables
from eemt_core.errors import ArgumentError
from eemt_core.sizes import Address

MASTER = """\
[master]
port = 9123
project = EEMT-Production
max_workers = 100
worker_timeout = 300
heartbeat_interval = 30

[web_interface]
enabled = true
port = 5000
host = 0.0.0.0

# who may come in
[security]
password_file = /etc/eemt/cluster.password
ssl_cert = ssl/cert.pem
ssl_key = ~/key.pem

[storage]
shared_dir = /shared/eemt
results_dir = /data/eemt/results
uploads_dir = /data/eemt/uploads
"""
WORKER = """\
[worker]
master_host = cluster-master.example.com
master_port = 9123  ; the usual one
cores = auto
memory = 16G
disk = 100G

[runtime]
work_dir = /tmp/eemt-worker
container_runtime = docker
reconnect_attempts = 5
reconnect_delay = 10

[logging]
level = INFO
file = /var/log/eemt/worker.log
"""


def write(folder, text, name="test.conf"):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_the_manager_s_file_of_the_guide_is_understood(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", "/home/me")
    path = write(tmp_path, MASTER)
    settings = read_config("master", path)
    values = {n: v if isinstance(v, (int, str)) else str(v) for n, v in settings.values.items()}
    assert values == {
        "manager_port": 9123, "project": "EEMT-Production", "max_workers": 100,
        "worker_timeout": 300, "keepalive": 30, "web_enabled": True, "web_port": 5000,
        "web_host": "0.0.0.0", "password_file": "/etc/eemt/cluster.password",
        "ssl_cert": str(tmp_path / "ssl/cert.pem"), "ssl_key": "/home/me/key.pem",
        "shared_dir": "/shared/eemt", "results_dir": "/data/eemt/results",
        "uploads_dir": "/data/eemt/uploads",
    }  # fmt: skip
    assert settings.origin("password_file") == f"{path}:15"
    assert settings.origin("catalog") is None


def test_the_worker_s_file_of_the_guide_is_understood(tmp_path):
    values = read_config("worker", write(tmp_path, WORKER)).values
    assert {n: v if isinstance(v, int) else str(v) for n, v in values.items()} == {
        "manager_host": "cluster-master.example.com", "manager_port": 9123, "cores": "auto",
        "memory": 16384, "disk": 102400, "work_dir": "/tmp/eemt-worker",
        "container_runtime": "docker", "reconnect_attempts": 5, "reconnect_delay": 10,
        "log_level": "info", "log_file": "/var/log/eemt/worker.log",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "text", "line", "sentence"),
    [
        ("worker", "[master]\nport = 1\n", 1, r"\[master\] is no section here: use \[worker\]"),
        ("worker", "[worker\n", 1, r"\[worker is no section here"),
        ("worker", "\n[worker]\nhost = a\n", 3, r"\[worker\] has no key host: use master_host"),
        ("worker", "[worker]\n\n\nmemory = 8Q\n", 4, "memory: '8Q' is no size: write 8G"),
        ("worker", "[worker]\nmaster_port = 70000", 2, "master_port: '70000' is no port"),
        ("worker", "[worker]\nmaster_host =", 2, "master_host: the value is missing"),
        ("worker", "[worker]\ncores 4", 2, "'cores 4' is no setting: write KEY = VALUE"),
        ("worker", "cores = 4", 1, r"a section such as \[worker\] must come before it"),
        ("worker", "[logging]\nlevel = loud", 2, "'loud' is none of debug, info"),
        ("worker", "[runtime]\nreconnect_delay = soon", 2, "'soon' is no duration"),
        ("master", "[web_interface]\nenabled = maybe", 2, "'maybe' is neither true nor false"),
        ("master", "[master]\nport = 1\nmanager_port = 2", 3, r"is set in \S+:2 already"),
    ],
)
def test_what_is_wrong_is_named_with_file_and_line(tmp_path, kind, text, line, sentence):
    path = write(tmp_path, text)
    with pytest.raises(ArgumentError, match=sentence) as raised:
        read_config(kind, path)
    assert str(raised.value).startswith(f"{path}:{line}: ")
    assert raised.value.exit_code == 2


def test_a_file_that_is_named_must_be_there(tmp_path):
    with pytest.raises(ArgumentError, match="cannot be read"):
        read_config("master", tmp_path / "nowhere.conf")


def test_the_user_s_file_goes_before_the_system_s(tmp_path, monkeypatch):
    monkeypatch.setattr(config, "_SYSTEM_FOLDER", tmp_path / "etc")
    home = {"HOME": str(tmp_path / "home")}
    assert read_config("worker", environ=home).path is None
    write(tmp_path, "[worker]\ncores = 1\n", "etc/worker.conf")
    assert read_config("worker", environ=home).values == {"cores": 1}
    write(tmp_path, "[worker]\ncores = 2\n", "home/.config/eemt/worker.conf")
    assert read_config("worker", environ=home).values == {"cores": 2}
    write(tmp_path, "[worker]\ncores = 3\n", "xdg/eemt/worker.conf")
    moved = {**home, "XDG_CONFIG_HOME": str(tmp_path / "xdg")}
    assert read_config("worker", environ=moved).values == {"cores": 3}
    assert read_config("master", environ=moved).values == {}


def test_variables_of_the_guide_are_understood():
    worker = read_variables(
        "worker",
        {
            "MASTER_HOST": "m", "MASTER_PORT": "9124", "WORK_QUEUE_PORT": "9125",
            "WORKER_CORES": "8", "WORKER_MEMORY": "16G", "WORKER_DISK": "", "MAX_WORKERS": "9",
        },
    )  # fmt: skip
    assert worker.values == {
        "manager_host": "m", "manager_port": 9124, "cores": 8, "memory": 16384,
    }  # fmt: skip
    assert worker.origin("manager_port") == "MASTER_PORT"
    master = read_variables(
        "master", {"WORK_QUEUE_PORT": "1", "WORK_QUEUE_PROJECT": "P", "MAX_WORKERS": "9"}
    )
    assert master.values == {"manager_port": 1, "project": "P", "max_workers": 9}
    with pytest.raises(ArgumentError, match="the variable WORKER_MEMORY: 'M' is no size"):
        read_variables("worker", {"WORKER_MEMORY": "M"})


def test_a_service_that_is_called_master_gives_its_port_as_an_address():
    given = read_variables("worker", {"MASTER_PORT": "tcp://10.0.0.1:9123"})
    assert given.values == {"manager_port": 9123}


def test_variables_lie_over_the_file(tmp_path):
    file = read_config("worker", write(tmp_path, "[worker]\ncores = 1\ncatalog = c\n"))
    both = file.under(read_variables("worker", {"WORKER_CORES": "2"}))
    assert both.values == {"cores": 2, "catalog": Address("c", 9097)}
    assert (both.origin("cores"), both.path) == ("WORKER_CORES", file.path)
