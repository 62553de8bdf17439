"""What a run would tell its user, heard by the process that looks at its files."""

from __future__ import annotations

from ...manager.reporter import Silent


class Notes(Silent):
    """Keeps what every user should know.

    Attributes
    ----------
    sentences
        In the order in which they came.
    """

    def __init__(self) -> None:
        self.sentences: list[str] = []

    def say(self, sentence: str) -> None:
        """Hear something that every user should know."""
        self.sentences.append(sentence)
