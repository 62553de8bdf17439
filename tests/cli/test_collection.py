"""The search for objects that hold each other is left out while loading and at the end, only."""

import subprocess
import sys

LOADING = """
import gc
from eemt_core.cli.collection import without_collection
searched = []
gc.callbacks.append(lambda phase, about: searched.append(phase))
with without_collection():
    kept = [[number] for number in range(100_000)]
    assert not searched
    count = gc.get_freeze_count()
assert gc.isenabled()
assert gc.get_freeze_count() > count + 100_000
for _ in range(100_000):
    pair = []
    pair.append(pair)
print(bool(searched), gc.get_count()[0] < 100_000)
"""

ENDING = """
import gc, weakref
from eemt_core.cli.collection import leave_without_collection
class Noted:
    def __del__(self):
        print("found")
if {leaves}:
    leave_without_collection()
noted = Noted()
noted.itself = noted
weakref.finalize(noted, print, "finalized")
del noted
"""


def printed(program):
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_nothing_is_searched_while_loading_and_what_was_loaded_never_after():
    assert printed(LOADING) == ["True", "True"]


def test_at_the_end_nothing_is_searched_but_finalizers_are_called():
    assert printed(ENDING.format(leaves=False)) == ["finalized", "found"]
    assert printed(ENDING.format(leaves=True)) == ["finalized"]


def test_who_has_switched_it_off_finds_it_off():
    program = (
        "import gc; gc.disable()\nfrom eemt_core.cli.collection import without_collection\n"
        "with without_collection(): pass\nprint(gc.isenabled())"
    )
    assert printed(program) == ["False"]
