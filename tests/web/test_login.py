"""Who comes in: nobody without a key where one is set, and nobody with a wrong one."""

import re
import sqlite3
import stat

import pytest
from fastapi.routing import iter_route_contexts

from eemt_core.web.access import sessions
from eemt_core.web.access.password import write_secret
from eemt_core.web.access.tokens import add_token
from eemt_core.web.jobs.job import Job
from web_service import DEMO, PASSWORD, application, cheap_password

OPEN = {"/health", "/login", "/api/login"}
OPEN_FOLDERS = ("/static",)
WORTHLESS = [
    {},
    {"Authorization": "Bearer eemt_" + "A" * 43},
    {"Authorization": "Bearer "},
    {"Authorization": "Basic YTpi"},
    {"Cookie": "eemt-5000=" + "A" * 43},
    {"Cookie": "eemt-5000="},
]


@pytest.fixture
def keys(tmp_path):
    token = add_token(tmp_path / "tokens")
    return {
        "password_file": cheap_password(tmp_path / "password"),
        "tokens_file": tmp_path / "tokens",
    }, token


@pytest.fixture
def client(tmp_path, keys):
    with application(tmp_path / "data", **keys[0]) as client:
        yield client


def log_in(client, password=PASSWORD, **form):
    return client.post("/api/login", data={"password": password, **form})


def endpoints(app, job_id):
    """Each path of an application with each of its methods."""
    found = set()
    for route in iter_route_contexts(app.routes):
        path = re.sub(r"{job_id[^}]*}", job_id, route.path)
        path = re.sub(r"{[^}]+}", "1", path)
        found |= {(method, path) for method in route.methods or ("GET",)}
    return sorted(found)


@pytest.mark.parametrize("headers", WORTHLESS)
def test_nothing_answers_without_a_key(client, headers):
    service, access = client.app.state.service, client.app.state.access
    job = Job(id="0" * 32, workflow="sol", state="failed", dem_name="x", created=1.0, ended=2.0)
    service.jobs.add(job)
    tried = 0
    for method, path in endpoints(client.app, job.id):
        if path in OPEN or path.startswith(OPEN_FOLDERS):
            continue
        tried += 1
        answer = client.request(method, path, headers=headers)
        is_page = method in ("GET", "HEAD") and not path.startswith(("/api/", "/openapi", "/metr"))
        if is_page:
            assert (answer.status_code, answer.text) == (303, ""), path
            assert answer.headers["location"].startswith("/login?next=/"), path
        else:
            assert answer.status_code == 401, (method, path)
            assert answer.headers["www-authenticate"] == "Bearer"
            if method != "HEAD":
                assert set(answer.json()) == {"detail", "field"}
    assert tried > 8
    answer = client.post("/api/submit-job", data=DEMO, headers=headers)
    assert answer.status_code == 401
    assert service.jobs.latest() == [job]
    assert access.attempts.wait_s("127.0.0.1") == 0


def test_open_is_what_must_be(client):
    assert client.get("/health").status_code == 200
    for path in ("/healthy", "/health/x", "/static", "/api/login/x", "/loginx", "/no/such/page"):
        assert client.get(path).status_code in (303, 401), path
    assert client.get("/static/../api/jobs").status_code in (401, 404)
    assert client.get("/static/%2e%2e/api/jobs").status_code in (401, 404)


def test_a_login_opens_and_its_end_closes(client):
    assert client.get("/api/session").status_code == 401
    answer = log_in(client)
    assert answer.json() == {"status": "logged in", "next": "/"}
    flags = answer.headers["set-cookie"].lower()
    assert {"httponly", "samesite=strict", "path=/"} <= set(flags.split("; "))
    assert f"max-age={sessions.LASTS_S}" in flags
    assert client.get("/api/jobs").json() == []
    assert client.get("/api/session").json()["needs_login"] is True
    kept = dict(client.cookies)
    assert client.post("/api/logout").json() == {"status": "logged out"}
    assert not client.cookies
    assert client.get("/api/jobs").status_code == 401
    client.cookies.update(kept)  # the browser forgets it, and so does the service
    assert client.get("/api/jobs").status_code == 401


def test_a_token_opens_without_a_cookie(client, keys):
    headers = {"Authorization": f"Bearer {keys[1]}"}
    assert client.get("/api/jobs", headers=headers).status_code == 200
    assert (
        client.get("/api/jobs", headers={"Authorization": f"bearer {keys[1]}"}).status_code == 200
    )
    assert not client.cookies
    for wrong in (keys[1][:-1], keys[1] + "A", keys[1].upper()):
        answer = client.get("/api/jobs", headers={"Authorization": f"Bearer {wrong}"})
        assert answer.status_code == 401


