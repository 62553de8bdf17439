"""Make the README's pictures of the three pages: the demonstration, asked for, watched, looked at.

Needs what the tests of pages need: playwright and Debian's chromium.
"""

import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from eemt_core.demo import write_dem

IMAGES = Path(__file__).parent.parent / "docs" / "images"
SIZE_PX = {"width": 1360, "height": 850}
WIDTH_PX, COLOURS, LIMIT_BYTES = 1000, 256, 300_000
PATIENCE_MS = 300_000
# enough tiles to see them get done, and steps that make them last
FIELDS = {"Time step": "5", "Edge of a tile": "64", "Directions of the horizon": "180"}


def main() -> None:
    """Serve, use the pages, keep what they show, and refuse to be heavy."""
    expect.set_options(timeout=PATIENCE_MS)
    chromium = shutil.which("chromium")
    assert chromium, "this needs Debian's chromium"
    with TemporaryDirectory(prefix="eemt-images-") as folder:
        command = [Path(sys.executable).parent / "eemt-web", "--data", folder, "--port", "0"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as service:
            assert service.stdout is not None
            address = service.stdout.readline().strip()
            try:
                with sync_playwright() as playwright:
                    browser = playwright.chromium.launch(
                        executable_path=chromium, args=["--no-sandbox"]
                    )
                    _use(browser, address, Path(folder))
                    browser.close()
            finally:
                service.terminate()


def _use(browser: Browser, address: str, folder: Path) -> None:
    page = browser.new_page(base_url=address, viewport=SIZE_PX, locale="en-US", timezone_id="UTC")
    page.goto("/")
    page.get_by_label("Choose a GeoTIFF").set_input_files(write_dem(folder / "jacksboro.tif"))
    page.get_by_label("Sunlight and EEMT").check()
    expect(page.locator("#climate option[value=demo]")).to_be_attached()
    page.get_by_label("Climate of the place").select_option("demo")
    page.get_by_text("More parameters").click()
    for label, value in FIELDS.items():
        page.get_by_label(label).fill(value)
    expect(page.locator("#estimate dd").first).to_contain_text("about")
    _keep(page, "web-submit")

    page.get_by_role("button", name="Start the run").click()
    expect(page.locator("#job-state")).to_have_text("Running")
    half_done = re.compile(r"4[5-9]|[56]\d")
    expect(page.locator("#job-bar")).to_have_attribute("aria-valuenow", half_done)
    page.locator("#throughput svg").wait_for(timeout=PATIENCE_MS)
    _keep(page, "web-monitor")

    expect(page.locator("#job-state")).to_have_text("Completed")
    page.get_by_role("link", name="Look at the maps").click()
    page.get_by_role("button", name="Trad beside topo").click()
    page.get_by_label("Time").fill("9")
    expect(page.locator("#caption-b")).to_contain_text("October")
    page.locator("#map-a").click(position={"x": 150, "y": 180})
    page.locator("#place-chart svg").wait_for()
    _keep(page, "web-results")


def _keep(page: Page, name: str) -> None:
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    time.sleep(2)  # pictures on maps appear little by little
    path = IMAGES / f"{name}.png"
    page.screenshot(path=path)
    picture = Image.open(path).convert("RGB")
    height = round(picture.height * WIDTH_PX / picture.width)
    small = picture.resize((WIDTH_PX, height), Image.Resampling.LANCZOS)
    # few pixels are red or orange, and they matter; k-means mends the colour of large areas
    rare_too = Image.Quantize.MAXCOVERAGE
    small.quantize(COLOURS, rare_too, kmeans=4, dither=Image.Dither.NONE).save(path, optimize=True)
    size = path.stat().st_size
    assert size < LIMIT_BYTES, f"{path} has {size} bytes: lower WIDTH_PX or COLOURS"
    print(f"{path}: {size} bytes")


if __name__ == "__main__":
    main()
