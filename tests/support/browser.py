"""A real browser for the tests of pages, which notes all that a page should not do."""

import re
import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import expect, sync_playwright

DESKTOP, PHONE = {"width": 1360, "height": 900}, {"width": 390, "height": 844}
PATIENCE_MS = 60_000
expect.set_options(timeout=PATIENCE_MS)
_LOCAL = ("blob", "data")


@contextmanager
def chromium():
    """The machine's browser (Debian's chromium), without a window."""
    path = shutil.which("chromium")
    assert path, "the tests of pages need Debian's chromium"
    with sync_playwright() as playwright:
        # tests may run as root, as whom chromium has no sandbox
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Noticed:
    """What a page has said in its console, failed with, and whom it asked."""

    console: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)
    strangers: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    def nothing(self):
        """Whether there was nothing at all."""
        return not (self.console or self.errors or self.strangers or self.dialogs)

    def watch(self, page):
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", self._see)
        page.on("dialog", self._dismiss)

    def _hear(self, message):
        if message.type != "verbose":  # hints that no user sees
            self.console.append(f"{message.type}: {message.text} ({message.location.get('url')})")

    def _see(self, request):
        url = urlsplit(request.url)
        if url.netloc:
            self.hosts.add(url.netloc)
        if url.scheme not in _LOCAL and url.hostname != "127.0.0.1":
            self.strangers.append(request.url)

    def _dismiss(self, dialog):
        self.dialogs.append(dialog.message)
        dialog.dismiss()


@contextmanager
def visit(browser, base, path="/", *, viewport=DESKTOP, locale="en-GB", **context):
    """A page of its own, and what was noticed about it."""
    noticed = Noticed()
    place = browser.new_context(
        base_url=base, viewport=viewport, locale=locale, timezone_id="UTC", **context
    )
    try:
        page = place.new_page()
        page.set_default_timeout(PATIENCE_MS)
        noticed.watch(page)
        page.goto(path)
        yield page, noticed
    finally:
        place.close()


def tab_to(page, selector, most=80, key="Tab"):
    """Press Tab until an element has the focus, and see that a reader can see that it has."""
    for _ in range(most):
        if page.evaluate("s => document.activeElement?.matches(s) ?? false", selector):
            assert page.evaluate(_SHOWS_FOCUS), f"nobody sees that {selector} has the focus"
            return
        page.keyboard.press(key)
    raise AssertionError(f"{selector} cannot be reached by {key}")


def job_of(page):
    """Identity of the job that a page shows."""
    page.wait_for_url(re.compile(r"job=[0-9a-f]{32}"))
    return re.search(r"job=([0-9a-f]{32})", page.url)[1]


# an outline of its own, or of the label or the box that stands for it
_SHOWS_FOCUS = """() => {
  const at = document.activeElement;
  const near = [at, at.labels?.[0], at.parentElement].filter(Boolean);
  return near.some((one) => {
    const style = getComputedStyle(one);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  });
}"""
