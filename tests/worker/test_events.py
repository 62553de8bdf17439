"""The worker's log is understood in the words of both protocols, as recordings have them."""

from itertools import groupby

import pytest

from eemt_core.worker.events import WorkerEventKind as Kind
from eemt_core.worker.events import event_of
from eemt_core.worker.supervise import Connection
from recordings import PROTOCOLS, recorded

AUTHENTICATED = [Kind.CONNECTED, Kind.AUTHENTICATING, Kind.ACCEPTED, Kind.HELLO_SENT]
TASK = [Kind.MANAGER_MESSAGE, Kind.TASK_STARTED, Kind.TASK_ENDED, Kind.MANAGER_MESSAGE]
GUESS = [Kind.CONNECTED, Kind.AUTHENTICATING, Kind.WRONG_PASSWORD]
NEEDLESS = [Kind.CONNECTED, Kind.AUTHENTICATING, Kind.NO_PASSWORD_THERE]
HELLO = [Kind.CONNECTED, Kind.HELLO_SENT]
END = [Kind.DISCONNECTED]

# recording, protocols, what happens: the first events and the last one
CASES = [
    ("worker_works", PROTOCOLS, HELLO + TASK, Kind.DISCONNECTED),
    ("worker_right_password", PROTOCOLS, AUTHENTICATED + TASK, Kind.DISCONNECTED),
    ("worker_wrong_password", PROTOCOLS, GUESS + GUESS, Kind.WRONG_PASSWORD),
    ("worker_no_password", PROTOCOLS, [*HELLO, Kind.NEEDS_PASSWORD, *END], Kind.DISCONNECTED),
    ("worker_needless_password", PROTOCOLS, NEEDLESS + NEEDLESS, Kind.NO_PASSWORD_THERE),
    ("worker_released", (9,), [*HELLO, Kind.RELEASED, *END], Kind.DISCONNECTED),
    ("worker_encrypts", (11,), HELLO + TASK, Kind.DISCONNECTED),
    ("worker_does_not_encrypt", (11,), HELLO + END, Kind.DISCONNECTED),
]
EACH = [
    pytest.param(name, protocol, first, last, id=f"{name} {protocol}")
    for name, protocols, first, last in CASES
    for protocol in protocols
]


def events(name, protocol):
    lines = (line.decode() for line in recorded(protocol, name))
    return [event for event in map(event_of, lines) if event is not None]


@pytest.mark.parametrize(("name", "protocol", "first", "last"), EACH)
def test_what_happened_to_a_worker_is_read_from_the_words_of_both_protocols(
    name, protocol, first, last
):
    kinds = [kind for kind, _ in groupby(event.kind for event in events(name, protocol))]
    assert kinds[: len(first)] == first
    assert kinds[-1] == last
    assert Kind.PROBLEM not in kinds


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_why_a_connection_ended_is_the_same_in_both_protocols(protocol):
    told = {}
    for name, protocols, *_ in CASES:
        if protocol in protocols:
            connection = Connection()
            for event in events(name, protocol):
                connection.note(event, 0.0)
            told[name] = (connection.settled, connection.heard, connection.tasks > 0)
            assert connection.address.endswith((":9421", ":1024")), "the manager's, not ours"
    assert told["worker_works"] == told["worker_right_password"] == (True, True, True)
    for name in ("worker_wrong_password", "worker_no_password", "worker_needless_password"):
        assert told[name] == (False, False, False), "a manager that refused it never settled"


def test_a_manager_that_is_told_of_in_a_task_s_command_means_nothing():
    """A line about a command counts as what the module says, whatever the command says."""
    said = (
        "wq: rx: exit; wq: disconnecting from manager a; auth: peer did not send correct response"
    )
    for blank in (" ", ""):
        begin = f"2026/03/01 10:00:00.10 work_queue_worker[77]{blank}wq: "
        assert event_of(f"{begin}started process 5: {said}").kind is Kind.TASK_STARTED
        assert event_of(f"{begin}rx: {said}").kind is Kind.MANAGER_MESSAGE
        assert event_of(f"{begin}rx from manager: {said}").kind is Kind.MANAGER_MESSAGE
