"""Asks a page in containers for a run of the demonstration, as a browser's user would.

As a program, ``python asked_page.py URL PASSWORD``, it prints what is known of the job at its end:
a page in containers may be in another network than the tests.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import httpx

from runs import assert_same_maps, eemt_run
from web_service import DEMO, PASSWORD

_PATIENCE_S = 400
_PLACES = Path(__file__).parents[:2]  # where tests find each other


def assert_page_computes(podman, container, folder):
    """Have a page run the demonstration; its maps are those of a run without workers."""
    asked = subprocess.run(
        [*podman.prefix, sys.executable, __file__, "http://127.0.0.1:5000", PASSWORD],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, _PLACES))},
        capture_output=True,
        text=True,
        timeout=_PATIENCE_S + 60,
    )
    assert asked.returncode == 0, asked.stderr
    job = json.loads(asked.stdout)
    assert (job["status"], job["error_message"]) == ("completed", "")
    podman.run("cp", f"{container}:/data/results/{job['job_id']}/maps", folder / "maps")
    options = [word for name in ("days", "step") for word in (f"--{name}", DEMO[name])]
    local = ("--demo", "--workflow", "sol", *options, "--no-pictures", "-o", folder / "local")
    done = eemt_run(*local)
    assert done.returncode == 0, done.stderr
    assert_same_maps(folder / "local", folder / "maps")


def main(url, password):
    with httpx.Client(base_url=url, timeout=120) as client:
        client.post("/api/login", data={"password": password}).raise_for_status()
        asked = client.post("/api/submit-job", data=DEMO).raise_for_status().json()
        deadline = time.monotonic() + _PATIENCE_S
        while time.monotonic() < deadline:
            job = client.get(f"/api/jobs/{asked['job_id']}").raise_for_status().json()
            if job["status"] not in ("pending", "running"):
                break
            time.sleep(0.2)
    print(json.dumps({**asked, **job}))


if __name__ == "__main__":
    main(*sys.argv[1:])
