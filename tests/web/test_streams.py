"""A reader who goes away leaves nothing that an answer has opened, whenever Python collects it."""

import asyncio
import gc

import pytest

from eemt_core.web.routes.streams import ClosingResponse


def pieces(held, piece):
    held.append(1)
    try:
        while True:
            yield piece
    finally:
        held.pop()


async def events(held, text):
    held.append(1)
    try:
        while True:
            yield text
    finally:
        held.pop()


async def left_by(make, piece):
    """What is held once a reader has taken the head and two pieces, and has gone."""
    held = []
    gone, sent = asyncio.Event(), []

    async def receive():
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message):
        sent.append(message["type"])
        if len(sent) == 3:
            gone.set()
        await asyncio.sleep(0.001)

    await ClosingResponse(make(held, piece))({"type": "http"}, receive, send)
    assert sent == ["http.response.start", "http.response.body", "http.response.body"]
    return held


@pytest.fixture
def no_collection():
    gc.disable()
    yield
    gc.enable()


@pytest.mark.parametrize(("make", "piece"), [(pieces, b"piece"), (events, "event")])
@pytest.mark.usefixtures("no_collection")
def test_what_an_answer_holds_is_let_go_when_its_reader_goes_away(make, piece):
    for _ in range(10):
        assert asyncio.run(left_by(make, piece)) == []
