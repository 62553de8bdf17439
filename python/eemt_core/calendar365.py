"""The calendar of a solar year: 365 days, twelve months, no 29 February.

Day numbers run from 1 (1 January) to 365 (31 December) in every year, as r.sun and the
EEMT workflow count them.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left
from collections.abc import Sequence

from .errors import ArgumentError

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTHS_IN_FULL = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
"""Names of months in file names. Python's `calendar` would give them in the user's language."""

MONTH_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_LAST_DAYS = tuple(itertools.accumulate(MONTH_LENGTHS))
ALL_DAYS = tuple(range(1, 366))


def is_leap(year: int) -> bool:
    """Tell whether `year` has a 29 February in the Gregorian calendar."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def month_of_day(day: int) -> int:
    """Month (0 = January) of a day number.

    >>> MONTHS[month_of_day(59)], MONTHS[month_of_day(60)]
    ('feb', 'mar')
    """
    if not 1 <= day <= 365:
        raise ArgumentError(f"day must lie in 1 to 365, got {day}", field="day", value=day)
    return bisect_left(_LAST_DAYS, day)


def days_of_month(month: int) -> range:
    """Day numbers of a month (0 = January)."""
    last = _LAST_DAYS[month]
    return range(last - MONTH_LENGTHS[month] + 1, last + 1)


def calendar_date(day: int) -> tuple[int, int]:
    """Month (1 to 12) and day of the month of a day number."""
    month = month_of_day(day)
    return month + 1, day - days_of_month(month).start + 1


def parse_days(text: str) -> tuple[int, ...]:
    """Day numbers from text such as ``1-365``, ``15,172`` or ``1-31,172``.

    >>> parse_days("15,172,30-32")
    (15, 30, 31, 32, 172)
    """
    days: set[int] = set()
    for part in text.split(","):
        match = re.fullmatch(r"\s*([0-9]{1,9})(?:\s*-\s*([0-9]{1,9}))?\s*", part)
        if not match:
            raise ArgumentError(
                f"days must look like 1-365 or 15,172, got {text!r}", field="days", value=text
            )
        first, last = int(match[1]), int(match[2] or match[1])
        if not 1 <= first <= last <= 365:
            raise ArgumentError(
                f"days must rise within 1 to 365, got {part.strip()!r}", field="days", value=text
            )
        days.update(range(first, last + 1))
    return tuple(sorted(days))


def month_groups(days: Sequence[int]) -> tuple[list[int], list[int]]:
    """The months that contain any of `days`, and for each day the index of its month in that list.

    >>> month_groups([15, 172, 173])
    ([0, 5], [0, 1, 1])
    """
    month_of = [month_of_day(day) for day in days]
    months = sorted(set(month_of))
    place = {month: number for number, month in enumerate(months)}
    return months, [place[month] for month in month_of]
