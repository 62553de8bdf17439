"""Sizes, durations and addresses are parsed as people mean them."""

import pytest

from eemt_core.errors import ArgumentError
from eemt_core.sizes import (
    Address,
    parse_addresses,
    parse_cores,
    parse_mb,
    parse_port,
    parse_seconds,
)


@pytest.mark.parametrize(
    ("text", "mb"),
    [
        ("8G", 8192), ("8g", 8192), ("8GB", 8192), ("8 GiB", 8192), ("8192", 8192),
        ("500M", 500), ("500 mb", 500), ("2T", 2 * 1024**2), ("1.5G", 1536), (" 2048K ", 2),
    ],
)  # fmt: skip
def test_a_size_is_in_mb_whatever_its_unit(text, mb):
    assert parse_mb(text) == mb


@pytest.mark.parametrize("text", ["", "M", "8Q", "-1", "G8", "8 G B", "1e3", "0", "100K", "8B"])
def test_no_size_is_guessed(text):
    with pytest.raises(ArgumentError, match=r"write 8G, 500M or a number of MB"):
        parse_mb(text)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("3600", 3600), ("4h", 14400), ("30min", 1800), ("30 m", 1800), ("1h30min", 5400),
        ("1.5 hours", 5400), ("2d", 172800), ("04:00:00", 14400), ("1-00:00:01", 86401),
    ],
)  # fmt: skip
def test_a_duration_is_in_seconds_whatever_its_unit(text, seconds):
    assert parse_seconds(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "soon", "4x", "h", "0", "-5", "4:00", "5 apples", "1h foo", "9" * 17]
)
def test_no_duration_is_guessed(text):
    with pytest.raises(ArgumentError, match="write 30min, 4h or"):
        parse_seconds(text)


def test_addresses_come_one_by_one_or_in_a_row():
    assert parse_addresses("one") == (Address("one", 9123),)
    assert parse_addresses("one:1;10.0.0.2:2, three", 7) == (
        Address("one", 1), Address("10.0.0.2", 2), Address("three", 7),
    )  # fmt: skip


@pytest.mark.parametrize("text", ["", "a b:x", "host:", ":9123", "host:0", "ho/st", "a:b:1"])
def test_no_address_is_guessed(text):
    with pytest.raises(ArgumentError, match=r"write HOST or HOST:PORT|write a number from 1"):
        parse_addresses(text)


def test_numbers_are_held_within_their_range():
    assert (parse_cores("2"), parse_port("65535")) == (2, 65535)
    for parse, text in ((parse_cores, "0"), (parse_cores, "two"), (parse_port, "65536")):
        with pytest.raises(ArgumentError):
            parse(text)
