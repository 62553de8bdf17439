"""The asv suite runs: every benchmark once, with its first (smallest) parameters."""

import importlib
import inspect
import json
import pkgutil
from pathlib import Path

import pytest

import suite


def benchmarks():
    for info in pkgutil.iter_modules(suite.__path__, "suite."):
        module = importlib.import_module(info.name)
        for _, group in inspect.getmembers(module, inspect.isclass):
            if group.__module__ == info.name:
                for name, _ in inspect.getmembers(group, inspect.isfunction):
                    if name.startswith(("time_", "track_")):
                        yield pytest.param(group, name, id=f"{group.__name__}.{name}")


@pytest.mark.parametrize(("group", "name"), list(benchmarks()))
def test_benchmark_runs(group, name):
    first = [values[0] for values in getattr(group, "params", ())]
    bench = group()
    bench.setup(*first)
    answer = getattr(bench, name)(*first)
    if name.startswith("track_"):
        assert answer > 0
        assert getattr(group, name).unit.endswith("/s/core")


def test_the_configuration_finds_the_suite():
    here = Path(__file__).parent
    config = json.loads((here / "asv.conf.json").read_text())
    assert (here / config["benchmark_dir"] / "__init__.py").exists()
    assert (here / config["repo"] / "pyproject.toml").exists()
