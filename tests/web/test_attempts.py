"""Guessing is slow, from one address and from many, and whoever knows the password comes in."""

import threading

import pytest

from eemt_core.web.access.attempts import Attempts, place_of
from web_service import PASSWORD, application, cheap_password


class Clock:
    def __init__(self):
        self.now_s = 0.0

    def __call__(self):
        return self.now_s


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def attempts(clock):
    return Attempts(clock)


def guesses_in(attempts, clock, seconds, addresses):
    """How many passwords addresses can try in a time, each as soon as it may."""
    count, end = 0, clock.now_s + seconds
    while clock.now_s < end:
        for address in addresses:
            if attempts.wait_s(address) == 0:
                attempts.begin(address)
                count += 1
        clock.now_s += 1
    return count


def test_some_mistakes_are_free(attempts):
    for _ in range(5):
        assert attempts.wait_s("192.0.2.1") == 0
        attempts.begin("192.0.2.1")
    assert attempts.wait_s("192.0.2.1") == 1
    assert attempts.wait_s("192.0.2.2") == 0


def test_an_address_waits_twice_as_long_each_time_and_a_minute_at_most(attempts, clock):
    waits = []
    for _ in range(20):
        waits.append(attempts.wait_s("192.0.2.1"))
        clock.now_s += waits[-1]
        assert attempts.wait_s("192.0.2.1") == 0
        attempts.begin("192.0.2.1")
    assert waits == [0] * 5 + [1, 2, 4, 8, 16, 32] + [60] * 9


def test_one_address_tries_a_password_a_minute(attempts, clock):
    assert guesses_in(attempts, clock, 3600, ["192.0.2.1"]) < 75


def test_many_addresses_together_try_no_more_than_thirty_a_minute(attempts, clock):
    addresses = [f"192.0.2.{i}" for i in range(200)]
    assert guesses_in(attempts, clock, 300, addresses) <= 30 + 0.5 * 300


def test_nobody_locks_out_whoever_has_been_in(attempts, clock):
    attempts.begin("198.51.100.1")
    attempts.succeeded("198.51.100.1")
    guesses_in(attempts, clock, 100, [f"192.0.2.{i}" for i in range(200)])
    attempts.begin("192.0.2.249")
    assert attempts.wait_s("192.0.2.250") > 0
    assert attempts.wait_s("198.51.100.1") == 0


def test_a_stranger_to_the_service_waits_seconds_after_a_flood(attempts, clock):
    guesses_in(attempts, clock, 100, [f"192.0.2.{i}" for i in range(200)])
    attempts.begin("192.0.2.249")
    assert 0 < attempts.wait_s("198.51.100.9") <= 2


def test_success_forgets_the_mistakes(attempts):
    for _ in range(9):
        attempts.begin("192.0.2.1")
    attempts.succeeded("192.0.2.1")
    assert attempts.wait_s("192.0.2.1") == 0


def test_right_passwords_do_not_use_up_what_all_may_try(attempts):
    for i in range(200):
        attempts.begin(f"192.0.2.{i}")
        attempts.succeeded(f"192.0.2.{i}")
    assert attempts.wait_s("198.51.100.1") == 0


def test_a_network_of_ipv6_is_one_address(attempts):
    for i in range(6):
        attempts.begin(f"2001:db8::{i}")
    assert attempts.wait_s("2001:db8::ffff:1") > 0
    assert attempts.wait_s("2001:db8:0:1::1") == 0
    assert place_of("::ffff:192.0.2.1") == place_of("192.0.2.1")
    assert place_of("testclient") == "testclient"


def test_memory_of_addresses_is_bounded(clock):
    attempts = Attempts(clock)
    for i in range(25_000):
        attempts.begin(f"10.{i >> 16}.{i >> 8 & 255}.{i & 255}")
    assert len(attempts._failures) == 10_000


@pytest.fixture
def client(tmp_path):
    password = cheap_password(tmp_path / "password")
    with application(tmp_path / "data", password_file=password) as client:
        yield client


def test_too_many_wrong_passwords_are_answered_with_a_time(client):
    codes = [client.post("/api/login", data={"password": "wrong"}).status_code for _ in range(6)]
    assert codes == [401] * 5 + [429]
    answer = client.post("/api/login", data={"password": PASSWORD})
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "1"
    assert answer.json()["detail"] == "a wrong password was given too often: try again in 1 s"
    client.app.state.access.attempts._clock = lambda: 1e9
    assert client.post("/api/login", data={"password": PASSWORD}).status_code == 200


def test_guesses_at_the_same_time_count_each(client):
    codes = []

    def guess():
        codes.append(client.post("/api/login", data={"password": "wrong"}).status_code)

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [401] * 5 + [429] * 7
