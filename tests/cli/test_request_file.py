"""``--request`` and ``--print-request``: a file that describes a whole run."""

import json
import subprocess
import sys

import numpy as np
import pytest
from click.testing import CliRunner

from eemt_core import RunRequest
from eemt_core.cli import cluster, request_file, run
from eemt_core.demo import climate_path
from runs import PROGRAM, assert_same_maps, eemt_run, write_dem

QUICK = ("--days", "172", "--step", "60", "--directions", "8", "--no-pictures", "--threads", "1")
HILL = np.add.outer(np.arange(40.0), 2 * np.sin(np.arange(50.0)))


def printed(*arguments, env=None):
    """The request that options make."""
    done = CliRunner().invoke(run.command, [*map(str, arguments), "--print-request"], env=env)
    assert done.exit_code == 0, done.output
    return json.loads(done.output)


def refused(*arguments, file=None):
    done = eemt_run(*arguments, input=file)
    assert done.returncode in (2, 5)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr.strip().splitlines()[-1]


@pytest.fixture
def written(tmp_path):
    """Writes a request into a file."""

    def write(*arguments, **changes):
        data = {**printed(*arguments), **changes}
        path = tmp_path / "request.json"
        path.write_text(json.dumps(data))
        return path

    return write


@pytest.mark.slow
def test_a_printed_request_is_the_same_run(tmp_path):
    dem = write_dem(tmp_path / "dem.tif", HILL)
    options = (dem, "-o", tmp_path / "one", *QUICK, "--nodata", "-9999", "--albedo", "0.3")
    text = eemt_run(*options, "--print-request").stdout
    assert eemt_run(*options).returncode == 0
    again = eemt_run("--request", "-", "-o", tmp_path / "other", input=text)
    assert again.returncode == 0, again.stderr
    one, other = (json.loads((tmp_path / n / "run.json").read_text()) for n in ("one", "other"))
    assert one["fingerprint"] == other["fingerprint"]
    assert_same_maps(tmp_path / "one", tmp_path / "other")
    assert "--request -" in other["command"]


def test_a_request_comes_through_a_pipe_of_the_shell(tmp_path):
    command = " ".join([f"'{sys.executable}'", "-c", f"'{PROGRAM[2]}'"])
    line = f"{command} --request <({command} a.tif -o out --albedo 0.4 --print-request) "
    done = subprocess.run(
        ["bash", "-c", line + "--print-request"], capture_output=True, text=True, timeout=120
    )
    assert json.loads(done.stdout)["solar"]["albedo"] == 0.4


