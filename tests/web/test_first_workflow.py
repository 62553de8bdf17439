"""The calls of the first EEMT workflow, byte for byte as its users' programs send them."""

import zipfile
from io import BytesIO

import pytest

from web_service import add_finished, application

CURL = "------------------------d74496d66958873e"
"""Curl's line between parts."""

SUMMARY = {"id", "workflow_type", "status", "created_at", "dem_filename", "progress"}
DETAILS = SUMMARY | {"started_at", "completed_at", "parameters", "error_message"}
URL_FORM = "application/x-www-form-urlencoded"
OF_SUN = {"step": "15", "linke_value": "3.0", "albedo_value": "0.2", "num_threads": "1"}


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    """A service that starts no run, so that what was asked stays as it was."""
    with application(tmp_path_factory.mktemp("web") / "data") as client:
        client.app.state.service.dispatcher.end()
        yield client


def sent_by_curl(client, path, field, content, **texts):
    """Send ``curl -F NAME=TEXT ... -F FIELD=@dem.tif URL``."""
    parts = [f'name="{name}"\r\n\r\n{text}\r\n'.encode() for name, text in texts.items()]
    of_file = f'name="{field}"; filename="dem.tif"\r\nContent-Type: image/tiff\r\n\r\n'
    parts.append(of_file.encode() + content + b"\r\n")
    between = f"--{CURL}\r\nContent-Disposition: form-data; ".encode()
    body = b"".join(between + part for part in parts) + f"--{CURL}--\r\n".encode()
    kind = f"multipart/form-data; boundary={CURL}"
    headers = {"Content-Type": kind, "User-Agent": "curl/7.88.1", "Accept": "*/*"}
    return client.post(path, content=body, headers=headers)


@pytest.fixture(scope="module")
def uploaded(client, dem):
    return sent_by_curl(client, "/api/upload-file", "file", dem.read_bytes())


@pytest.fixture(scope="module")
def submitted(client, uploaded):
    form = f"workflow_type=sol&uploaded_filename={uploaded.json()['filename']}&" + "&".join(
        f"{name}={text}" for name, text in OF_SUN.items()
    )
    return client.post("/api/submit-job", content=form, headers={"Content-Type": URL_FORM})


def test_a_file_is_uploaded(uploaded, dem):
    assert uploaded.status_code == 200, uploaded.text
    answer = uploaded.json()
    assert set(answer) == {"status", "filename", "original_name", "size", "message"}
    told = (answer["status"], answer["original_name"], answer["size"])
    assert told == ("success", "dem.tif", dem.stat().st_size)


def test_a_job_is_submitted_with_the_name_of_an_upload(client, submitted):
    assert submitted.status_code == 200, submitted.text
    assert submitted.json()["status"] == "pending"
    job = client.get(f"/api/jobs/{submitted.json()['job_id']}").json()
    assert job.keys() >= DETAILS
    assert (job["workflow_type"], job["dem_filename"], job["progress"]) == ("sol", "dem.tif", 0)
    assert job["parameters"].items() >= OF_SUN.items()
    assert (job["started_at"], job["completed_at"], job["error_message"]) == (None, None, "")


def test_a_job_is_submitted_with_its_file(client, dem):
    asked = {"workflow_type": "sol", **OF_SUN}
    answer = sent_by_curl(client, "/api/submit-job", "dem_file", dem.read_bytes(), **asked)
    assert answer.status_code == 200, answer.text
    listed = client.get("/api/jobs?limit=1").json()
    assert [job["id"] for job in listed] == [answer.json()["job_id"]]
    assert listed[0].keys() == SUMMARY


def test_jobs_are_listed_by_state(client, submitted):
    pending = client.get("/api/jobs?status=pending&limit=50").json()
    assert submitted.json()["job_id"] in [job["id"] for job in pending]
    assert client.get("/api/jobs?status=running").json() == []


def test_a_log_is_a_string_of_so_many_lines(client, submitted):
    job = submitted.json()["job_id"]
    log = client.app.state.service.folder(job).log
    log.write_text("one\ntwo\nthree\n")
    assert client.get(f"/api/jobs/{job}/logs?tail=2").json() == "two\nthree"
    assert client.get(f"/api/jobs/{job}/logs").json() == "one\ntwo\nthree"


def test_results_are_a_zip_and_a_job_is_deleted(client, finished_maps):
    job = add_finished(client.app.state.service.settings.data, finished_maps)
    answer = client.get(f"/api/jobs/{job}/results")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    assert zipfile.ZipFile(BytesIO(answer.content)).testzip() is None
    assert client.delete(f"/api/jobs/{job}").status_code == 200
    assert client.get(f"/api/jobs/{job}").status_code == 404


def test_a_job_is_cancelled(client):
    job = client.post("/api/submit-job", data={"workflow_type": "sol", "days": "172"}).json()
    assert client.post(f"/api/jobs/{job['job_id']}/cancel").status_code == 200
    assert client.get(f"/api/jobs/{job['job_id']}").json()["status"] == "cancelled"


@pytest.mark.parametrize(
    ("method", "path", "told"),
    [
        (
            "POST",
            "/api/cleanup?success_retention_days=7&failed_retention_hours=12&dry_run=true",
            {"status", "message", "dry_run", "stats"},
        ),
        ("GET", "/api/cleanup/status", {"success_retention_days", "failed_retention_hours"}),
        ("GET", "/api/system/status", {"cores", "memory_mb", "disk_free_mb"}),
        ("GET", "/health", {"status"}),
        ("GET", "/openapi.json", {"openapi", "paths"}),
    ],
)
def test_the_service_tells_of_itself(client, method, path, told):
    answer = client.request(method, path)
    assert answer.status_code == 200, answer.text
    assert answer.json().keys() >= told


def test_a_sentence_says_what_is_wrong(client, submitted):
    for method, path, code in (
        ("GET", f"/api/jobs/{'0' * 32}", 404),
        ("POST", f"/api/jobs/{submitted.json()['job_id']}/resume", 409),
        ("POST", "/api/submit-job?", 422),
    ):
        answer = client.request(method, path, data={"workflow_type": "none"})
        assert (answer.status_code, type(answer.json()["detail"])) == (code, str), path
