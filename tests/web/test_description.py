"""The service does what its own description (OpenAPI) says, whatever it is asked.

Schemathesis makes requests of all kinds from the description, right and wrong ones, and compares
the answers with it.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from eemt_core.web.access.tokens import add_token
from web_service import add_finished, application, cheap_password, web_service

PROGRAM = Path(sys.executable).with_name("schemathesis")
SETTINGS = """
[parameters]
"path.job_id" = "{job}"
"path.filename" = "{file}"
"path.group_id" = "{group}"
"path.file" = "{map}"
"path.z" = 0
"path.x" = 0
"path.y" = 0
"query.map" = "{map}"
"query.group" = "{group}"

# what is deleted is not there any more for the others: these have things of their own
[[operations]]
include-name = "DELETE /api/jobs/{{job_id}}"
parameters = {{ "path.job_id" = "{other_job}" }}

[[operations]]
include-name = "DELETE /api/uploads/{{filename}}"
parameters = {{ "path.filename" = "{other_file}" }}

[[operations]]
include-name = "POST /api/cleanup"
parameters = {{ "query.dry_run" = true }}

# a description can tell neither a GeoTIFF from other bytes nor a lower end from an upper one
[[operations]]
include-path-regex = "^/api/(upload|submit|estimate)|/tiles/"
checks.positive_data_acceptance.expected-statuses = ["2xx", 304, 401, 403, 404, 409, 422, 507]

# each of these starts a process that reads files
[[operations]]
include-path-regex = "^/api/(upload-|submit|estimate)"
phases.coverage.enabled = false
generation.max-examples = 2

# what a run of sunlight alone does not use is not looked at
[[operations]]
include-path-regex = "^/api/(submit|estimate)"
checks.negative_data_rejection.expected-statuses = ["2xx", 400, 401, 404, 409, 413, 422, 507]

# they do not end
[[operations]]
include-path-regex = "events$"
enabled = false
"""


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    """A file of tokens, and a token; a file of the password."""
    folder = tmp_path_factory.mktemp("keys")
    return folder / "tokens", add_token(folder / "tokens"), cheap_password(folder / "password")


@pytest.fixture(scope="module")
def service(keys, tmp_path_factory):
    tokens, _, password = keys
    data = tmp_path_factory.mktemp("web") / "data"
    options = ["--slots", 1, "--tokens-file", tokens, "--password-file", password]
    with web_service(data, *options) as service:
        yield service


@pytest.fixture(scope="module")
def settings(service, keys, finished_maps):
    """What Schemathesis is told: a finished job and an upload to ask for."""
    jobs = [add_finished(service.data, finished_maps) for _ in range(2)]
    files = []
    with service.client(headers={"Authorization": f"Bearer {keys[1]}"}) as client:
        for _ in range(2):
            content = (finished_maps.parent / "small.tif").read_bytes()
            sent = client.post("/api/upload-file", files={"file": ("small.tif", content)})
            files.append(sent.raise_for_status().json()["filename"])
        maps = client.get(f"/api/jobs/{jobs[0]}/maps").raise_for_status().json()["groups"]
        yield SETTINGS.format(
            job=jobs[0], other_job=jobs[1], file=files[0], other_file=files[1],
            group=maps[0]["id"], map=maps[0]["maps"][0]["path"],
        )  # fmt: skip
        for job in client.get("/api/jobs", params={"limit": 1000}).json():
            if job["status"] in ("pending", "running"):
                client.post(f"/api/jobs/{job['id']}/cancel")


def test_every_answer_is_as_described(service, keys, settings, tmp_path):
    (tmp_path / "schemathesis.toml").write_text(settings)
    done = subprocess.run(
        [
            PROGRAM, "--no-color", "--config-file", tmp_path / "schemathesis.toml",
            "run", f"{service.url}/openapi.json", "--header", f"Authorization: Bearer {keys[1]}",
            "--checks", "all", "--phases", "coverage,fuzzing", "--max-examples", "4",
            "--generation-deterministic", "--continue-on-failure", "--request-timeout", "100",
            "--max-response-time", "100",  # how fast answers are is not described
            "--suppress-health-check", "all", "--report", "json", "--report-dir", tmp_path,
        ],
        cwd=tmp_path, capture_output=True, text=True, timeout=600,
        env={**os.environ, "no_proxy": "127.0.0.1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-20000:]
    assert "Failures" not in done.stdout


def test_it_says_who_may_come_in(keys, tmp_path):
    with application(tmp_path / "open") as client:
        assert "security" not in client.get("/openapi.json").json()
    with application(tmp_path / "closed", tokens_file=keys[0]) as client:
        token = {"Authorization": f"Bearer {keys[1]}"}
        described = client.get("/openapi.json", headers=token).json()
    assert described["security"] == [{"token": []}]
    assert described["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    public = {
        path
        for path, operations in described["paths"].items()
        for operation in operations.values()
        if operation.get("security") == []
    }
    assert public == {"/health", "/api/login"}


OF_RANGES = ("400", "416")
"""Answers to a header Range that is wrong, in the words of Starlette."""


def test_all_that_every_route_may_answer_is_described_as_json(tmp_path):
    with application(tmp_path / "data") as client:
        described = client.get("/openapi.json").json()
    for path, operations in described["paths"].items():
        for operation in operations.values():
            answers = operation["responses"]
            assert {"401", "403", "408", "413", "421", "422"} <= answers.keys(), path
            for code, answer in answers.items():
                if code >= "400" and code not in OF_RANGES:
                    problem = answer["content"]["application/json"]["schema"]["$ref"]
                    assert (len(answer["content"]), problem.rsplit("/", 1)[1]) == (1, "Problem")


def test_a_wrong_method_is_told_all_right_ones(tmp_path):
    with application(tmp_path / "data") as client:
        answer = client.patch(f"/api/jobs/{'0' * 32}")
        assert (answer.status_code, answer.headers["allow"]) == (405, "DELETE, GET")
