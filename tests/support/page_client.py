"""Asks a page for a run of the demonstration and waits for its end, as a browser's user would.

``python page_client.py URL PASSWORD`` prints what is known of the job then. A program of its own,
since a page in a container may be in another network.
"""

import json
import sys
import time

import httpx

from web_service import DEMO

_PATIENCE_S = 120


def main(url, password):
    with httpx.Client(base_url=url, timeout=30) as client:
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
