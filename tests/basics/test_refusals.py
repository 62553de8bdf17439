"""What tasks leave for the worker that runs them: sentences, each once, and never its trouble."""

import os

import pytest

from eemt_core import refusals


@pytest.fixture
def told(tmp_path, monkeypatch):
    """The file of a worker that listens."""
    environment = dict(os.environ)
    refusals.listen(environment, tmp_path / "told.txt")
    for name in environment.keys() - os.environ.keys():
        monkeypatch.setenv(name, environment[name])
    return tmp_path / "told.txt"


def test_sentences_are_read_as_they_were_left_each_once(told):
    assert refusals.told(told) == []
    for sentence in (
        "its processor is old",
        "its\nversion\x1b[2J is another",
        "its processor is old",
    ):
        refusals.tell(sentence)
    assert refusals.told(told) == ["its processor is old", "its version[2J is another"]


def test_where_nobody_listens_or_the_place_is_gone_nothing_is_left(told, monkeypatch, tmp_path):
    monkeypatch.setenv("EEMT_REFUSALS", str(tmp_path / "gone" / "told.txt"))
    refusals.tell("it cannot")
    monkeypatch.delenv("EEMT_REFUSALS")
    refusals.tell("it cannot")
    assert list(tmp_path.iterdir()) == []
