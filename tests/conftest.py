"""Settings shared by all tests."""

import os

from hypothesis import HealthCheck, settings

# Kernels run in microseconds, but the machine may be busy: no deadline per example.
settings.register_profile(
    "default",
    deadline=None,
    max_examples=int(os.environ.get("EEMT_HYPOTHESIS_EXAMPLES", "40")),
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=True,
)
settings.load_profile("default")
