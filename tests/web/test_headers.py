"""What a browser is told with every answer, and under which names and for whose pages we answer."""

import pytest

from eemt_core.web.access.headers import CONTENT_POLICY
from eemt_core.web.access.hosts import is_loopback
from web_service import ADDRESS, application

FORM = {"workflow_type": "sol", "days": "172"}
STRANGE = "http://evil.example"


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    with application(tmp_path_factory.mktemp("web") / "data") as client:
        yield client


def jobs(client):
    return client.get("/api/jobs").json()


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "/health", 200),
        ("GET", "/openapi.json", 200),
        ("GET", "/api/jobs", 200),
        ("GET", "/api/jobs/no", 422),
        ("GET", "/no/such/page", 404),
        ("PUT", "/health", 405),
        ("OPTIONS", "/health", 405),
        ("POST", "/api/login", 422),
    ],
)
def test_every_answer_tells_browsers_to_be_strict(client, method, path, code):
    answer = client.request(method, path)
    assert answer.status_code == code
    headers = answer.headers
    assert headers["content-security-policy"] == CONTENT_POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"
    assert not [name for name in headers if name.startswith("access-control")]
    assert "server" not in headers
    if code >= 400:
        assert set(answer.json()) == {"detail", "field"}


@pytest.mark.parametrize(
    ("scheme", "host", "is_alone"),
    [
        ("https", "localhost", True), ("https", "localhost:443", True),
        ("https", "[::1]", True), ("https", "[::1]:443", True),
        ("https", "localhost:5000", False), ("https", "[::1]:5000", False),
        ("http", "localhost", False), ("http", "localhost:443", False),
    ],
)  # fmt: skip
def test_only_who_has_a_host_to_himself_says_that_it_speaks_tls(client, scheme, host, is_alone):
    answer = client.get(f"{scheme}://localhost/health", headers={"Host": host})
    told = answer.headers.get("strict-transport-security")
    assert told == ("max-age=31536000" if is_alone else None)


def test_nothing_inline_and_nobody_elses_is_allowed():
    policy = dict(part.split(" ", 1) for part in CONTENT_POLICY.split("; "))
    assert policy["default-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["object-src"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in CONTENT_POLICY
    assert "*" not in CONTENT_POLICY
    assert not {"script-src", "style-src", "connect-src"} & policy.keys()  # all of them 'self'


@pytest.mark.parametrize(
    "host", ["localhost:5000", "127.0.0.1", "LOCALHOST", "localhost.", "[::1]:5000", "127.1.2.3:1"]
)
def test_loopback_is_called_by_its_names(client, host):
    assert client.get("/api/jobs", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example", "evil.example:5000", "127.0.0.1.evil.example", "localhost.evil.example",
        "192.0.2.1:5000", "0.0.0.0", "[2001:db8::1]", "", "localhost:port", "user@localhost",
        "localhost, evil.example", "127.0.0.1/evil.example", "2130706433",
    ],
)  # fmt: skip
def test_no_other_name_leads_to_loopback(client, host):
    answer = client.post("/api/submit-job", data=FORM, headers={"Host": host})
    assert answer.status_code == 421
    assert "Host" not in answer.text
    assert jobs(client) == []


def test_two_hosts_are_none(client):
    headers = [("Host", "localhost"), ("Host", "evil.example")]
    assert client.get("/api/jobs", headers=headers).status_code == 421


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": STRANGE},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "http://127.0.0.1:5001"},
        {"Origin": f"{ADDRESS}.evil.example"},
        {"Origin": "http://[broken"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": ADDRESS},
        {
            "Sec-Fetch-Site": "cross-site",
            "Sec-Fetch-Mode": "navigate",
            "Sec-Fetch-Dest": "document",
        },
        {"Sec-Fetch-Site": ""},
    ],
)
@pytest.mark.parametrize("path", ["/api/submit-job", "/api/login", "/api/logout", "/api/cleanup"])
def test_a_form_on_another_site_changes_nothing(client, headers, path):
    answer = client.post(path, data={**FORM, "password": "x"}, headers=headers)
    assert answer.status_code == 403
    assert jobs(client) == []


@pytest.mark.parametrize("method", ["DELETE", "PUT", "PATCH", "POST", "NONSENSE"])
def test_no_method_that_changes_something_is_forgotten(client, method):
    job = "/api/jobs/" + "0" * 32
    assert client.request(method, job, headers={"Origin": STRANGE}).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": ADDRESS},
        {"Sec-Fetch-Site": "same-origin", "Origin": ADDRESS},
        {"Sec-Fetch-Site": "none"},
    ],
)
def test_our_pages_and_programs_may_ask(client, headers):
    assert client.post("/api/jobs/no/cancel", headers=headers).status_code == 422


def test_other_sites_may_link_to_us_but_not_use_us(client):
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert client.get("/health", headers={**link, "Sec-Fetch-Dest": "document"}).status_code == 200
    for dest in ("iframe", "object", "embed"):
        assert client.get("/health", headers={**link, "Sec-Fetch-Dest": dest}).status_code == 403
    image = {**link, "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}
    assert client.get("/health", headers=image).status_code == 403


def test_a_form_that_is_too_long_is_not_read(client):
    answer = client.post("/api/login", data={"password": "x" * 2**20})
    assert answer.status_code == 413
    assert answer.json()["detail"].startswith("what was sent is longer than 1 MiB")
    pieces = (b"password=" + b"x" * 2**16 for _ in range(40))  # without a length beforehand
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert client.post("/api/login", content=pieces, headers=form).status_code == 413


@pytest.mark.parametrize(
    ("host", "is_alone"),
    [("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("localhost", True),
     ("0.0.0.0", False), ("::", False), ("192.0.2.1", False), ("lab.example", False)],
)  # fmt: skip
def test_loopback_is_known(host, is_alone):
    assert is_loopback(host) is is_alone