def test_a_wrong_token_is_not_made_good_by_a_login(client):
    log_in(client)
    headers = {"Authorization": "Bearer no"}
    assert client.get("/api/jobs", headers=headers).status_code == 401


@pytest.mark.parametrize("password", ["", " ", PASSWORD + " ", PASSWORD.upper(), "\0", "é" * 600])
def test_a_wrong_password_opens_nothing(client, password):
    answer = log_in(client, password)
    assert answer.status_code == (422 if password == "" else 401)
    assert answer.json()["field"] == "password"
    assert "set-cookie" not in answer.headers
    assert client.get("/api/jobs").status_code == 401


@pytest.mark.parametrize(
    ("wanted", "next_page"),
    [("/monitor?x=1", "/monitor?x=1"), ("//evil.example", "/"), ("/\\evil.example", "/"),
     ("https://evil.example", "/"), ("javascript:alert(1)", "/"), ("/\t/evil.example", "/"),
     ("/login?next=/login", "/"), ("", "/")],
)  # fmt: skip
def test_after_the_login_comes_a_page_of_ours(client, wanted, next_page):
    assert log_in(client, next=wanted).json()["next"] == next_page
    answer = client.get("/login", params={"next": wanted})
    assert (answer.status_code, answer.headers["location"]) == (303, next_page)


def test_a_page_is_found_again_after_the_login(client):
    answer = client.get("/monitor", params={"state": "running", "next": "//x"})
    place = answer.headers["location"]
    assert place == "/login?next=/monitor%3Fstate%3Drunning%26next%3D%252F%252Fx"


def test_where_no_password_is_set_none_is_asked_for(tmp_path):
    with application(tmp_path / "data") as client:
        assert client.get("/api/session").json()["needs_login"] is False
        assert client.get("/login").headers["location"] == "/"
        assert log_in(client).status_code == 409
        assert client.post("/api/logout").status_code == 200


def test_a_login_outlives_a_restart_but_not_its_time_nor_its_password(tmp_path, keys, monkeypatch):
    with application(tmp_path / "data", **keys[0]) as client:
        log_in(client)
        cookies = dict(client.cookies)
    with application(tmp_path / "data", **keys[0]) as client:
        client.cookies.update(cookies)
        assert client.get("/api/jobs").status_code == 200
        kept = client.app.state.access.sessions
        now = kept._clock()
        monkeypatch.setattr(kept, "_clock", lambda: now + sessions.LASTS_S - 5)
        assert client.get("/api/jobs").status_code == 200
        monkeypatch.setattr(kept, "_clock", lambda: now + sessions.LASTS_S + 5)
        assert client.get("/api/jobs").status_code == 401
        monkeypatch.undo()
        assert client.get("/api/jobs").status_code == 200
        cheap_password(keys[0]["password_file"], "another long password")
        assert client.get("/api/jobs").status_code == 401
        assert log_in(client).status_code == 401
        assert log_in(client, "another long password").status_code == 200


def test_a_stolen_database_is_no_login(tmp_path, client):
    log_in(client)
    (key,) = client.cookies.values()
    path = tmp_path / "data" / sessions.SESSIONS_FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert key.encode() not in path.read_bytes()
    with sqlite3.connect(path) as database:
        ((kept,),) = database.execute("SELECT hash FROM sessions")
    client.cookies.clear()
    client.cookies.set("eemt-5000", kept)
    assert client.get("/api/jobs").status_code == 401


def test_a_damaged_file_of_logins_costs_a_login_and_no_more(tmp_path, keys):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / sessions.SESSIONS_FILE).write_bytes(b"no database" * 100)
    with application(tmp_path / "data", **keys[0]) as client:
        assert log_in(client).status_code == 200
        assert client.get("/api/jobs").status_code == 200


def test_a_key_that_is_taken_away_opens_nothing_any_more(client, keys):
    headers = {"Authorization": f"Bearer {keys[1]}"}
    log_in(client)
    keys[0]["password_file"].unlink()
    assert client.get("/api/jobs").status_code == 401
    assert client.get("/api/jobs", headers=headers).status_code == 200
    write_secret(keys[0]["tokens_file"], "# none\n")
    assert client.get("/api/jobs", headers=headers).status_code == 401
