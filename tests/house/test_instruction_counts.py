"""Kernels need no more instructions than recorded; unlike time, the count ignores other load."""

import json
import shutil

import pytest

import instruction_counts as counts
from eemt_core import _core

RECORD = json.loads(counts.RECORD.read_text())
SLACK = 0.03


@pytest.mark.slow
def test_every_kernel_is_counted():
    assert sorted(RECORD["instructions"]) == counts.kernels()


@pytest.mark.slow
@pytest.mark.parametrize("kernel", RECORD["instructions"])
def test_instructions_are_as_recorded(kernel):
    if shutil.which("valgrind") is None:
        pytest.fail("valgrind is missing: install Debian's package valgrind (make test does)")
    if counts.compiler() != RECORD["compiler"]:
        pytest.skip(f"recorded for {RECORD['compiler']}, this is {counts.compiler()}")
    if "v3" not in _core.processor.instruction_sets():
        pytest.skip("recorded for AVX2, which this processor lacks")
    expected = RECORD["instructions"][kernel]
    change = counts.instructions()[kernel] / expected - 1
    assert abs(change) <= SLACK, (
        f"{kernel} takes {change:+.1%} instructions; if that is as it must be, record it:"
        " .venv/bin/python tests/support/instruction_counts.py"
    )
