"""The page with a run of the demonstration on it: `demo_page.py DATA [OPTIONS OF eemt-web]`.

Starts eemt-web, submits the demonstration unless DATA holds a job already, opens the address in
the user's browser where there is one, and serves until it is interrupted.
"""

import json
import os
import subprocess
import sys
import urllib.parse
import urllib.request
import webbrowser
from pathlib import Path

FORM = {"workflow_type": "eemt", "climate": "demo"}


def main(data: str, *options: str) -> int:
    """Serve, and return the exit code of eemt-web."""
    program = Path(sys.executable).with_name("eemt-web")
    service = subprocess.Popen(
        [program, "--data", data, *options], stdout=subprocess.PIPE, text=True
    )
    address = service.stdout.readline().strip()
    if address:
        print(address, flush=True)
        if not json.load(urllib.request.urlopen(f"{address}api/jobs")):
            form = urllib.parse.urlencode(FORM).encode()
            urllib.request.urlopen(f"{address}api/submit-job", data=form).read()
        if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
            webbrowser.open(f"{address}monitor")
    try:
        return service.wait()
    except KeyboardInterrupt:  # eemt-web has heard it too
        return service.wait()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