def test_printing_writes_nothing(tmp_path):
    printed(tmp_path / "absent.tif", "-o", tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


EVERY_OPTION = {
    "--step": ("0.5h", ("solar", "step_minutes"), 30.0),
    "--days": ("15,172", ("solar", "days"), [15, 172]),
    "--year": ("2010", ("solar", "year"), 2010),
    "--albedo": ("0.5", ("solar", "albedo"), 0.5),
    "--mode": ("rsun", ("solar", "mode"), "rsun"),
    "--directions": ("8", ("solar", "directions"), 8),
    "--linke": ("2.5", ("solar", "linke"), [2.5]),
    "--start-year": ("1990", ("energy", "start_year"), 1990),
    "--end-year": ("1991", ("energy", "end_year"), 1991),
    "--variant": ("trad", ("energy", "variants"), ["trad"]),
    "--lai": ("lai.tif", ("energy", "lai"), "lai.tif"),
    "--ndvi": ("n.tif", ("energy", "ndvi"), "n.tif"),
    "--canopy-height": ("c.tif", ("energy", "canopy_height"), "c.tif"),
    "--climate-elevation": ("e.tif", ("energy", "climate_elevation"), "e.tif"),
    "--climate": ("other.toml", ("energy", "climate"), "other.toml"),
    "--lapse-rate": ("6", ("energy", "lapse_c_per_km"), [6.0, 6.0]),
    "--wind": ("3", ("energy", "parameters", "wind_m_s"), 3.0),
    "--hamon": ("dingman", ("energy", "parameters", "hamon_form"), "dingman"),
    "--fu-w": ("3", ("energy", "parameters", "fu_w"), 3.0),
    "--eq12": ("printed", ("energy", "parameters", "canopy_npp_form"), "printed"),
    "--solar-ratio": ("beam", ("energy", "solar_ratio"), "beam"),
    "--twi": ("t.tif", ("twi",), "t.tif"),
    "--elevation-unit": ("ft", ("elevation_unit",), "ft"),
    "--nodata": ("0", ("nodata",), [0.0]),
    "--tile-size": ("64", ("tile_cells",), 64),
    "--threads": ("2", ("threads",), 2),
    "--retries": ("5", ("retries",), 5),
    "--out": ("elsewhere", ("out",), "elsewhere"),
}


@pytest.mark.parametrize("option", EVERY_OPTION)
def test_an_option_beside_a_request_does_what_it_does_without(written, option):
    text, way, value = EVERY_OPTION[option]
    plain = ("dem.tif", "-o", "out", "--climate", "station.toml")
    direct = printed(*plain, option, text)
    found = direct
    for name in way:
        found = found[name]
    assert found == value
    assert printed("--request", written(*plain), option, text) == direct
    assert direct != printed(*plain)


@pytest.mark.parametrize(
    "switch", ["--daily", "--no-shadows", "--no-pictures", "--resume", "--overwrite"]
)
def test_a_switch_beside_a_request_does_what_it_does_without(written, switch):
    plain = ("dem.tif", "-o", "out")
    assert printed("--request", written(*plain), switch) == printed(*plain, switch)


def test_every_option_sets_a_field_or_is_of_the_command():
    known = {*request_file._FIELDS, *request_file._OF_THE_COMMAND, *cluster.CLUSTER_NAMES}
    assert {p.name for p in run.command.params} - {"version"} == known
    fields = RunRequest.json_schema()["properties"]
    for field in request_file._FIELDS.values():
        inner = fields[field.split(".")[0]]
        for name in field.split(".")[1:]:
            inner = inner.get("anyOf", [inner])[0]["properties"][name]


def test_options_for_many_machines_replace_the_requests(written):
    path = written("d.tif", "-o", "out", "--manager-port", "9200", "--runtime", "wheel")
    assert printed("--request", path)["cluster"]["runtime"] == "wheel"
    changed = printed("--request", path, "--manager-port", "9300")["cluster"]
    assert (changed["ports"], changed["runtime"]) == ([9300, 9300], "installed")


def test_a_request_goes_before_the_environment(written):
    path = written("d.tif", "-o", "out", "--albedo", "0.6")
    assert printed("--request", path, env={"EEMT_ALBEDO": "0.1"})["solar"]["albedo"] == 0.6


def test_resume_takes_the_place_of_overwrite(written):
    changed = printed("--request", written("d.tif", "-o", "out", "--overwrite"), "--resume")
    assert (changed["overwrite"], changed["resume"]) == (False, True)


def test_workflow_sol_leaves_the_balance_out(written):
    path = written("d.tif", "-o", "out", "--climate", climate_path())
    assert printed("--request", path, "--workflow", "sol")["energy"] is None


def test_what_does_not_fit_is_one_sentence(written, tmp_path):
    path = written("d.tif", "-o", "out")
    assert refused("--request", path, "--wind", 3)[1].startswith("Error: --wind is for EEMT")
    assert "a run of its own" in refused("--request", path, "--demo")[1]
    code, sentence = refused("--request", written("d.tif", "-o", "out", albdo=1))
    assert (code, "unknown field 'albdo'" in sentence) == (2, True)
    code, sentence = refused("--request", written("d.tif", "-o", "out", schema_version=7))
    assert (code, "is of 7, an unknown schema_version" in sentence) == (5, True)
    assert "is no JSON" in refused("--request", "-", file="{")[1]
    assert "NaN is no number" in refused("--request", "-", file='{"nodata": [NaN]}')[1]
    assert "cannot be read (No such file" in refused("--request", tmp_path / "absent.json")[1]
    assert "Missing option '-o'" in refused("d.tif")[1]
