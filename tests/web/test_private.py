"""What the service keeps is its owner's alone, also in a folder that others may look into."""

import os
import stat

import pytest

from eemt_core.files import private_file, private_folder
from eemt_core.web.logs import ACCESS_LOG, SERVICE_LOG, log_to_files
from eemt_core.web.settings import WebSettings
from web_service import DEMO, PASSWORD, application, cheap_password


@pytest.fixture
def usual_umask():
    old = os.umask(0o022)
    yield
    os.umask(old)


def open_to_others(folder):
    """What others can read or list below a folder, by the folders that they can enter."""
    found = []
    for path in folder.iterdir():
        mode = path.stat().st_mode
        if not mode & 0o077:
            continue
        found.append(path.name)
        if path.is_dir():
            found += open_to_others(path)
    return sorted(found)


@pytest.mark.parametrize("is_copy", [False, True])
def test_a_folder_that_is_open_opens_nothing_of_ours(tmp_path, usual_umask, dem, is_copy):
    data = tmp_path / "data"
    data.mkdir(mode=0o755)
    if is_copy:  # of a backup that did not keep the modes
        for name in ("results", "uploads/dems", "uploads/climates", "logs"):
            (data / name).mkdir(parents=True)
        for name in ("jobs.sqlite", "sessions.sqlite", "lock", "logs/access.log"):
            (data / name).touch(mode=0o644)
    settings = WebSettings(data=data)
    password = cheap_password(tmp_path / "password")
    with log_to_files(settings.logs), application(data, password_file=password) as client:
        client.post("/api/login", data={"password": PASSWORD}).raise_for_status()
        sent = {"file": ("dem.tif", dem.read_bytes())}
        client.post("/api/upload-file", files=sent).raise_for_status()
        client.post("/api/submit-job", data=DEMO).raise_for_status()
        assert {SERVICE_LOG, ACCESS_LOG} <= {path.name for path in settings.logs.iterdir()}
        assert len([*(data / "results").iterdir(), *(data / "uploads" / "dems").iterdir()]) == 2
        assert open_to_others(data) == []


def test_folders_that_the_owner_places_elsewhere_keep_his_modes(tmp_path, usual_umask):
    for name in ("results", "uploads"):
        (tmp_path / name).mkdir(mode=0o755)
    places = {"results_dir": tmp_path / "results", "uploads_dir": tmp_path / "uploads"}
    with application(tmp_path / "data", **places) as client:
        client.post("/api/submit-job", data=DEMO).raise_for_status()
        (job,) = places["results_dir"].iterdir()
        assert open_to_others(tmp_path) == ["results", "uploads"]
        assert stat.S_IMODE(job.stat().st_mode) == 0o700


def test_what_is_made_private_keeps_what_it_holds(tmp_path, usual_umask):
    (tmp_path / "file").write_text("held")
    (tmp_path / "folder").mkdir(mode=0o755)
    private_file(tmp_path / "file")
    private_file(tmp_path / "new")
    private_folder(tmp_path / "folder")
    private_folder(tmp_path / "other" / "deep")
    assert (tmp_path / "file").read_text() == "held"
    for name, mode in {"file": 0o600, "new": 0o600, "folder": 0o700, "other/deep": 0o700}.items():
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == mode
