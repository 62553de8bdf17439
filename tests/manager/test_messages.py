"""The number of messages about failures is limited, however many failures there are."""

import pytest

from eemt_core.journal import JOURNAL_FILE, Journal
from eemt_core.manager.reporter import Silent
from eemt_core.manager.schedule.messages import MOST, Messages
from eemt_core.manager.schedule.worker_notices import WorkerNotices


class Listener(Silent):
    """Keeps what it is told."""

    def __init__(self):
        self.said, self.details = [], []

    def say(self, sentence):
        self.said.append(sentence)

    def detail(self, sentence):
        self.details.append(sentence)


@pytest.fixture
def listener():
    return Listener()


@pytest.fixture
def messages(tmp_path, listener):
    with Journal.create(tmp_path / JOURNAL_FILE) as journal:
        yield Messages(journal, listener)


def test_sentences_of_one_kind_do_not_flood_the_terminal(messages, listener):
    for number in range(1000):
        messages.say(f"A worker hung up, {number}.", "lost")
    assert listener.said[:MOST] == [f"A worker hung up, {number}." for number in range(MOST)]
    assert len(listener.said) == MOST + 1, "one sentence says that there are more"
    assert "<<detail>>" in listener.said[-1]
    assert len(listener.details) == 1000 - MOST, "and they are there for who asks"


def test_another_kind_is_told_all_the_same(messages, listener):
    for number in range(100):
        messages.say(f"A worker hung up, {number}.", "lost")
    messages.say("The queue was started again.", "queue")
    messages.say("", "queue")
    assert listener.said[-1] == "The queue was started again."


def test_a_strangers_own_words_make_no_new_reason():
    notices = WorkerNotices(engine=None)
    reasons = [f"it said '{number}x', which no worker says" for number in range(50)]
    told = [notices.refused(f"192.0.2.9:{n}", why, True) for n, why in enumerate(reasons)]
    assert [sentence for sentence in told if sentence] == [
        "A worker at 192.0.2.9 was refused: it said '0x', which no worker says."
    ]
