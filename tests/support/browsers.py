"""A real browser: Debian's chromium, driven by Playwright; it reaches loopback alone."""

import shutil
from contextlib import contextmanager
from urllib.parse import urlsplit

from playwright.sync_api import sync_playwright


@contextmanager
def chromium():
    """The browser, without a window."""
    program = shutil.which("chromium")
    assert program, "Debian's chromium is missing: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def page_of(browser, **options):
    """A new page, and lists of what its console said and of the hosts that it asked."""
    context = browser.new_context(**options)
    page = context.new_page()
    said, hosts = [], set()
    page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: said.append(f"error: {error}"))
    page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    try:
        yield page, said, hosts
    finally:
        context.close()
