"""How many instructions each kernel takes on a small fixed landscape.

Unlike time, this is the same on a busy machine. Recorded beside the compiler that made the
kernels, in `instruction_counts.json`; to record anew, after looking at why they changed:

    .venv/bin/python tests/support/instruction_counts.py
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "build" / "counts"
RECORD = Path(__file__).with_suffix(".json")
LEVEL = "v3"


def command(*words):
    """Run a command; its standard output and error in one. A failure shows all of it."""
    done = subprocess.run(
        list(map(str, words)),
        cwd=ROOT,
        env={**os.environ, "EEMT_SIMD": LEVEL},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, words))} failed:\n{done.stdout}")
    return done.stdout


@cache
def program():
    """The counted program, built like a release."""
    tools = Path(sys.executable).parent
    command(tools / "cmake", f"-DCMAKE_MAKE_PROGRAM={tools / 'ninja'}", "--preset", "counts")
    command(tools / "cmake", "--build", "--preset", "counts")
    return BUILD / "cpp" / "counts" / "count_kernels"


def compiler():
    """The compiler's name and version, as the record knows it."""
    program()
    files = (BUILD / "CMakeFiles").glob("*/CMakeCXXCompiler.cmake")
    text = next(files).read_text()
    found = re.findall(r'set\(CMAKE_CXX_COMPILER_(?:ID|VERSION) "(.*?)"\)', text)
    return " ".join(found)


def kernels():
    """Names of the kernels that can be counted."""
    return command(program()).split()


@cache
def instructions():
    """Instructions that each kernel takes, by its name."""
    with tempfile.TemporaryDirectory() as folder:
        dumps = Path(folder) / "dumps"
        command(
            *("valgrind", "--tool=callgrind", "--instr-atstart=no", "--combine-dumps=yes"),
            *(f"--callgrind-out-file={dumps}", program(), *kernels()),
        )
        found = re.findall(
            r"^desc: Trigger: Client Request: (\w+)$.*?^totals: (\d+)$",
            dumps.read_text(),
            re.MULTILINE | re.DOTALL,
        )
    return {kernel: int(count) for kernel, count in found}


def record():
    """Count all kernels and write the record."""
    counts = dict(sorted(instructions().items()))
    content = {"compiler": compiler(), "instruction_set": LEVEL, "instructions": counts}
    RECORD.write_text(json.dumps(content, indent=2) + "\n")


if __name__ == "__main__":
    record()
    print(RECORD.read_text(), end="")
