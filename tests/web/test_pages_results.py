"""The page with maps: what it shows of them, at which times, in which colours, at which place."""

import re

import pytest
from playwright.sync_api import expect

from browser import PHONE, visit
from web_service import wait_until


@pytest.fixture
def results(browser, site):
    """The page, after its first map is there; nothing strange may have been noticed at its end."""
    with visit(browser, site.url, site.page) as (page, noticed):
        expect(page.locator("#map-a .leaflet-tile-loaded").first).to_be_visible()
        yield page
        assert noticed.nothing(), noticed


def choose(page, name):
    page.locator("#group").select_option(label=name)


def shown_map(page):
    return page.evaluate("new URLSearchParams(location.search).get('map')")


def caption(page, which="a"):
    return page.locator(f"#caption-{which}")


def test_a_month_is_chosen_by_the_slider_and_by_its_keys(results):
    choose(results, "EEMT_TOPO: each month")
    slider = results.get_by_label("Time")
    slider.focus()
    slider.press("End")
    expect(results.locator("#step-name")).to_have_text("December")
    expect(slider).to_have_attribute("aria-valuetext", "December")
    slider.press("ArrowLeft")
    expect(caption(results)).to_contain_text("November")
    assert "nov" in shown_map(results)


def test_the_months_are_played_until_they_are_stopped(results):
    choose(results, "EEMT_TOPO: each month")
    results.get_by_role("button", name="Play").click()
    expect(results.locator("#step-name")).to_have_text("March")
    results.get_by_role("button", name="Stop").click()
    at = results.get_by_label("Time").input_value()
    results.wait_for_timeout(1200)  # a step takes 900 ms
    assert results.get_by_label("Time").input_value() == at


def test_trad_lies_beside_topo_in_one_scale_and_both_move_together(results):
    results.get_by_role("button", name="Trad beside topo").click()
    expect(caption(results)).to_contain_text("EEMT_TRAD")
    expect(caption(results, "b")).to_contain_text("EEMT_TOPO")
    expect(results.locator("#scale-b")).to_be_hidden()
    panes = results.locator(".leaflet-map-pane")
    second = results.locator("#map-b")
    before = second.locator(".leaflet-control-scale-line").inner_text()
    results.locator("#map-a").get_by_role("button", name="Zoom in").click()
    expect(second.locator(".leaflet-control-scale-line")).not_to_have_text(before)
    results.locator("#map-a").press("ArrowRight")

    def moved_px():
        return panes.evaluate_all(
            "panes => panes.map(pane => new DOMMatrix(pane.style.transform).e)"
        )

    wait_until(lambda: abs(moved_px()[0]) > 10)
    first, second = moved_px()
    assert first == pytest.approx(second, abs=2)  # places are rounded to whole pixels


def test_any_two_maps_lie_beside_each_other_and_each_has_its_scale(results):
    choose(results, "Slope")
    results.get_by_role("button", name="Two maps").click()
    results.get_by_label("Beside it", exact=True).select_option(label="EEMT_TOPO: each month")
    expect(results.locator("#scale-b")).to_contain_text("EEMT_TOPO")
    expect(results.locator("#map-b .leaflet-tile-loaded").first).to_be_visible()
    results.get_by_role("button", name="Two maps").click()
    expect(results.locator("#map-b")).to_be_hidden()


def test_a_place_shows_all_months_as_chart_and_as_table(results, site):
    choose(results, "EEMT_TOPO: each month")
    results.get_by_role("button", name="Trad beside topo").click()
    results.locator("#map-a").click(position={"x": 150, "y": 200})
    rows = results.locator("#place-chart tbody tr")
    expect(rows).to_have_count(12)
    expect(rows.first).to_contain_text("January")
    expect(results.locator("#place-chart svg")).to_have_attribute(
        "aria-label", re.compile("EEMT_TRAD.* and EEMT_TOPO")
    )
    assert results.locator("#place-chart .line").count() == 2
    lon, lat = (float(results.get_by_label(x).input_value()) for x in ("Longitude", "Latitude"))
    with site.service.client() as client:
        told = client.get(
            f"/api/jobs/{site.job}/values",
            params={"group": "eemt_topo_monthly", "lon": lon, "lat": lat},
        ).json()["values"]
    cells = rows.locator("td:nth-of-type(2)").all_inner_texts()
    assert [float(cell) for cell in cells] == pytest.approx(
        [value["value"] for value in told], rel=1e-3
    )


