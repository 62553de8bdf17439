"""The program as a lab runs it: TLS, a password, and tokens by which other machines ask."""

import os
import ssl
import stat
import subprocess
import sys

import httpx
import pytest

from eemt_core.errors import ArgumentError
from eemt_core.web.access.password import write_secret
from eemt_core.web.access.tokens import add_token
from eemt_core.web.app import create_app
from eemt_core.web.serve import serve
from eemt_core.web.settings import WebSettings
from web_service import DEMO, PASSWORD, PROGRAM, web_service

STATUS = (sys.executable, "-P", "-c", "from eemt_core.cli.start import status; status()")


@pytest.fixture(scope="module")
def service(lab, token):
    options = [
        "--ssl-cert", lab / "cert.pem", "--ssl-key", lab / "key.pem",
        "--password-file", lab / "password", "--tokens-file", lab / "tokens",
    ]  # fmt: skip
    with web_service(lab / "data", *options, scheme="https") as service:
        yield service


@pytest.fixture(scope="module")
def trusting(lab):
    return ssl.create_default_context(cafile=lab / "cert.pem")


@pytest.fixture(scope="module")
def job_id(service, token, trusting):
    headers = {"Authorization": f"Bearer {token}"}
    with service.client(verify=trusting, headers=headers) as client:
        job_id = client.post("/api/submit-job", data=DEMO).raise_for_status().json()["job_id"]
    service.wait_for(job_id, "completed", verify=trusting, headers=headers)
    return job_id


def test_a_stream_ends_with_the_login(service, trusting):
    def lines(**options):
        with service.client(verify=trusting, **options) as client:
            if not options:
                client.post("/api/login", data={"password": PASSWORD}).raise_for_status()
            with client.stream("GET", "/api/events") as stream:
                assert stream.status_code == 200
                yield client
                assert [*stream.iter_lines()][0:1] == ["retry: 2000"]  # up to its end

    client = next(by_login := lines())
    with service.client(verify=trusting, cookies=client.cookies) as other:
        other.post("/api/logout").raise_for_status()
    assert next(by_login, None) is None
    tokens = service.data.parent / "tokens"
    before = tokens.read_text()
    next(by_token := lines(headers={"Authorization": f"Bearer {add_token(tokens)}"}))
    write_secret(tokens, before)
    assert next(by_token, None) is None


def eemt_status(*arguments, **environ):
    return subprocess.run(
        [*STATUS, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "no_proxy": "127.0.0.1", **environ},
    )


