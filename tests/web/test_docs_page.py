"""The description of the interface, as a page: whole, offline, and within the content policy."""

import json

from browser import visit


def test_the_interface_is_described_and_tried_without_another_host(service, browser):
    with visit(browser, service.url, "/docs") as (page, noticed):
        page.locator(".opblock").first.wait_for()
        shown = page.locator(".opblock-summary-path").all_inner_texts()
        shown = {text.replace("\u200b", "") for text in shown}
        with service.client() as client:
            described = client.get("/openapi.json").json()["paths"]
        assert shown == described.keys()
        health = page.locator(".opblock", has_text="/health")
        health.locator("button").first.click()
        health.get_by_role("button", name="Try it out").click()
        health.get_by_role("button", name="Execute").click()
        body = health.locator(".live-responses-table .response-col_description pre").first
        body.wait_for()
        assert json.loads(body.inner_text())["status"] == "healthy"
        assert noticed.hosts == {service.url.removeprefix("http://")}
        assert noticed.nothing()


def test_the_page_holds_nothing_inline(service):
    with service.client() as client:
        page = client.get("/docs")
        assert page.headers["content-type"].startswith("text/html")
        assert "style=" not in page.text
        assert "<style" not in page.text
        assert page.text.count("<script") == page.text.count("<script src=")
        script = client.get("/docs/swagger-ui-bundle.js")
        assert script.headers["content-type"].startswith("text/javascript")
        assert script.headers["cache-control"] == "private, max-age=86400"
