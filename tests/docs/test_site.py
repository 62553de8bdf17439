"""The built site: no warnings, no other host, every public name and option in it once."""

import re
import subprocess
import sys
import zlib
from collections import Counter
from html.parser import HTMLParser

import pytest

from eemt_core.cli import run, status, tile, web, worker
from pages import DOCS

sys.path.insert(0, str(DOCS / "_ext"))
from public_api import home, public_modules, public_names

COMMANDS = {
    "eemt-run": run.command,
    "eemt-worker": worker.command,
    "eemt-status": status.command,
    "eemt-tile": tile.command,
    "eemt-web": web.command,
}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The site, built as `make docs` builds it."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-E"]
    done = subprocess.run(
        [*command, "-d", folder / "doctrees", DOCS, folder / "html"],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return folder / "html"


@pytest.fixture(scope="module")
def documented(site):
    """Pairs of kind and name that the site's index has: ("py:function", "eemt_core.water...")."""
    packed = (site / "objects.inv").read_bytes().split(b"\n", 4)[4]
    lines = zlib.decompress(packed).decode().splitlines()
    return [(kind, name) for name, kind in (line.rsplit(" ", 4)[:2] for line in lines)]


class Requests(HTMLParser):
    """The files that a page loads when it is shown; links to click on are left out."""

    def __init__(self):
        super().__init__()
        self.addresses = []

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.addresses += [found[k] for k in ("src", "srcset", "data", "poster") if found.get(k)]
        if tag == "link" and found.get("rel") not in ("canonical", "next", "prev", "search"):
            self.addresses.append(found.get("href", ""))


def test_no_page_asks_another_host_for_anything(site):
    pages = list(site.rglob("*.html"))
    assert len(pages) > 80
    for page in pages:
        requests = Requests()
        requests.feed(page.read_text(encoding="utf-8"))
        outside = [a for a in requests.addresses if re.match(r"(?:[a-z]+:)?//", a)]
        assert outside == [], page.name
    for sheet in (site / "_static").rglob("*.css"):
        asked = re.findall(
            r"url\(['\"]?((?:https?:)?//[^)]+)|@import[^;]*//[^;]+", sheet.read_text()
        )
        assert asked == [], sheet.name


def test_every_public_name_is_documented_once(documented):
    """A name that the top-level package also exports is documented only under its own package."""
    kinds = ("py:function", "py:class", "py:data", "py:exception")
    found = Counter(name for kind, name in documented if kind in kinds)
    modules = public_modules().items()
    offered = [(package, name) for package, module in modules for name in public_names(module)]
    assert len(offered) > 40
    for package, name in offered:
        assert found[f"{home(package, name)}.{name}"] == 1, (package, name)
        assert package == home(package, name) or found[f"{package}.{name}"] == 0, (package, name)


def test_signatures_can_be_read(site):
    """No default fills a screen, and no type has the name of a tool's helper."""
    for page in (site / "reference" / "api").glob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert "TypeAliasForwardRef" not in text, page.name
        for signature in re.findall(r'<dt class="sig.*?</dt>', text, re.DOTALL):
            shown = re.sub(r"<[^>]+>|\s+", "", signature)
            assert len(shown) < 900, (page.name, shown[:80])


def test_every_option_is_documented(documented):
    found = {name for kind, name in documented if kind == "std:cmdoption"}
    for program, command in COMMANDS.items():
        for parameter in command.params:
            for option in (*parameter.opts, *parameter.secondary_opts):
                if option.startswith("--") and not parameter.hidden:
                    assert f"{program}.{option}" in found, option


def test_equations_are_drawn_by_the_browser(site):
    page = (site / "science" / "energy-balance.html").read_text(encoding="utf-8")
    assert page.count("<math") > 40
    assert re.findall(r"<script[^>]*(?:mathjax|katex)", page, re.IGNORECASE) == []
