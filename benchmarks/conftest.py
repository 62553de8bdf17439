"""Rates beside the seconds: work per second and core, printed below the table of times."""

import pytest


@pytest.fixture
def rate(benchmark):
    """`rate(unit, work, function, *arguments, **options)`: time the call, note work per second.

    Calls run on one thread, so the rate is per core.
    """

    def run(unit, work, function, *arguments, **options):
        benchmark.pedantic(function, arguments, options, rounds=5, warmup_rounds=1)
        if benchmark.stats is not None:  # absent under --benchmark-disable
            benchmark.extra_info[f"{unit}/s/core"] = work / benchmark.stats.stats.min

    return run


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter, config):
    session = getattr(config, "_benchmarksession", None)
    timed = [bench for bench in session.benchmarks if bench.extra_info] if session else []
    if not timed:
        return
    terminalreporter.section("rates on one core")
    for bench in timed:
        for unit, value in bench.extra_info.items():
            terminalreporter.write_line(f"{bench.name:45} {value / 1e6:10.1f} M {unit}")
