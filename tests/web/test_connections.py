"""Nobody can hold all connections, nor one for ever without asking for anything."""

import asyncio
import contextlib
import resource
import socket

import pytest
import uvicorn
from uvicorn.server import ServerState

from eemt_core.web import connections
from eemt_core.web.connections import Listener, Prompt, most_connections

HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\n"


async def application(scope, receive, send):
    """Answers when all of the body has come."""
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body"})


@contextlib.contextmanager
def listening(most, proxy=""):
    with Listener(socket.AF_INET6, socket.SOCK_STREAM, most=most, proxy=proxy) as listener:
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        listener.bind(("::", 0))
        listener.listen(100)
        yield listener


@contextlib.contextmanager
def calls(listener, *addresses):
    """Connections from these addresses of loopback, as the service takes them; None if refused."""
    with contextlib.ExitStack() as stack:
        taken = []
        for address in addresses:
            caller = socket.create_connection(
                ("127.0.0.1", listener.getsockname()[1]), 5, source_address=(address, 0)
            )
            stack.enter_context(caller)
            try:
                taken.append(stack.enter_context(listener.accept()[0]))
            except ConnectionAbortedError:
                assert caller.recv(1) == b""  # closed at once
                taken.append(None)
        yield taken


def test_one_address_has_a_quarter_of_the_connections():
    with listening(8) as listener, calls(listener, *["127.0.0.2"] * 4, "127.0.0.3") as taken:
        assert [one is not None for one in taken] == [True, True, False, False, True]
        taken[0].close()
        with calls(listener, "127.0.0.2", "127.0.0.2") as more:
            assert [one is not None for one in more] == [True, False]


def test_all_addresses_together_have_no_more_than_there_are():
    addresses = [f"127.0.0.{number}" for number in range(2, 12)]
    with listening(8) as listener, calls(listener, *addresses) as taken:
        assert [one is not None for one in taken] == [True] * 8 + [False] * 2


def test_a_proxy_may_have_them_all():
    with (
        listening(8, "127.0.0.1") as listener,
        calls(listener, *["127.0.0.1"] * 9, "127.0.0.2") as taken,
    ):
        assert [one is not None for one in taken] == [True] * 8 + [False] * 2


@pytest.mark.parametrize(("files", "most"), [(256, 64), (1024, 424), (10**6, 1000)])
def test_connections_leave_room_for_other_files(monkeypatch, files, most):
    monkeypatch.setattr(resource, "getrlimit", lambda _: (files, files))
    assert most_connections() == most


async def talk(*pieces, pause_s, patience_s):
    """Send pieces on one connection; return the answers, and whether it was closed in a time."""
    config = uvicorn.Config(application, log_config=None, lifespan="off", timeout_keep_alive=60)
    config.load()
    state, loop = ServerState(), asyncio.get_running_loop()
    server = await loop.create_server(lambda: Prompt(config, state, {}), "127.0.0.1", 0)
    async with server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        answers, is_closed = b"", False
        for piece in pieces:
            with contextlib.suppress(ConnectionError):
                writer.write(piece)
            await asyncio.sleep(pause_s)
        with contextlib.suppress(TimeoutError):
            try:
                async with asyncio.timeout(patience_s):
                    while piece := await reader.read(1000):
                        answers += piece
            except ConnectionError:
                pass
            is_closed = True
        writer.transport.abort()
        while state.connections:  # the server's end is closed when it has noticed
            await asyncio.sleep(0.01)
    return answers.count(b" 204 "), is_closed


WHOLE, BODY = HEAD + b"\r\n", HEAD + b"Content-Length: 3\r\n\r\n"


@pytest.mark.parametrize(
    ("pieces", "answers", "is_closed"),
    [
        ([b""], 0, True),
        ([HEAD], 0, True),
        ([HEAD, *[b"X: y\r\n"] * 6], 0, True),  # one header after the other, without end
        ([WHOLE, HEAD], 1, True),
        ([WHOLE], 1, False),  # the next request may come later
        ([BODY, b"a", b"b", b"c"], 1, False),  # a body has a limit of its own
        ([HEAD, b"\r\n", WHOLE], 2, False),
    ],
)
def test_a_connection_without_a_request_is_closed(monkeypatch, pieces, answers, is_closed):
    # a head that comes in time does so on a busy machine too, which may make a pause much longer
    comes_in_time = pieces[0] == HEAD and not is_closed
    monkeypatch.setattr(connections, "HEAD_S", 30.0 if comes_in_time else 0.3)
    told = talk(*pieces, pause_s=0.1, patience_s=30.0 if is_closed else 1.0)
    assert asyncio.run(told) == (answers, is_closed)
