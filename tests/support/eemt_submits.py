"""The programs ``eemt-submit`` and ``eemt-status``, and what they print."""

import subprocess
import sys

PROGRAM = [sys.executable, "-c", "from eemt_core.cli.submit import main; main()"]
STATUS = [sys.executable, "-c", "from eemt_core.cli.status import main; main()"]

# a worker tries for a minute whether its manager comes back; here it tries once
LEAVES_SOON = "export EEMT_RECONNECT_ATTEMPTS=1 EEMT_RECONNECT_DELAY=0"
# one tile of minutes
LONG = (
    "--days", "1-365", "--step", "1", "--directions", "720", "--tile-size", "512", "--no-pictures",
)  # fmt: skip


def eemt_submit(*arguments, **options):
    """Run the program and wait for it."""
    return subprocess.run(
        [*PROGRAM, *map(str, arguments)], capture_output=True, text=True, timeout=60, **options
    )


def submitted(cluster, *arguments, **options):
    """Submit to a cluster; return what was printed by its first words, such as ``jobs``."""
    behind = arguments.index("--") if "--" in arguments else len(arguments)
    done = eemt_submit(
        *arguments[:behind], "--submit", *arguments[behind:], env=cluster.environment, **options
    )
    assert (done.returncode, done.stderr) == (0, "")
    return dict(line.split(maxsplit=1) for line in done.stdout.splitlines())


def eemt_status(out, *arguments, **options):
    """Run ``eemt-status`` on the folder of a run and wait for it."""
    return subprocess.run(
        [*STATUS, str(out), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        **options,
    )


def jobs_told(cluster, out):
    """What ``eemt-status`` says of the jobs of a run, in one line."""
    done = eemt_status(out, env=cluster.environment)
    assert (done.returncode, done.stderr) == (0, "")
    return " ".join(done.stdout.split())
