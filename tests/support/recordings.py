"""What Work Queue printed, of both protocols: logs of its workers, managers and tasks."""

from pathlib import Path

_FOLDER = Path(__file__).parents[1] / "data" / "work_queue"
PROTOCOLS = (9, 11)


def recorded(protocol, name):
    """The lines of a recording, as bytes."""
    return (_FOLDER / f"protocol_{protocol}" / f"{name}.log").read_bytes().splitlines()