def test_a_place_without_data_says_so(results):
    results.get_by_label("Latitude").fill("0")
    results.get_by_label("Longitude").fill("0")
    results.get_by_role("button", name="Show").click()
    expect(results.locator("#place-said")).to_contain_text("No value")
    expect(results.locator("#place-chart > *")).to_have_count(0)
    expect(results.locator("#map-a .leaflet-tile-loaded").first).to_be_in_viewport()


def test_colours_and_range_are_chosen_and_wrong_ranges_told(results):
    choose(results, "Slope")
    results.get_by_text("Colours and range").click()
    with results.expect_request(re.compile(r"/tiles/.*colors=magma.*low=5.*high=20")):
        results.get_by_label("Colours", exact=True).select_option("magma")
        results.get_by_label("From [").fill("5")
        results.get_by_label("To [").fill("20")
        results.get_by_label("To [").press("Enter")
    expect(results.locator("#scale-a .ramp-ticks span").first).to_have_text(re.compile("5$"))
    results.get_by_label("From [").fill("30")
    results.get_by_label("From [").press("Enter")
    expect(results.locator("#range-problem")).to_contain_text("must end above where it begins")
    results.get_by_role("button", name="Reset").click()
    expect(results.locator("#range-problem")).to_be_hidden()


def test_the_address_leads_to_the_same_maps_again(results, browser, site):
    results.get_by_role("button", name="Trad beside topo").click()
    results.get_by_label("Time").fill("6")
    expect(caption(results, "b")).to_contain_text("July")
    path = results.evaluate("location.pathname + location.search")
    with visit(browser, site.url, path) as (again, noticed):
        expect(caption(again)).to_contain_text("EEMT_TRAD, July")
        expect(caption(again, "b")).to_contain_text("EEMT_TOPO, July")
        assert noticed.nothing(), noticed


def test_files_for_qgis_the_citation_and_the_parameters_are_there(results, site):
    path = shown_map(results)
    expect(results.locator("#qgis")).to_contain_text(f"/api/jobs/{site.job}/results/{path}")
    expect(results.locator("#qgis")).to_contain_text(str(site.service.data))
    expect(results.locator("#cite")).to_contain_text("eemt-core")
    expect(results.locator("#record")).to_contain_text("WGS 84 / UTM zone 16N")
    results.locator("#cite").get_by_role("button", name="Copy").click()
    expect(results.locator("#cite button")).not_to_have_text("Copy")
    with results.expect_download() as month:
        results.get_by_role("link", name=re.compile("All maps of")).click()
    assert month.value.failure() is None


def test_numbers_and_months_are_the_readers(browser, site):
    with visit(browser, site.url, site.page, locale="de-DE") as (page, noticed):
        choose(page, "EEMT_TOPO: each month")
        page.locator("#map-a").click(position={"x": 150, "y": 200})
        rows = page.locator("#place-chart tbody tr")
        expect(rows.nth(2)).to_contain_text("März")
        expect(rows.nth(2)).to_contain_text(re.compile(r"\d,\d"))
        assert noticed.nothing(), noticed


def test_on_a_phone_two_maps_lie_one_below_the_other(browser, site):
    with visit(browser, site.url, site.page, viewport=PHONE) as (page, noticed):
        page.get_by_role("button", name="Trad beside topo").click()
        first, second = (page.locator(name).bounding_box() for name in ("#map-a", "#map-b"))
        assert second["y"] >= first["y"] + first["height"]
        assert noticed.nothing(), noticed


def test_a_job_that_is_not_there_is_told(browser, site):
    with visit(browser, site.url, "/results/" + "0" * 32) as (page, noticed):
        expect(page.get_by_role("alert").first).to_contain_text("There is no such job")
        assert not noticed.errors
