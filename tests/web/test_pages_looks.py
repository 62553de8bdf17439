"""How the pages look in light, in dark and on a phone, as far as a program can tell.

The pictures lie where pytest keeps its folders; those of the README are of
``scripts/web_images.py``.
"""

import pytest
from playwright.sync_api import expect

from browser import DESKTOP, PHONE, tab_to, visit

LOOKS = {
    "light": {"color_scheme": "light", "viewport": DESKTOP},
    "dark": {"color_scheme": "dark", "viewport": DESKTOP},
    "phone": {"color_scheme": "light", "viewport": PHONE},
}
LEAST_CONTRAST, LEAST_TARGET_PX = 4.5, 24  # WCAG 2.2, levels AA

_LUMINANCE = """
const parsed = (text) => text.match(/[\\d.]+/g).map(Number);
const luminance = ([r, g, b]) => [r, g, b]
  .map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
  .reduce((sum, v, at) => sum + v * [0.2126, 0.7152, 0.0722][at], 0);
const ground = (element) => {
  for (let at = element; at; at = at.parentElement) {
    const colour = parsed(getComputedStyle(at).backgroundColor);
    if (colour.length < 4 || colour[3] === 1) return colour;
    if (colour[3] > 0) return null; // half of one and half of another
  }
  return parsed(getComputedStyle(document.documentElement).backgroundColor);
};
"""
LOW_CONTRAST = (
    "least => {"
    + _LUMINANCE
    + """
  const found = [];
  for (const element of document.querySelectorAll("main *, header *")) {
    const text = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    const shown = element.checkVisibility() && !element.closest(".unseen, .map, :disabled");
    const behind = text && shown && ground(element);
    if (!behind) continue;
    const colour = parsed(getComputedStyle(element).color);
    const [a, b] = [luminance(colour), luminance(behind)].sort((x, y) => y - x);
    const contrast = (a + 0.05) / (b + 0.05);
    if (contrast < least) found.push(`${contrast.toFixed(1)}: ${element.textContent.trim()}`);
  }
  return found;
}"""
)
SMALL_TARGETS = """least => [...document.querySelectorAll("button, select, input, summary")]
  .filter((element) => element.checkVisibility() && !element.closest(".unseen, .map"))
  .map((element) => [element, (element.closest("label") ?? element).getBoundingClientRect()])
  .filter(([element, box]) => !element.matches(".unseen, [type=checkbox]")
    && (box.width < least || box.height < least))
  .map(([element]) => element.outerHTML)"""
CUT_OR_SQUEEZED = """() => [...document.querySelectorAll(".chart text, dd")]
  .filter((element) => element.checkVisibility())
  .filter((element) => {
    const box = element.getBoundingClientRect(), around = element.closest("svg");
    return around ? box.right > around.getBoundingClientRect().right + 1 : box.width < 80;
  })
  .map((element) => element.textContent)"""
NAMELESS = """() => [...document.querySelectorAll(
    "a, button, select, input, textarea, canvas, [role=img], [role=region]")]
  .filter((element) => element.checkVisibility())
  .filter((element) => !(element.labels?.length || element.ariaLabel || element.title
    || element.getAttribute("aria-labelledby") || element.textContent.trim()))
  .map((element) => element.outerHTML)"""


def open_fully(page, name, site):
    """Bring a page to where all of its parts are seen."""
    if name == "submit":
        page.get_by_label("Sunlight and EEMT").check()
        for summary in page.locator("details:visible > summary").all():
            summary.click()
        expect(page.locator("#climate option").nth(1)).to_be_attached()
    elif name == "monitor":
        expect(page.locator("#job-state")).to_have_text("Completed")
        expect(page.locator("#link-state")).to_have_text("Live")
        page.get_by_text("Log: its last").click()
    elif name == "results":
        page.get_by_role("button", name="Trad beside topo").click()
        page.get_by_text("Colours and range").click()
        page.get_by_text("All parameters of the run").click()
        expect(page.locator("#map-b .leaflet-tile-loaded").first).to_be_visible()
        page.locator("#map-a").click()
        expect(page.locator("#place-chart svg")).to_be_visible()


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", ["submit", "monitor", "results", "lost"])
def test_a_page_can_be_read_and_used(browser, site, tmp_path, name, look):
    paths = {
        "submit": "/", "monitor": f"/monitor?job={site.job}", "results": site.page,
        "lost": "/no/such/page",
    }  # fmt: skip
    with visit(browser, site.url, paths[name], **LOOKS[look]) as (page, noticed):
        open_fully(page, name, site)
        page.screenshot(path=tmp_path / f"{name}-{look}.png", full_page=True)
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= LOOKS[look]["viewport"]["width"], "it must be scrolled sideways"
        assert page.evaluate(LOW_CONTRAST, LEAST_CONTRAST) == []
        assert page.evaluate(SMALL_TARGETS, LEAST_TARGET_PX) == []
        assert page.evaluate(NAMELESS) == []
        assert page.evaluate(CUT_OR_SQUEEZED) == []
        if name != "lost":  # whose answer is an error on purpose
            assert noticed.nothing(), noticed


@pytest.mark.parametrize("name", ["submit", "monitor", "results"])
def test_the_focus_goes_through_a_page_and_is_always_seen(browser, site, name):
    paths = {"submit": "/", "monitor": f"/monitor?job={site.job}", "results": site.page}
    last = {"submit": "#more > summary", "monitor": "#log > summary", "results": "#record summary"}
    with visit(browser, site.url, paths[name]) as (page, _):
        expect(page.locator(last[name])).to_be_visible()
        page.keyboard.press("Tab")
        for _ in range(60):
            assert page.evaluate("document.activeElement.checkVisibility()")
            if page.evaluate("s => document.activeElement.matches(s)", last[name]):
                break
            page.keyboard.press("Tab")
        tab_to(page, last[name])
        tab_to(page, "header .brand", key="Shift+Tab")


def test_whoever_wants_calm_sees_nothing_move(browser, site):
    with visit(browser, site.url, site.page, reduced_motion="reduce") as (page, _):
        expect(page.locator("#map-a .leaflet-tile-loaded").first).to_be_visible()
        assert page.locator("#map-a.leaflet-fade-anim").count() == 0
        moving = page.evaluate(
            """[...document.querySelectorAll("*")].filter((element) =>
              parseFloat(getComputedStyle(element).transitionDuration) > 0
              && !element.closest(".leaflet-container")).length"""
        )
        assert moving == 0
