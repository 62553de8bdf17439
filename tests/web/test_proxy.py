"""Behind nginx, set up as the documentation says, the service behaves as without it."""

import json
import re
import ssl
import subprocess

import httpx
import pytest

from eemt_core.config import read_config
from free_ports import free_port
from nginx import EXAMPLE, nginx
from web_jobs import job, job_store
from web_service import PASSWORD, wait_until, web_service

UNIT = EXAMPLE.with_name("eemt-web.service")


@pytest.fixture(scope="module")
def address(lab, token):
    """The address of nginx, by which the service behind it is reached."""
    options = [
        "--password-file", lab / "password", "--tokens-file", lab / "tokens",
        "--server-name", "lab.example", "--trusted-proxy", "127.0.0.1", "--largest-upload", "1M",
    ]  # fmt: skip
    with job_store(lab / "data") as store:
        store.add(job("completed", ended=1.0))
    with web_service(lab / "data", *options) as service:
        ports = free_port(), free_port()
        with nginx(lab, int(service.url.rsplit(":", 1)[1]), *ports):
            yield f"https://127.0.0.1:{ports[0]}", f"http://127.0.0.1:{ports[1]}"


@pytest.fixture
def client(address, lab):
    """Whoever has opened https://lab.example, on a port of this machine."""
    trusting = ssl.create_default_context(cafile=lab / "cert.pem")
    host = address[0].replace("https://127.0.0.1", "lab.example")
    with httpx.Client(
        base_url=address[0], verify=trusting, headers={"Host": host}, timeout=30
    ) as client:
        yield client


@pytest.fixture
def program(client, token):
    """A program that sends a token."""
    client.headers["Authorization"] = f"Bearer {token}"
    return client


def test_a_login_through_it_is_for_https_alone(client):
    answer = client.post("/api/login", data={"password": PASSWORD})
    assert answer.status_code == 200
    assert re.match(r"__Host-eemt-\d+=.*; Secure$", answer.headers["set-cookie"])
    assert client.get("/api/jobs").status_code == 200


def test_pages_of_its_name_may_change_things_and_others_not(program):
    def cleanup(**headers):
        return program.post("/api/cleanup?dry_run=true", headers=headers).status_code

    assert cleanup(Origin=f"https://{program.headers['Host']}") == 200
    assert cleanup(Origin="https://evil.example") == 403
    assert program.get("/health", headers={"Host": "evil.example"}).status_code == 421


def test_who_asks_is_whom_nginx_sees_whatever_they_say(program, lab):
    program.get("/api/session", headers={"X-Forwarded-For": "192.0.2.99"})
    log = lab / "data" / "logs" / "access.log"
    wait_until(lambda: "GET /api/session" in log.read_text(), 10)
    assert " 127.0.0.1 GET /api/session 200 " in log.read_text()


def test_events_come_when_they_happen(program):
    with program.stream("GET", "/api/events") as stream:
        lines = stream.iter_lines()
        told = next(json.loads(line[6:]) for line in lines if line.startswith("data: "))
    assert [one["dem_filename"] for one in told] == ["demonstration"]


def test_the_limit_of_uploads_is_the_services(program):
    content = {"file": ("large.tif", bytes(4 * 2**20))}
    refused = program.post("/api/upload-file", files=content)
    assert refused.status_code == 413
    assert "is longer than 2 MiB: send less" in refused.json()["detail"]


def test_an_upload_goes_through(program, lab, dem):
    answer = program.post("/api/upload-file", files={"file": ("hills.tif", dem.read_bytes())})
    assert answer.status_code == 200
    assert not any(path.is_file() for path in (lab / "body").rglob("*"))


def test_without_https_the_way_to_it_is_told(address):
    answer = httpx.get(f"{address[1]}/monitor", headers={"Host": "lab.example"})
    assert (answer.status_code, answer.headers["location"]) == (301, "https://lab.example/monitor")


def test_the_settings_beside_it_are_those_of_a_service_behind_it():
    found = read_config("master", UNIT.with_name("master.conf")).values
    assert found["web_password_file"] == UNIT.with_name("page.password")
    assert found["web_server_names"] == ("lab.example",)
    assert found["web_trusted_proxy"] == "127.0.0.1"
    assert f"ReadWritePaths={found['data_dir']} " in UNIT.read_text()


def test_systemd_takes_the_unit_and_holds_the_service_to_little(tmp_path):
    """By systemd's own measure of exposure: 10 is a service that may do all."""
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text().replace("/opt/eemt/bin/eemt-web", "/bin/true"))
    for words in (["verify"], ["security", "--offline=true", "--threshold=20"]):
        done = subprocess.run(
            ["systemd-analyze", *words, unit], capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert UNIT.name not in done.stderr, done.stderr
