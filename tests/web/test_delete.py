"""Deleting a job: at once, whatever its files take, and all of it, whoever is killed meanwhile."""

import threading
from concurrent.futures import ThreadPoolExecutor

from eemt_core.web.jobs import folders
from web_jobs import job, job_store, make_folder
from web_service import application, wait_until


def results(data):
    return {path.name for path in (data / "results").iterdir()}


def test_who_deletes_a_job_does_not_wait_for_its_files(tmp_path, monkeypatch):
    """What a service that ends meanwhile has left goes when the next one starts."""
    one, other = job("completed", ended=1.0), job("failed", ended=2.0)
    with job_store(tmp_path) as store:
        store.add(one, other)
    for found in (one, other):
        make_folder(tmp_path, found.id, 10)
    held, remove = threading.Event(), folders.shutil.rmtree
    monkeypatch.setattr(folders.shutil, "rmtree", lambda *_, **__: held.wait())
    with application(tmp_path) as client:
        for found in (one, other):
            client.delete(f"/api/jobs/{found.id}").raise_for_status()
            assert client.get(f"/api/jobs/{found.id}").status_code == 404
            assert found.id not in results(tmp_path)
        assert len(results(tmp_path)) == 2
    monkeypatch.setattr(folders.shutil, "rmtree", remove)
    with application(tmp_path):
        wait_until(lambda: not results(tmp_path), 20)
    held.set()


def test_a_folder_that_cannot_go_stays_with_its_job(tmp_path, monkeypatch):
    one = job("failed", ended=1.0)
    with job_store(tmp_path) as store:
        store.add(one)
    make_folder(tmp_path, one.id, 10)
    with application(tmp_path) as client:
        monkeypatch.setattr(folders, "_unname", refuse)
        refused = client.delete(f"/api/jobs/{one.id}")
        assert refused.status_code in (422, 507)
        assert "Read-only file system" in refused.json()["detail"]
        monkeypatch.undo()
        assert client.get(f"/api/jobs/{one.id}").json()["files_removed_at"] is None
        client.delete(f"/api/jobs/{one.id}").raise_for_status()


def refuse(path):
    raise OSError(30, "Read-only file system")


def test_a_job_that_many_change_at_once_is_changed_by_one(tmp_path):
    """Each verb is done once, in an order that its states allow."""
    jobs = [job("cancelled", ended=1.0) for _ in range(12)]
    with job_store(tmp_path) as store:
        store.add(*jobs)
    for one in jobs:
        make_folder(tmp_path, one.id, 10)
    with application(tmp_path, least_free_mb=0) as client:
        client.app.state.service.dispatcher.end()

        def ask(verb, one):
            method, what = verb
            return client.request(method, f"/api/jobs/{one.id}{what}").status_code

        verbs = [("POST", "/resume"), ("DELETE", ""), ("POST", "/cancel")] * 3
        with ThreadPoolExecutor(8) as pool:
            for one in jobs:
                codes = list(pool.map(lambda verb, one=one: ask(verb, one), verbs))
                assert set(codes) <= {200, 404, 409}, codes
                left = client.get(f"/api/jobs/{one.id}")
                deleted = [code for code, verb in zip(codes, verbs, strict=True)
                           if verb[0] == "DELETE" and code == 200]  # fmt: skip
                assert len(deleted) == (left.status_code == 404)
                assert (one.id in results(tmp_path)) == (left.status_code == 200)
                if left.status_code == 200:
                    assert left.json()["status"] in ("pending", "cancelled")
                    assert left.json()["files_removed_at"] is None
