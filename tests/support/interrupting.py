"""Runs that are interrupted in the middle of their tiles, and what they leave."""

from eemt_core.engines.base import Completion
from eemt_core.engines.local import LocalEngine


class Interrupting(LocalEngine):
    """Hears Ctrl-C once three completed tiles were handed over, however many have ended by then."""

    handed_over = 0

    def wait(self, timeout_s):
        if self.handed_over >= 3:
            raise KeyboardInterrupt
        events = []
        for event in super().wait(timeout_s):
            if self.handed_over < 3:
                events.append(event)
                self.handed_over += isinstance(event, Completion) and "tile" in event.name
        return events


def finished_tiles(out):
    return sorted(path.parent.name for path in out.glob(".eemt/tiles/*/result.json"))
