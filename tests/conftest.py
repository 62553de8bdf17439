"""Settings shared by all tests."""

import os
import signal
from collections import Counter

from hypothesis import HealthCheck, settings

# What a shell without a terminal has its programs leave unheard, ours must hear in the tests.
signal.signal(signal.SIGHUP, signal.SIG_DFL)

# Kernels run in microseconds, but the machine may be busy: no deadline per example.
settings.register_profile(
    "default",
    deadline=None,
    max_examples=int(os.environ.get("EEMT_HYPOTHESIS_EXAMPLES", "40")),
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=True,
)
settings.load_profile("default")


def pytest_collection_modifyitems(config, items):
    """Side by side, begin with the files that take longest: none is left for one process alone."""
    if hasattr(config, "workerinput"):
        slow = Counter(item.path for item in items if item.get_closest_marker("slow"))
        items.sort(key=lambda item: -slow[item.path])
