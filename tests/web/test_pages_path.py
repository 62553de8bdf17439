"""From a file to maps, as somebody does it in a browser who was never here before."""

import re
import zipfile

import pytest
import rasterio
import rasterio.warp
from playwright.sync_api import expect

from browser import job_of, tab_to, visit


def test_from_a_file_to_values_and_downloads(browser, service, dem, tmp_path):
    with visit(browser, service.url) as (page, noticed):
        page.get_by_label("Choose a GeoTIFF").set_input_files(dem)
        expect(page.locator("#dem-facts")).to_contain_text("60 rows × 80 columns")
        expect(page.locator("#dem-facts")).to_contain_text("10 × 10 m")
        expect(page.locator("#dem-map img.leaflet-image-layer")).to_be_visible()
        page.get_by_label("Time step").fill("60")
        page.get_by_label("Days of the year").fill("172")
        page.get_by_text("More parameters").click()
        page.get_by_label("Draw pictures").uncheck()
        expect(page.locator("#estimate")).to_contain_text("Memory")
        expect(page.locator("#estimate")).to_contain_text("MB")
        page.get_by_role("button", name="Start the run").click()

        job = job_of(page)
        expect(page.locator("#job-state")).to_have_text("Completed", timeout=120_000)
        page.get_by_role("link", name="Look at the maps").click()

        expect(page).to_have_url(re.compile(f"/results/{job}"))
        expect(page.locator("#map-a .leaflet-tile-loaded").first).to_be_visible()
        page.locator("#map-a").click()
        expect(page.locator("#place-said strong")).to_have_text(re.compile(r"^[\d,.]+ "))
        _is_the_maps_value(page, service, job)

        with page.expect_download() as one:
            page.get_by_role("link", name=re.compile("This map")).click()
        with rasterio.open(one.value.path()) as source:
            assert source.shape == (60, 80)
        with page.expect_download() as all_of_them:
            page.get_by_role("link", name="Download all maps").click()
        with zipfile.ZipFile(all_of_them.value.path()) as archive:
            assert archive.testzip() is None
            assert any(name.endswith(".tif") for name in archive.namelist())
        assert noticed.nothing(), noticed


def _is_the_maps_value(page, service, job):
    """Whether what the page says of the place is what the file holds there."""
    said = page.locator("#place-said strong").inner_text().split()[0].replace(",", "")
    path = page.evaluate("new URLSearchParams(location.search).get('map')")
    lat, lon = (float(page.get_by_label(name).input_value()) for name in ("Latitude", "Longitude"))
    folder = service.data / "results" / job / "maps"
    with rasterio.open(folder / path) as source:
        x, y = rasterio.warp.transform("EPSG:4326", source.crs, [lon], [lat])
        (value,) = next(source.sample([(x[0], y[0])]))
    assert float(said) == pytest.approx(float(value), rel=1e-3)  # four digits are shown


def test_by_the_keyboard_alone(browser, service, dem):
    with visit(browser, service.url) as (page, noticed):
        page.on("filechooser", lambda _: None)  # who asks only when it opens may come too late
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
        tab_to(page, "#dem")
        with page.expect_file_chooser() as chooser:
            page.keyboard.press("Space")
        chooser.value.set_files(dem)
        expect(page.locator("#dem-name")).to_be_focused()
        tab_to(page, "[name=workflow_type]")
        tab_to(page, "#parameter-step")
        page.keyboard.press("Control+A")
        page.keyboard.type("60")
        tab_to(page, "#parameter-days")
        page.keyboard.press("Control+A")
        page.keyboard.type("172")
        expect(page.get_by_role("button", name="Start the run")).to_be_enabled()
        tab_to(page, "#submit")
        page.keyboard.press("Enter")
        job_of(page)

        expect(page.locator("#job-state")).to_have_text("Completed", timeout=120_000)
        tab_to(page, "#job-actions a")
        page.keyboard.press("Enter")
        expect(page.locator("#map-a .leaflet-tile-loaded").first).to_be_visible()
        tab_to(page, "#group")
        page.keyboard.press("ArrowDown")
        tab_to(page, "#map-a")
        page.keyboard.press("Enter")
        expect(page.locator("#place-said strong")).to_have_text(re.compile(r"^[\d,.]+ "))
        tab_to(page, "#lat")
        page.keyboard.press("Control+A")
        page.keyboard.type("91")
        page.keyboard.press("Enter")
        expect(page.locator("#place-said")).to_contain_text("between -90 and 90°")
        assert noticed.nothing(), noticed


