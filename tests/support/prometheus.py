"""Figures as Prometheus' own programs read and judge them."""

import os
import shutil
import subprocess
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

_UNPACKED = Path(__file__).parents[2] / "build" / "prometheus" / "usr" / "bin"


def figures(text):
    """Each sample's value by its name and labels."""
    found = {}
    for family in text_string_to_metric_families(text):
        assert family.documentation, family.name
        assert family.type in ("gauge", "counter"), family.name
        for sample in family.samples:
            labels = tuple(sorted(sample.labels.items()))
            assert (sample.name, labels) not in found
            found[sample.name, labels] = sample.value
    return found


def of_run(text, run):
    """The figures of one run: by name, and by name and the value of a further label."""
    found = {}
    for (name, labels), value in figures(text).items():
        others = dict(labels)
        if others.pop("run", None) == run:
            found[(name, *others.values()) if others else name] = value
    return found


def promtool(*words, text=None):
    """Run Debian's promtool; its exit code and all that it says."""
    program = shutil.which("promtool", path=f"{os.environ['PATH']}:{_UNPACKED}")
    assert program, "promtool is missing: scripts/setup_debian.sh test unpacks it"
    done = subprocess.run(
        [program, *map(str, words)],
        input=text,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
    )
    return done.returncode, done.stdout
