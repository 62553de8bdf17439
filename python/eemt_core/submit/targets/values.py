"""Values in directives: what a batch system cannot read there is refused."""

from __future__ import annotations

from ...errors import ArgumentError


def plain(system: str, field: str, value: str, special: str = "") -> str:
    """Return a value that may stand in a directive without quotes.

    Parameters
    ----------
    system
        What the batch system is called in sentences.
    field
        Which part of the order it is.
    special
        Characters that mean something there, besides blanks, quotes, backslashes and ``$``.

    Raises
    ------
    ArgumentError
        If it holds any of them.
    """
    wrong = next((c for c in value if c.isspace() or c in "'\"\\$" or c in special), None)
    if wrong is not None:
        raise ArgumentError(
            f"{system} cannot read {wrong!r} in {value!r:.80}",
            remedy=f"give another <<{field}>>, or none and a directive of your own",
            field=field,
            value=value,
        )
    return value


def clock(seconds: int) -> str:
    """Return a duration as batch systems write it.

    Examples
    --------
    >>> clock(93784)
    '26:03:04'
    """
    hours, rest = divmod(seconds, 3600)
    return f"{hours:02d}:{rest // 60:02d}:{rest % 60:02d}"
