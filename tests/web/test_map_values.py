"""The values of a group's maps at a place are those of the files."""

import numpy as np
import pytest
import rasterio
from rasterio.warp import transform


def places(shown, count=40):
    """Longitudes and latitudes of points all over the map, the hole and the edges included."""
    with rasterio.open(shown.maps / "slope.tif") as source:
        west, south, east, north = source.bounds
        dice = np.random.default_rng(7)
        xs = [*dice.uniform(west, east, count), west + 1, east - 1, *source.xy(15, 37)[:1]]
        ys = [*dice.uniform(south, north, count), south + 1, north - 1, *source.xy(15, 37)[1:]]
        return list(zip(*transform(source.crs, "EPSG:4326", xs, ys), strict=True))


def sampled(path, lon, lat):
    """What rasterio reads there, None for NaN."""
    with rasterio.open(path) as source:
        ((x,), (y,)) = transform("EPSG:4326", source.crs, [lon], [lat])
        value = float(next(source.sample([(x, y)]))[0])
    return None if np.isnan(value) else value


@pytest.mark.parametrize("group", ["eemt_topo_monthly", "slope", "total_sun_monthly_average"])
def test_values_are_exactly_those_that_rasterio_samples(shown, group):
    (facts,) = (g for g in shown.get("maps").json()["groups"] if g["id"] == group)
    known = 0
    for lon, lat in places(shown):
        answer = shown.get("values", params={"group": group, "lon": lon, "lat": lat}).json()
        assert [v["path"] for v in answer["values"]] == [m["path"] for m in facts["maps"]]
        assert answer["unit"] == facts["unit"]
        for value in (answer["values"][0], answer["values"][-1]):
            assert value["value"] == sampled(shown.maps / value["path"], lon, lat)
            known += value["value"] is not None
    assert known > 40


def test_where_there_is_no_data_there_is_no_value(shown):
    lon, lat = places(shown)[-1]
    answer = shown.get("values", params={"group": "eemt_trad_monthly", "lon": lon, "lat": lat})
    assert [v["value"] for v in answer.json()["values"]] == [None] * 12


@pytest.mark.parametrize(("lon", "lat"), [(0, 0), (180, 90), (-180, -90), (95.6, -36.3)])
def test_outside_the_map_there_is_no_value(shown, lon, lat):
    answer = shown.get("values", params={"group": "slope", "lon": lon, "lat": lat})
    assert answer.status_code == 200
    assert [v["value"] for v in answer.json()["values"]] == [None]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"group": "none", "lon": 0, "lat": 0}, 404),
        ({"group": "slope", "lon": 0, "lat": 0, "year": 1900}, 404),
        ({"group": "slope", "lon": 181, "lat": 0}, 422),
        ({"group": "slope", "lon": 0, "lat": "nan"}, 422),
        ({"group": "slope", "lon": 0}, 422),
    ],
)
def test_places_and_groups_that_there_are_not_are_refused(shown, query, code):
    answer = shown.get("values", params=query)
    assert answer.status_code == code
    assert answer.json()["detail"]
