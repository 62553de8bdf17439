"""What stands around the application holds no answer back, waits for nobody, tells no faults."""

import asyncio
import logging
from types import SimpleNamespace

import pytest
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from starlette.websockets import WebSocketDisconnect

from eemt_core.web.access import Access, bodies, protect
from eemt_core.web.routes import watch
from eemt_core.web.settings import WebSettings
from web_service import PASSWORD, application, cheap_password, web_service

HOST = [(b"host", b"127.0.0.1")]
FORM = [*HOST, (b"content-type", b"application/x-www-form-urlencoded")]


def scope(path, method="GET", headers=HOST):
    return {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method,
        "scheme": "http", "path": path, "raw_path": path.encode(), "query_string": b"",
        "headers": headers, "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 5000),
    }  # fmt: skip


@pytest.fixture
def client(tmp_path):
    with application(tmp_path / "data") as client:
        yield client


def test_a_stream_comes_piece_by_piece(tmp_path):
    app, happened = FastAPI(), []
    settings = WebSettings(data=tmp_path)
    protect(app, settings, Access(settings))

    @app.get("/stream")
    def stream():
        async def pieces():
            for number in range(3):
                happened.append(f"made {number}")
                yield f"{number}"

        return StreamingResponse(pieces())

    async def receive():
        await asyncio.sleep(60)

    async def send(message):
        if message.get("body"):
            happened.append(f"sent {message['body'].decode()}")

    asyncio.run(app(scope("/stream"), receive, send))
    assert happened == [f"{what} {number}" for number in range(3) for what in ("made", "sent")]


def test_a_body_that_stops_coming_is_not_waited_for(client, monkeypatch):
    monkeypatch.setattr(bodies, "PATIENCE_S", 0.05)
    sent = []

    async def receive():
        if not receive.pieces:
            await asyncio.sleep(60)
        return {"type": "http.request", "body": receive.pieces.pop(), "more_body": True}

    async def send(message):
        sent.append(message)

    receive.pieces = [b"pass"]
    asyncio.run(client.app(scope("/api/login", "POST", FORM), receive, send))
    assert sent[0]["status"] == 408
    assert (b"connection", b"close") in sent[0]["headers"]


def test_streams_are_counted_and_limited(client, monkeypatch):
    service = client.app.state.service
    monkeypatch.setattr(watch, "_MOST_STREAMS", 1)

    async def watched():
        told, seen = [], asyncio.Event()

        async def receive():
            await seen.wait()
            return {"type": "http.disconnect"}

        async def note(message):
            told.append((message.get("status"), service.streams))
            if len(told) == 2:  # the first piece has come
                other = []

                async def noted(message):
                    other.append(message.get("status"))

                await client.app(scope("/api/events"), receive, noted)
                assert other[0] == 429
                seen.set()

        await client.app(scope("/api/events"), receive, note)
        return told

    told = asyncio.run(watched())
    assert (told[0], told[1], service.streams) == ((200, 0), (None, 1), 0)


@pytest.mark.parametrize(("piece_bytes", "code"), [(1, 408), (2000, 401)])
def test_a_body_keeps_a_pace(tmp_path, monkeypatch, piece_bytes, code):
    clock = SimpleNamespace(now=0.0, monotonic=lambda: clock.now)
    monkeypatch.setattr(bodies, "time", clock)
    monkeypatch.setattr(bodies, "PATIENCE_S", 30.0)
    monkeypatch.setattr(bodies, "_SLOWEST_BYTES_S", 50.0)
    pieces, sent = [b"password="] + [b"a" * piece_bytes] * 10, []

    async def receive():
        clock.now += 10.0  # never a long pause
        await asyncio.sleep(0.01)
        return {"type": "http.request", "body": pieces.pop(0), "more_body": bool(pieces)}

    async def send(message):
        sent.append(message)

    with application(tmp_path / "data", password_file=cheap_password(tmp_path / "key")) as client:
        asyncio.run(client.app(scope("/api/login", "POST", FORM), receive, send))
    assert sent[0]["status"] == code


def test_a_fault_tells_the_log_and_not_the_client(client, caplog):
    @client.app.get("/api/broken")
    def broken():
        raise RuntimeError("the secret of the house")

    answer = client.get("/api/broken", params={"password": "typed here"})
    assert answer.status_code == 500
    assert answer.json() == {"detail": "a fault of the program: its log says more", "field": ""}
    assert answer.headers["x-content-type-options"] == "nosniff"
    (record,) = [r for r in caplog.records if r.levelno == logging.ERROR]
    assert record.getMessage() == "a fault of the program: GET /api/broken"
    assert "the secret of the house" in caplog.text
    assert "typed here" not in caplog.text


def test_there_are_no_web_sockets(client):
    with pytest.raises(WebSocketDisconnect) as caught, client.websocket_connect("/api/events"):
        pass
    assert caught.value.code == 1008


def test_a_proxy_is_believed_if_it_is_named(tmp_path):
    password = ["--password-file", cheap_password(tmp_path / "password")]
    forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.77"}

    def cookie(service, headers):
        with service.client(headers=headers) as client:
            answer = client.post("/api/login", data={"password": PASSWORD})
            return answer.raise_for_status().headers["set-cookie"]

    with web_service(tmp_path / "data", *password) as service:
        assert "Secure" not in cookie(service, forwarded)
    proxy = ["--trusted-proxy", "127.0.0.1", "--server-name", "lab.example"]
    with web_service(tmp_path / "data", *password, *proxy) as service:
        assert cookie(service, forwarded).startswith("__Host-eemt-")
        assert "Secure" in cookie(service, forwarded | {"Host": "lab.example"})
        assert "Secure" not in cookie(service, {})
        said = (service.data / "logs" / "access.log").read_text()
        assert "192.0.2.77 POST /api/login 200" in said