WRONG = [
    ("Time step", "99", "from 1 to 60"),
    ("Time step", "0", "from 1 to 60"),
    ("Linke turbidity", "3,x", "numbers with commas"),
    ("Linke turbidity", "40", "from 1 to 16"),
    ("Days of the year", "1 to 5", "such as 1-31,172"),
    ("Days of the year", "366", "from 1 to 365"),
    ("Albedo", "1.5", "from 0 to 1"),
]


def test_a_wrong_value_is_told_as_it_is_typed(browser, service, dem):
    with visit(browser, service.url) as (page, noticed):
        page.get_by_label("Choose a GeoTIFF").set_input_files(dem)
        start = page.get_by_role("button", name="Start the run")
        expect(start).to_be_enabled()
        for label, text, sentence in WRONG:
            field = page.get_by_label(label, exact=False).first
            expect(field).not_to_have_value("")
            usual = field.input_value()
            field.fill(text)
            expect(field).to_have_attribute("aria-invalid", "true")
            problem = page.locator(f"#{field.get_attribute('aria-describedby').split()[-1]}")
            expect(problem).to_contain_text(sentence)
            expect(start).to_be_disabled()
            expect(page.locator("#submit-why")).to_contain_text(label)
            field.fill(usual)
            expect(problem).to_be_hidden()
            expect(start).to_be_enabled()
        assert noticed.nothing(), noticed


def test_a_file_that_is_no_dem_is_told_and_another_can_be_chosen(browser, service, dem, tmp_path):
    bad = tmp_path / "photo.tif"
    bad.write_bytes(b"no raster")
    with visit(browser, service.url) as (page, noticed):
        page.get_by_label("Choose a GeoTIFF").set_input_files(bad)
        expect(page.locator("#dem-problem")).to_contain_text("photo.tif is no GeoTIFF")
        page.get_by_label("Choose a GeoTIFF").set_input_files(dem)
        expect(page.locator("#dem-problem")).to_be_hidden()
        expect(page.locator("#dem-name")).to_have_text("hills.tif")
        page.get_by_role("button", name="Another").click()
        expect(page.get_by_label("Choose a GeoTIFF")).to_be_focused()
        assert not noticed.errors


def test_a_file_is_dropped(browser, service, dem):
    with visit(browser, service.url) as (page, noticed):
        content = list(dem.read_bytes())
        transfer = page.evaluate_handle(
            """bytes => {
              const transfer = new DataTransfer();
              transfer.items.add(new File([new Uint8Array(bytes)], "dropped.tif"));
              return transfer;
            }""",
            content,
        )
        page.dispatch_event("#drop", "drop", {"dataTransfer": transfer})
        expect(page.locator("#dem-name")).to_have_text("dropped.tif")
        assert noticed.nothing(), noticed


def test_names_are_text_whatever_they_hold(browser, service, dem, tmp_path):
    name = "<img src=x onerror=alert(1)>.tif"
    hostile = tmp_path / name
    hostile.write_bytes(dem.read_bytes())
    with visit(browser, service.url) as (page, noticed):
        page.get_by_label("Choose a GeoTIFF").set_input_files(hostile)
        expect(page.locator("#dem-name")).to_have_text(name)
        page.get_by_label("Time step").fill("60")
        page.get_by_label("Days of the year").fill("172")
        page.get_by_text("More parameters").click()
        page.get_by_label("Draw pictures").uncheck()
        page.get_by_role("button", name="Start the run").click()
        job = job_of(page)
        expect(page.locator("#job-name")).to_have_text(name)
        expect(page.locator(f"#jobs a[href*='{job}'] .name")).to_have_text(name)
        service.wait_for(job, "completed")
        page.goto(f"/results/{job}")
        expect(page.get_by_role("heading", name=name)).to_be_visible()
        assert page.locator("img[src='x']").count() == 0
        assert noticed.nothing(), noticed
