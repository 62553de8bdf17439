"""The database of jobs: ten thousand of them, damage, other versions, two services."""

import sqlite3
import statistics
import time

import pytest

from eemt_core.errors import ArgumentError, InputError, ResourceError, VersionError
from eemt_core.web.jobs.job import STATES
from eemt_core.web.jobs.store import DATABASE_FILE
from web_jobs import job, job_store
from web_service import application

MANY = 10_000
MOST_MS = 100
"""A list of a hundred takes 3 ms on an idle machine, nearly all of it making JSON."""


@pytest.fixture(scope="module")
def crowded(tmp_path_factory):
    """A folder with ten thousand jobs in all states that nobody runs."""
    data = tmp_path_factory.mktemp("crowded")
    states = [state for state in STATES if state != "running"]
    with job_store(data) as store:
        store.add(
            *(
                job(states[number % 4], created=1e9 + number // 2, ended=1e9 + number)
                for number in range(MANY)
            )
        )
    return data


def median_ms(call, times=15):
    """The median time of this process's cores, which nobody else on the machine disturbs."""
    took = []
    for _ in range(times):
        started = time.process_time()
        call()
        took.append((time.process_time() - started) * 1000)
    return statistics.median(took)


def test_a_page_of_ten_thousand_jobs_is_listed_in_milliseconds(crowded):
    with application(crowded, least_free_mb=2**40) as client:
        first = client.get("/api/jobs?limit=100").json()
        assert len(first) == 100
        last = client.get(f"/api/jobs?limit=100&offset={MANY - 50}").json()
        assert len(last) == 50
        assert not {one["id"] for one in first} & {one["id"] for one in last}
        created = [one["created_at"] for one in first]
        assert created == sorted(created, reverse=True)
        for query in ("limit=100", "limit=100&status=failed", f"limit=100&offset={MANY - 100}"):
            assert median_ms(lambda query=query: client.get(f"/api/jobs?{query}")) < MOST_MS
        assert client.get("/api/jobs?limit=1001").status_code == 422


def test_a_job_is_found_by_a_part_of_its_name_among_all(crowded, tmp_path):
    with job_store(tmp_path) as store:
        store.add(job("failed", ended=1.0, dem_name="Ridge_10%.tif"))
        store.add(*(job("completed", ended=1.0, created=2e9) for _ in range(200)))
    with application(tmp_path) as client:
        for name in ("ridge", "_10%"):  # as it stands, no pattern
            found = client.get("/api/jobs", params={"name": name, "limit": 100}).json()
            assert [one["dem_filename"] for one in found] == ["Ridge_10%.tif"]
        query = {"name": "ridge", "status": "completed"}
        assert client.get("/api/jobs", params=query).json() == []
    with application(crowded, least_free_mb=2**40) as client:
        assert median_ms(lambda: client.get("/api/jobs?name=not+there")) < MOST_MS


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("latest", ()),
        ("latest", ("failed", 100, 500)),
        ("waiting", (4,)),
        ("running", ()),
        ("counts", ()),
        ("removable", (2e9,)),
        ("removable", (2e9, ("failed", "cancelled"), 10)),
    ],
)
def test_no_query_sorts_or_reads_all_jobs(crowded, method, arguments):
    asked = []
    with job_store(crowded) as store:
        store._connection.set_trace_callback(asked.append)
        getattr(store, method)(*arguments)
        store._connection.set_trace_callback(None)
        plans = [
            row["detail"]
            for query in asked
            for row in store._connection.execute(f"EXPLAIN QUERY PLAN {query}")
        ]
    assert plans
    assert all("USING" in plan and "INDEX" in plan and "TEMP" not in plan for plan in plans), plans


def test_what_is_no_database_is_told(tmp_path):
    (tmp_path / DATABASE_FILE).write_bytes(b"no database at all" * 100)
    with pytest.raises(InputError, match="restore it from a backup"), job_store(tmp_path):
        pass


def test_a_database_with_a_damaged_page_is_told(tmp_path):
    with job_store(tmp_path) as store:
        store.add(*(job("failed", ended=1.0) for _ in range(200)))
    path = tmp_path / DATABASE_FILE
    content = bytearray(path.read_bytes())
    content[8192:12288] = b"\xff" * 4096
    path.write_bytes(content)
    with pytest.raises(InputError, match="damaged"), job_store(tmp_path):
        pass


@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        ("PRAGMA user_version = 99", VersionError, "another version"),
        ("PRAGMA application_id = 7", InputError, "another program"),
    ],
)
def test_the_database_of_another_is_left_as_it_is(tmp_path, change, kind, words):
    with job_store(tmp_path) as store:
        store.add(job())
    path = tmp_path / DATABASE_FILE
    with sqlite3.connect(path) as database:
        database.execute(change)
    database.close()
    before = path.read_bytes()
    with pytest.raises(kind, match=words), job_store(tmp_path):
        pass
    assert path.read_bytes() == before


def test_a_database_that_cannot_grow_is_told_and_can_be_read(tmp_path):
    """SQLite's own limit stands for a disk that is full."""
    with job_store(tmp_path) as store:
        store.add(job("failed", ended=1.0))
    with application(tmp_path) as client:
        jobs = client.app.state.service.jobs
        (pages,) = jobs._connection.execute("PRAGMA page_count").fetchone()
        jobs._connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(ResourceError, match="full"):
            jobs.add(*(job("failed", message="x" * 1000) for _ in range(100)))
        assert len(client.get("/api/jobs").json()) == 1
        jobs._connection.execute("PRAGMA max_page_count = 1000000")
        jobs.add(job("failed", ended=2.0))
        assert len(client.get("/api/jobs").json()) == 2


def test_one_folder_has_one_service(tmp_path):
    with (
        application(tmp_path),
        pytest.raises(ArgumentError, match="in use by another eemt-web") as caught,
        application(tmp_path),
    ):
        pass
    assert caught.value.field == "data"
