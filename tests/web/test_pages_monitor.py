"""The page that watches: jobs as they go, cancelled, resumed, kept and deleted."""

import re
import subprocess
from contextlib import suppress

import pytest
from playwright.sync_api import Error, expect

from browser import job_of, visit
from eemt_core.journal import JOURNAL_FILE
from runs import PROGRAM, mountains, write_dem
from web_service import DEMO, web_service

# small steps of time, so that it goes on for as long as a test looks at it
LONG = {"workflow_type": "sol", "step": "1"}
SHORT = {**DEMO, "pictures": "false"}
ENDED = re.compile("Completed|Failed")


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    with web_service(tmp_path_factory.mktemp("web") / "data", "--slots", "1") as running:
        yield running


def submit(service, **form):
    with service.client() as client:
        return client.post("/api/submit-job", data=form).raise_for_status().json()["job_id"]


def test_a_job_is_watched_to_its_end_without_a_reload(browser, service):
    job = submit(service, **SHORT)
    with visit(browser, service.url, f"/monitor?job={job}") as (page, noticed):
        state = page.locator("#job-state")
        expect(page.locator("#link-state")).to_have_text("Live")
        expect(state).to_have_text(ENDED, timeout=120_000)
        expect(state).to_have_text("Completed")
        expect(page.get_by_role("progressbar", name="demonstration")).to_have_attribute(
            "aria-valuenow", "100"
        )
        expect(page.locator("#tiles")).to_have_attribute("aria-label", re.compile("1 done"))
        expect(page.locator("#tiles-legend")).to_contain_text("1 done")
        expect(page.get_by_role("link", name="Look at the maps")).to_be_visible()
        page.get_by_text("Log: its last").click()
        expect(page.locator("#log-text")).to_contain_text("tiles")
        assert noticed.nothing(), noticed


def test_a_job_is_cancelled_resumed_kept_and_deleted(browser, service):
    job = submit(service, **LONG)
    with visit(browser, service.url, f"/monitor?job={job}") as (page, noticed):
        state, dialog = page.locator("#job-state"), page.get_by_role("dialog")
        expect(state).to_have_text("Running")
        page.get_by_role("button", name="Cancel").click()
        dialog.get_by_role("button", name="No").click()
        expect(state).to_have_text("Running")
        page.get_by_role("button", name="Cancel").click()
        dialog.get_by_role("button", name="Cancel the run").click()
        expect(state).to_have_text("Cancelled", timeout=70_000)
        page.get_by_role("button", name="Resume").click()
        expect(state).to_have_text("Running")
        page.get_by_role("button", name="Keep").click()
        expect(page.get_by_role("button", name="Kept")).to_have_attribute("aria-pressed", "true")
        page.get_by_role("button", name="Cancel").click()
        dialog.get_by_role("button", name="Cancel the run").click()
        expect(state).to_have_text("Cancelled", timeout=70_000)
        page.get_by_role("button", name="Delete").click()
        dialog.get_by_role("button", name="Delete it").click()
        expect(page.get_by_text("It is deleted")).to_be_visible()
        expect(page.locator(f"#jobs a[href*='{job}']")).to_have_count(0)
        assert noticed.nothing(), noticed
    with service.client() as client:
        assert client.get(f"/api/jobs/{job}").status_code == 404


def test_what_was_asked_of_a_job_that_is_deleted_is_asked_no_more(browser, service):
    """An answer that there is no such job would stand in the browser's console as an error."""
    job, asked = submit(service, **LONG), []
    with visit(browser, service.url, "/") as (page, noticed):
        page.route("**/throughput*", lambda route: asked.append(route))
        with page.expect_request("**/throughput*"):
            page.goto(f"/monitor?job={job}")
        page.get_by_role("button", name="Cancel").click()
        page.get_by_role("dialog").get_by_role("button", name="Cancel the run").click()
        expect(page.locator("#job-state")).to_have_text("Cancelled", timeout=70_000)
        page.get_by_role("button", name="Delete").click()
        page.get_by_role("dialog").get_by_role("button", name="Delete it").click()
        expect(page.get_by_text("It is deleted")).to_be_visible()
        for route in asked:
            with suppress(Error):  # it was taken back, as it should be
                route.fulfill(status=404, json={"detail": "there is no such job"})
        page.wait_for_timeout(500)  # for what should not come
        assert noticed.nothing(), noticed


