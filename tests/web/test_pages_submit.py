"""The page that asks for a run: climates, files that say too little, estimates."""

import numpy as np
from playwright.sync_api import expect

from browser import job_of, visit
from eemt_core.demo import climate_path
from geotiffs import write_geotiff
from runs import mountains


def test_eemt_needs_a_climate_and_takes_ones_own(browser, service, dem, tmp_path):
    table = tmp_path / "my-station.toml"
    table.write_bytes(climate_path().read_bytes())
    with visit(browser, service.url) as (page, noticed):
        page.get_by_label("Choose a GeoTIFF").set_input_files(dem)
        start = page.get_by_role("button", name="Start the run")
        expect(start).to_be_enabled()
        page.get_by_label("Sunlight and EEMT").check()
        expect(start).to_be_disabled()
        expect(page.locator("#submit-why")).to_have_text("A climate is missing.")
        page.get_by_label("Upload a station table").set_input_files(table)
        climate = page.get_by_label("Climate of the place")
        expect(climate.locator("option:checked")).to_contain_text("ALLARDT")
        expect(start).to_be_enabled()
        expect(page.locator("#estimate")).to_contain_text("Memory")
        assert noticed.nothing(), noticed


def test_a_climate_that_is_none_is_told(browser, service, tmp_path):
    table = tmp_path / "notes.toml"
    table.write_text("it rained\n")
    with visit(browser, service.url) as (page, noticed):
        page.get_by_label("Sunlight and EEMT").check()
        page.get_by_label("Upload a station table").set_input_files(table)
        expect(page.locator("#climate-problem")).to_contain_text("notes.toml")
        assert not noticed.errors


def test_a_file_that_does_not_say_its_unit_is_asked_for_it(browser, service, tmp_path):
    feet_or_metres = write_geotiff(
        tmp_path / "feet.tif", mountains((60, 80)) + 1000, crs="EPSG:2232"
    )  # its map is in feet, so its elevations may be
    with visit(browser, service.url) as (page, noticed):
        page.get_by_label("Choose a GeoTIFF").set_input_files(feet_or_metres)
        expect(page.locator("#submit-why")).to_contain_text("does not say its unit")
        page.get_by_label("Unit of the elevations").select_option("ft")
        expect(page.get_by_role("button", name="Start the run")).to_be_enabled()
        assert noticed.nothing(), noticed


def test_the_estimate_follows_the_form(browser, service, dem):
    with visit(browser, service.url) as (page, noticed):
        page.get_by_label("Choose a GeoTIFF").set_input_files(dem)
        maps = page.locator("#estimate small").first
        expect(maps).to_contain_text("82 maps")
        page.get_by_label("Days of the year").fill("172")
        expect(maps).not_to_contain_text("82 maps")
        page.get_by_role("button", name="Back to defaults").click()
        expect(maps).to_contain_text("82 maps")
        assert noticed.nothing(), noticed


def test_the_demonstration_is_one_press_away(browser, service):
    with visit(browser, service.url) as (page, noticed):
        page.get_by_role("button", name="Run the demonstration").click()
        job = job_of(page)
        expect(page.locator("#job-name")).to_have_text("demonstration")
        expect(page.locator("#job-state")).to_have_text("Running")
        assert noticed.nothing(), noticed
    with service.client() as client:
        client.post(f"/api/jobs/{job}/cancel").raise_for_status()
    service.wait_for(job, "cancelled")


def test_rasters_are_asked_for_where_they_matter(browser, service, dem, tmp_path):
    leaves = write_geotiff(tmp_path / "leaves.tif", np.full((12, 60, 80), 2.5, np.float32))
    canopy = write_geotiff(tmp_path / "canopy.tif", np.full((60, 80), 300, np.float32))
    with visit(browser, service.url) as (page, noticed):
        page.get_by_label("Choose a GeoTIFF").set_input_files(dem)
        page.get_by_label("Sunlight and EEMT").check()
        page.get_by_label("Climate of the place").select_option("demo")
        lai = page.get_by_label("Leaf area index", exact=False).and_(page.locator("select"))
        expect(lai).to_be_hidden()
        page.get_by_label("topo-veg").check()
        expect(lai).to_be_visible()
        expect(page.locator("#problem-lai")).to_contain_text("needs the leaf area")
        page.get_by_label("GeoTIFF of Leaf area index").set_input_files(leaves)
        found = page.locator(".raster-found:visible")
        expect(found).to_contain_text("2.5 to 2.5 m²/m²")
        expect(found).to_contain_text("100% covered")
        page.get_by_label("GeoTIFF of Height of the canopy").set_input_files(canopy)
        refused = page.locator(".raster .problem:visible")
        expect(refused).to_contain_text("canopy.tif holds 300")
        assert not noticed.errors
