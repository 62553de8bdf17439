"""The program ``eemt-submit``, and what it prints."""

import subprocess
import sys

PROGRAM = [sys.executable, "-c", "from eemt_core.cli.submit import main; main()"]


def eemt_submit(*arguments, **options):
    """Run the program and wait for it."""
    return subprocess.run(
        [*PROGRAM, *map(str, arguments)], capture_output=True, text=True, timeout=60, **options
    )


def submitted(cluster, *arguments, **options):
    """Submit to a cluster; return what was printed by its first words, such as ``jobs``."""
    done = eemt_submit(*arguments, "--submit", env=cluster.environment, **options)
    assert (done.returncode, done.stderr) == (0, "")
    return dict(line.split(maxsplit=1) for line in done.stdout.splitlines())