def test_a_run_that_takes_its_journal_away_is_no_error_to_who_asks_for_it(browser, service):
    """One that is cancelled before its first tile does so, a moment before the page asks."""
    job, asked = submit(service, **LONG), []
    with visit(browser, service.url, "/") as (page, noticed):
        for question in ("status", "tile-states", "throughput"):
            page.route(f"**/{job}/{question}*", lambda route: asked.append(route))
        with page.expect_request("**/throughput*"):
            page.goto(f"/monitor?job={job}")
        page.get_by_role("button", name="Cancel").click()
        page.get_by_role("dialog").get_by_role("button", name="Cancel the run").click()
        expect(page.locator("#job-state")).to_have_text("Cancelled", timeout=70_000)
        for journal in service.data.rglob(f"*{job}*/**/{JOURNAL_FILE}"):
            journal.unlink()
        for route in asked:
            route.continue_()
        page.wait_for_timeout(2_000)  # for what should not come, some of it a little later
        assert {re.search(r"/([a-z-]+)(\?|$)", route.request.url)[1] for route in asked} == {
            "status",
            "tile-states",
            "throughput",
        }
        assert noticed.nothing(), noticed


def test_the_list_is_filtered_by_state_and_by_name(browser, service):
    job = submit(service, **LONG)
    with visit(browser, service.url, "/monitor") as (page, noticed):
        row = page.locator(f"#jobs a[href*='{job}']")
        expect(row).to_be_visible()
        expect(page.locator("#job-name")).to_have_text("demonstration")  # the latest
        page.get_by_label("State").select_option("completed")
        expect(row).to_have_count(0)
        page.get_by_label("State").select_option("")
        page.get_by_label("Name has").fill("another")
        expect(page.get_by_text("No job is like this.")).to_be_visible()
        page.get_by_label("Name has").fill("DEMO")
        row.click()
        assert job_of(page) == job
        page.go_back()
        expect(page).to_have_url(re.compile("/monitor$"))
        assert noticed.nothing(), noticed
    with service.client() as client:
        client.post(f"/api/jobs/{job}/cancel").raise_for_status()
    service.wait_for(job, "cancelled")


def test_where_no_events_come_through_it_is_asked_for(browser, service):
    job = submit(service, **SHORT)
    with visit(browser, service.url, "/static/icon.svg") as (page, noticed):
        page.route("**/events", lambda route: route.abort())
        page.goto(f"/monitor?job={job}")
        expect(page.locator("#link-state")).to_have_text("Updated every few seconds")
        expect(page.locator("#job-state")).to_have_text("Completed", timeout=120_000)
        assert not noticed.errors


def test_a_service_that_went_and_came_again_is_followed_again(browser, tmp_path):
    with web_service(tmp_path / "data") as first:
        port = int(first.url.rsplit(":", 1)[1])
        context = visit(browser, first.url, "/monitor")
        page, noticed = context.__enter__()
        expect(page.locator("#link-state")).to_have_text("Live")
    try:
        expect(page.locator("#link-state")).to_contain_text("does not answer")
        with web_service(tmp_path / "data", port=port) as second:
            job = submit(second, **LONG)
            expect(page.locator("#link-state")).to_have_text("Live", timeout=60_000)
            expect(page.locator(f"#jobs a[href*='{job}']")).to_be_visible()
            with second.client() as client:
                client.post(f"/api/jobs/{job}/cancel").raise_for_status()
            second.wait_for(job, "cancelled")
        assert not noticed.errors
    finally:
        context.__exit__(None, None, None)


def test_the_page_of_one_run_shows_it_and_offers_no_change(browser, tmp_path):
    run = subprocess.Popen(
        [*PROGRAM, write_dem(tmp_path / "dem.tif", mountains((256, 256))), "-o", tmp_path / "out",
         "--step", "1", "--tile-size", "64", "--no-pictures", "--threads", "1", "--web-port", "0"],
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        said = (re.search(r"The run is shown at (http://\S+)/", line) for line in run.stderr)
        address = next(match[1] for match in said if match)
        with visit(browser, address) as (page, noticed):
            expect(page.locator("#job-name")).to_have_text("dem.tif")
            expect(page.locator("#tiles")).to_have_attribute("aria-label", re.compile("16 tiles"))
            expect(page.get_by_role("link", name="New run", exact=True)).to_be_hidden()
            assert page.get_by_role("button", name=re.compile("Cancel|Keep|Delete")).count() == 0
            assert noticed.nothing(), noticed
    finally:
        run.kill()
        run.communicate()
