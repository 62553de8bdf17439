"""The files of the pages: what they refer to is there, and nothing is inline or of another host."""

import re

import pytest

from eemt_core.demo import climate_path
from eemt_core.web.routes.pages import STATIC
from web_service import application

PAGES = ("/", "/monitor", "/results/" + "0" * 32, "/login", "/no/such/page")
HTML = {"accept": "text/html"}
SCRIPTS = sorted((STATIC / "js").glob("*.js"))
OWN = [*SCRIPTS, *sorted((STATIC / "css").glob("*.css"))]
LONGEST_FILE = 300
WAYS_TO_HTML = (
    "innerHTML", "outerHTML", "insertAdjacentHTML", "createContextualFragment", "setHTML",
    "DOMParser", "document.write", "srcdoc", "eval(", "Function(", "javascript:",
    # Leaflet takes the texts of these for HTML
    "bindPopup", "bindTooltip", "openPopup", "openTooltip", "setContent", "divIcon",
    "addAttribution",
)  # fmt: skip


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    with application(tmp_path_factory.mktemp("web") / "data") as client:
        yield client


@pytest.fixture(scope="module", params=PAGES)
def page(client, request):
    # without a password, whoever asks to log in is led on
    if request.param == "/login":
        assert client.get("/login", headers=HTML).status_code == 303
        return client.get("/", headers=HTML).text
    return client.get(request.param, headers=HTML).text


def test_all_that_a_page_loads_is_ours_and_there(client, page):
    found = re.findall(r'<(?:script|link|img)[^>]* (?:src|href)="([^"]+)"', page)
    assert found
    for path in found:
        assert path.startswith("/static/")
        assert client.get(path).status_code == 200, path


def test_a_page_has_no_inline_script_or_style(page):
    assert "<style" not in page
    assert not re.search(r"<script(?![^>]* src=)", page)
    assert not re.search(r"\s(?:style|on\w+)=", page)
    assert "$" not in page  # nothing is left to fill in


def test_a_page_has_one_heading_one_main_and_no_id_twice(page):
    assert len(re.findall("<h1", page)) == len(re.findall("<main", page)) == 1
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_what_labels_and_descriptions_name_is_on_the_page(page):
    ids = set(re.findall(r'\sid="([^"]+)"', page))
    named = re.findall(r'\s(?:for|aria-labelledby|aria-describedby)="([^"]+)"', page)
    assert {word for names in named for word in names.split()} <= ids


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_imports_what_is_there(path):
    text = path.read_text(encoding="utf-8")
    for names, module in re.findall(r'import \{([^}]+)\} from "\./(\w+\.js)"', text):
        source = (path.parent / module).read_text(encoding="utf-8")
        exported = set(
            re.findall(r"^export (?:async )?(?:function|class|const) (\w+)", source, re.M)
        )
        assert {name.strip() for name in names.split(",")} <= exported, module
        for name in names.split(","):
            assert len(re.findall(rf"\b{name.strip()}\b", text)) > 1, f"{name} is not used"


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_never_makes_html_or_code_of_text(path):
    text = path.read_text(encoding="utf-8")
    assert not [way for way in WAYS_TO_HTML if way in text]


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.name)
def test_no_file_is_long_or_names_another_host(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LONGEST_FILE
    hosts = set(re.findall(r"https?://[^\s\"'`$)]+", text))
    # the name of a vocabulary, and where readers are led to who follow a citation: never asked for
    assert hosts <= {"http://www.w3.org/2000/svg", "https://doi.org/"}


def test_the_example_of_a_station_is_one_that_a_run_takes(client):
    answer = client.get("/station-example.toml")
    assert answer.content == climate_path().read_bytes()


def test_leaflet_comes_with_its_licence():
    folder = STATIC / "leaflet"
    assert "Leaflet 1.9.3" in (folder / "leaflet.js").read_text(encoding="utf-8")[:200]
    assert "BSD 2-Clause" in (folder / "LICENSE").read_text(encoding="utf-8")
    for image in re.findall(
        r"url\(([^)#]+)\)", (folder / "leaflet.css").read_text(encoding="utf-8")
    ):
        assert (folder / image).is_file()


def test_where_nothing_is_a_reader_gets_a_page_and_a_program_a_sentence(client):
    answer = client.get("/no/such/page", headers=HTML)
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    for path, accept in [("/no/such/page", "*/*"), ("/api/nothing", "text/html")]:
        answer = client.get(path, headers={"accept": accept})
        assert answer.status_code == 404
        assert set(answer.json()) == {"detail", "field"}


@pytest.mark.parametrize("path", ["/static/../pages.py", "/static/%2e%2e/app.py", "/static/js"])
def test_static_files_are_those_of_its_folder(client, path):
    assert client.get(path).status_code == 404
