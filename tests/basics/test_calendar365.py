"""The 365-day calendar."""

import pytest

from eemt_core import calendar365 as cal
from eemt_core.errors import ArgumentError


def test_the_365_days_fall_into_twelve_months_with_none_lost():
    days = [day for month in range(12) for day in cal.days_of_month(month)]
    assert days == list(range(1, 366))
    assert all(day in cal.days_of_month(cal.month_of_day(day)) for day in days)


@pytest.mark.parametrize(
    ("day", "date"), [(1, (1, 1)), (59, (2, 28)), (60, (3, 1)), (151, (5, 31)), (365, (12, 31))]
)
def test_dates_of_known_days(day, date):
    assert cal.calendar_date(day) == date


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("1-365", tuple(range(1, 366))),
        ("15,172", (15, 172)),
        ("172", (172,)),
        ("40-42, 1,41", (1, 40, 41, 42)),
    ],
)
def test_days_are_read_from_text(text, days):
    assert cal.parse_days(text) == days


@pytest.mark.parametrize("text", ["", "0", "366", "10-5", "a", "1--2", "1,,2", "-3", "1.5"])
def test_text_that_names_no_days_is_refused(text):
    with pytest.raises(ArgumentError, match="days must"):
        cal.parse_days(text)


@pytest.mark.parametrize("day", [0, 366, -1])
def test_a_day_outside_the_year_is_refused(day):
    with pytest.raises(ArgumentError, match="day must lie in 1 to 365"):
        cal.month_of_day(day)


def test_month_groups_number_the_months_touched():
    assert cal.month_groups([15, 172, 173]) == ([0, 5], [0, 1, 1])


@pytest.mark.parametrize(
    ("year", "leap"), [(2000, True), (1900, False), (2024, True), (2026, False)]
)
def test_leap_years(year, leap):
    assert cal.is_leap(year) is leap
