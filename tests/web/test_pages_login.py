"""The page that asks for the password."""

import re

import pytest
from playwright.sync_api import expect

from browser import visit
from web_service import PASSWORD, cheap_password, web_service


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    folder = tmp_path_factory.mktemp("web")
    password = cheap_password(folder / "password")
    with web_service(folder / "data", "--password-file", password) as running:
        yield running


def test_who_is_not_known_logs_in_and_comes_where_they_wanted(browser, service):
    with visit(browser, service.url, "/monitor?job=" + "0" * 32) as (page, noticed):
        expect(page).to_have_url(re.compile("/login"))
        expect(page.get_by_label("Password")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_have_text("Type the password.")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile("/monitor"))
        expect(page.get_by_text("There is no such job")).to_be_visible()
        assert not noticed.errors
        assert not noticed.strangers


def test_a_wrong_password_is_told(browser, service):
    with visit(browser, service.url, "/login") as (page, noticed):
        page.get_by_label("Password").fill("it is another")
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_role("alert")).to_contain_text("password is wrong")
        expect(page.get_by_label("Password")).to_have_attribute("aria-invalid", "true")
        assert not noticed.errors


def test_a_login_leads_to_no_other_host(browser, service):
    with visit(browser, service.url, "/login?next=//evil.example/") as (page, noticed):
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        expect(page).to_have_url(f"{service.url}/")
        assert noticed.nothing()


def test_logging_out_ends_it(browser, service):
    with visit(browser, service.url, "/login") as (page, noticed):
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        page.get_by_role("button", name="Log out").click()
        expect(page).to_have_url(re.compile("/login"))
        page.goto("/monitor")
        expect(page).to_have_url(re.compile("/login"))
        assert noticed.nothing()
