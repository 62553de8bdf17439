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


def instructions(kernel):
    """Instructions of one run: half of the difference between three runs and one."""
    counts = []
    for times in (1, 3):
        report = command(
            *("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"),
            *(program(), kernel, times),
        )
        counts.append(int(re.search(r"Collected : (\d+)", report)[1]))
    return (counts[1] - counts[0]) // 2


def record():
    """Count all kernels and write the record."""
    counts = {kernel: instructions(kernel) for kernel in kernels()}
    content = {"compiler": compiler(), "instruction_set": LEVEL, "instructions": counts}
    RECORD.write_text(json.dumps(content, indent=2) + "\n")


if __name__ == "__main__":
    record()
    print(RECORD.read_text(), end="")
