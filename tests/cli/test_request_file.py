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
    "--instruction-set": ("base", ("instruction_set",), "base"),
    "--precision": ("full", ("precision",), "full"),
    "--compress": ("zstd", ("compress",), "zstd"),
    "--averages": ("tif", ("averages",), "tif"),
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


SWITCHES = ("--daily", "--no-shadows", "--no-pictures", "--resume", "--overwrite")


@pytest.mark.parametrize("switch", SWITCHES)
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


def test_a_run_that_goes_to_other_machines_tries_more_often():
    for options, retries in ((), 1), (("--manager-port", "0"), 3), (("--retries", "0"), 0):
        asked = RunRequest.from_dict(printed("d.tif", "-o", "out", *options))
        assert asked.settled_retries == retries


def test_a_request_goes_before_the_environment(written):
    path = written("d.tif", "-o", "out", "--albedo", "0.6")
    assert printed("--request", path, env={"EEMT_ALBEDO": "0.1"})["solar"]["albedo"] == 0.6


def test_resume_takes_the_place_of_overwrite(written):
    changed = printed("--request", written("d.tif", "-o", "out", "--overwrite"), "--resume")
    assert (changed["overwrite"], changed["resume"]) == (False, True)


def test_workflow_sol_leaves_the_balance_out(written):
    path = written("d.tif", "-o", "out", "--climate", climate_path())
    assert printed("--request", path, "--workflow", "sol")["energy"] is None


MANY_MACHINES = {
    "--manager-port": ("9200-9300", "ports", [9200, 9300]),
    "--workers": ("1", "most_workers", 1),
    "--min-workers": ("1", "fewest_workers", 1),
    "--max-workers": ("2", "most_workers", 2),
    "--worker-timeout": ("1h", "worker_timeout_s", 3600),
    "--keepalive": ("2min", "keepalive_s", 120),
    "--project": ("hills", "project", "hills"),
    "--catalog": ("host:9097", "catalog", ["host", 9097]),
    "--password-file": ("/secret", "password_file", "/secret"),
    "--runtime": ("wheel", "runtime", "wheel"),
    "--image": ("image:1", "image", "image:1"),
    "--task-cores": ("4", "task_cores", 4),
    "--shared-dir": ("/scratch", "shared_dir", "/scratch"),
    "--bind": ("192.0.2.1", "bind", "192.0.2.1"),
    "--ssl-cert": ("/cert", "tls", ["/key", "/cert"]),
    "--ssl-key": ("/key", "tls", ["/key", "/cert"]),
}
NEEDED_BESIDE = {
    "--min-workers": ("--max-workers", "2"),
    "--project": ("--catalog", "host"),
    "--catalog": ("--project", "hills"),
    "--image": ("--runtime", "container"),
    "--ssl-cert": ("--ssl-key", "/key"),
    "--ssl-key": ("--ssl-cert", "/cert"),
}


@pytest.mark.parametrize("option", MANY_MACHINES)
def test_an_option_for_many_machines_is_in_the_request_and_comes_back(written, option):
    text, name, value = MANY_MACHINES[option]
    port = () if option == "--manager-port" else ("--manager-port", "9124")
    options = ("d.tif", "-o", "out", *port, option, text, *NEEDED_BESIDE.get(option, ()))
    direct = printed(*options)
    assert direct["cluster"][name] == value
    assert printed("--request", written(*options)) == direct
    assert RunRequest.from_dict(direct).to_dict() == direct


def test_all_options_are_tried():
    tried = {*EVERY_OPTION, *SWITCHES, *MANY_MACHINES}
    others = {"dem", "config", "version", *request_file._OF_THE_COMMAND}
    for parameter in run.command.params:
        assert parameter.name in others or tried & {*parameter.opts, *parameter.secondary_opts}


def test_a_printed_path_is_the_path_that_was_given(written):
    name = 'a [  5  ] "b" [ 1, 2 ].tif'
    assert printed("--request", written(name, "-o", "out"))["dem"] == name


OUT = '"schema_version": 1, "dem": null, "out": "out"'
UNREADABLE = {
    "nothing": (b"", "is no JSON (it is empty): see --print-request"),
    "deep": (b"[" * 100_000, "is no JSON (it is nested too deeply)"),
    "UTF-16": (f"{{{OUT}}}".encode("utf-16"), "is no JSON (it is no text in UTF-8)"),
    "Latin-1": (b'{"out": "\xe4"}', "is no JSON (it is no text in UTF-8)"),
    "twice": (f'{{{OUT}, "out": "other"}}'.encode(), "is no JSON ('out' is given twice)"),
    "twice within": (
        f'{{{OUT}, "solar": {{"albedo": 0, "albedo": 1}}}}'.encode(),
        "is no JSON ('albedo' is given twice)",
    ),
    "infinite": (f'{{{OUT}, "nodata": [-Infinity]}}'.encode(), "-Infinity is no number"),
    "too large": (f'{{{OUT}, "nodata": [1e999]}}'.encode(), "1e999 is too large a number"),
    "digits": (b'{"threads": 1' + b"0" * 5000 + b"}", "holds a number of thousands of digits"),
    "after the end": (f"{{{OUT}}}]".encode(), "is no JSON (Extra data: line 1"),
    "too long": (b" " * (2**24 + 1), "cannot be read (it is longer than 16777216 bytes)"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_text_that_is_no_request_is_one_sentence(name, tmp_path):
    content, sentence = UNREADABLE[name]
    path = tmp_path / "request.json"
    path.write_bytes(content)
    done = CliRunner().invoke(run.command, ["--request", str(path), "--print-request"])
    assert done.exit_code == 2
    assert sentence in done.output
    assert str(path) in done.output


def test_a_byte_order_mark_does_no_harm(written):
    path = written("d.tif", "-o", "out")
    plain = printed("--request", path)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert printed("--request", path) == plain


def test_no_file_is_one_sentence(tmp_path):
    assert "cannot be read (Is a directory)" in refused("--request", tmp_path)[1]
    assert "is no JSON (it is empty)" in refused("--request", "/dev/null")[1]
    assert "longer than" in refused("--request", "/dev/zero")[1]
    assert "standard input is no JSON" in refused("--request", "-", file="")[1]


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
