"""The page of ``eemt-web`` and the pool of workers that its runs share, as plain checked data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from ..errors import ArgumentError
from .checks import check_is_there, check_number, check_path, check_text

PORTS = (9123, 9124, 9125, 9126)
"""Where runs wait for workers, each at one of its own; so there are as many runs at a time."""


@dataclass(frozen=True)
class WebPool:
    """The page, and workers for whichever of its runs have tiles; both go on until they are ended.

    Attributes
    ----------
    count
        How many workers there are, or how few at least, with `most`.
    web_password_file
        File that ``eemt-web`` wrote, with the hash of the password of those who use the page.
    web_tokens_file
        File that ``eemt-web`` wrote, with the hashes of tokens by which programs may ask; or None.
    password_file
        File with the password that workers show; None where they need none.
    server_name
        The name by which browsers call the page, where that is none of its own.
    storage_mb
        How much the page may keep [MB], where the target needs to know.
    most
        How many workers there may be at most, as tiles wait; None for as many as there are.

    Raises
    ------
    ArgumentError
        If a file is not there or depends on where it is looked for.
    """

    kind: ClassVar[str] = "web"

    count: int = 1
    web_password_file: Path | None = None
    password_file: Path | None = None
    server_name: str = ""
    storage_mb: int | None = None
    most: int | None = None
    web_tokens_file: Path | None = None

    def __post_init__(self) -> None:
        check_number("workers", self.count)
        check_text("server_name", self.server_name)
        if self.storage_mb is not None:
            check_number("storage", self.storage_mb)
        if self.most is not None and self.most < self.count:
            raise ArgumentError(
                f"at most {self.most} workers are fewer than {self.count}",
                remedy="give <<autoscale>> the fewest and the most",
                field="autoscale",
                value=self.most,
            )
        if self.web_password_file is None:
            raise ArgumentError(
                "everybody who reaches the page may use it",
                remedy="name the password's file with <<web_password_file>>; eemt-web writes one",
                field="web_password_file",
            )
        for name in ("web_password_file", "web_tokens_file", "password_file"):
            path = getattr(self, name)
            if path is not None:
                check_path(name, path)
                check_is_there(name, path)