def refused(*options):
    done = subprocess.run(
        [*PROGRAM, *map(str, options)], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 2
    return done.stderr


def test_a_browser_logs_in_over_tls(service, trusting):
    with service.client(verify=trusting) as client:
        answer = client.post("/api/login", data={"password": PASSWORD})
        port = service.url.rsplit(":", 1)[1]
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith(f"__Host-eemt-{port}=")
        assert "; Secure" in cookie
        assert client.get("/api/session").json()["needs_login"] is True
        assert "server" not in answer.headers


def test_who_does_not_know_the_certificate_says_nothing(service):
    with service.client() as client, pytest.raises(httpx.ConnectError, match="CERTIFICATE"):
        client.get("/health")


def test_without_tls_nothing_is_answered(service):
    plain = service.url.replace("https", "http")
    with pytest.raises(httpx.HTTPError):
        httpx.get(f"{plain}/health", timeout=10)


def test_old_versions_of_tls_are_refused(service, trusting):
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.load_verify_locations(
        cadata="".join(ssl.DER_cert_to_PEM_cert(c) for c in trusting.get_ca_certs(True))
    )
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    with service.client(verify=old) as client, pytest.raises(httpx.ConnectError):
        client.get("/health")


def test_another_machine_reads_the_status_with_a_token(service, job_id, lab, token):
    file = lab / "mine"
    file.touch(0o600)
    file.write_text(f"{token}\n")
    url = f"{service.url}/api/jobs/{job_id}/status"
    knows = {"SSL_CERT_FILE": str(lab / "cert.pem")}
    done = eemt_status(url, "--token-file", file, **knows)
    assert (done.returncode, done.stderr) == (0, "")
    assert "finished" in done.stdout
    assert eemt_status(url, EEMT_TOKEN_FILE=str(file), **knows).stdout == done.stdout
    none = eemt_status(url, **knows)
    assert none.returncode == 3
    assert "wants a token: ask the one who runs it for one, and give it with --token-file" in (
        none.stderr
    )
    file.write_text(f"{token[:-1]}\n")
    wrong = eemt_status(url, "--token-file", file, **knows)
    assert "does not take this token" in wrong.stderr
    assert token[:-1] not in wrong.stderr


@pytest.mark.parametrize(
    ("text", "mode", "why"),
    [("", 0o600, "holds no token"), ("two words", 0o600, "holds no token"),
     ("a\r\nX: y", 0o600, "holds no token"), ("abc", 0o644, "open to other users")],
)  # fmt: skip
def test_a_file_without_a_token_is_refused(tmp_path, text, mode, why):
    file = tmp_path / "mine"
    file.write_text(text)
    file.chmod(mode)
    done = eemt_status("http://127.0.0.1:9/", "--token-file", file)
    assert done.returncode == 2
    assert why in done.stderr


def test_what_is_written_down_holds_no_secret(service, job_id, trusting, token):
    with service.client(verify=trusting) as client:
        client.post("/api/login", data={"password": PASSWORD, "next": f"/?password={PASSWORD}"})
        (key,) = client.cookies.values()
        client.get(
            "/no/such", params={"token": token}, headers={"Authorization": f"Bearer {token}"}
        )
        client.get("/health", headers={"Host": token})
    written = {service.log, *(p for p in service.data.rglob("*") if p.is_file())}
    assert len(written) > 5
    for path in written:
        content = path.read_bytes()
        for secret in (PASSWORD, token, key):
            assert secret.encode() not in content, path
    assert stat.S_IMODE(service.data.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "exposed",
    [
        {"host": "0.0.0.0"},
        {"host": "::"},
        {"host": "lab.example"},
        {"server_names": ("lab.example",)},
        {"trusted_proxy": "127.0.0.1"},
    ],
)
def test_others_are_let_near_with_a_key_alone(tmp_path, lab, token, exposed):
    with pytest.raises(ArgumentError, match=r"others can reach the service.*it has no password"):
        create_app(WebSettings(data=tmp_path / "data", **exposed))
    assert not (tmp_path / "data").exists()
    create_app(WebSettings(data=tmp_path, **exposed, password_file=lab / "password"))
    create_app(WebSettings(data=tmp_path, **exposed, tokens_file=lab / "tokens"))


def test_the_program_says_how_to_make_a_password(tmp_path):
    options = ["--data", tmp_path / "data", "--port", "0", "--host", "0.0.0.0"]
    said = refused(*options)
    assert "write one with --set-password FILE and give --password-file FILE" in said
    assert "belong together" in refused(*options, "--ssl-cert", "cert.pem")


def test_a_certificate_that_is_none_is_told_of(lab, tmp_path):
    cert, key, locked = lab / "cert.pem", lab / "key.pem", tmp_path / "locked.pem"
    subprocess.run(
        ["openssl", "pkey", "-in", key, "-aes256", "-passout", "pass:secret", "-out", locked],
        check=True,
    )
    for pair in ((key, cert), (cert, locked), (tmp_path / "gone.pem", key), (cert, tmp_path)):
        with pytest.raises(ArgumentError, match="no certificate with its key") as caught:
            serve(WebSettings(data=tmp_path / "data", port=0, tls=pair))
        assert caught.value.remedy == "give both in PEM, the key without a passphrase"
