"""The pages: HTML of one frame, and the scripts, styles and pictures that they need."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from string import Template

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles

from ...demo import climate_path
from ..problems import Problem

_HERE = Path(__file__).parents[1]
_HTML, STATIC = _HERE / "html", _HERE / "static"

_LEAFLET_STYLE = '<link rel="stylesheet" href="/static/leaflet/leaflet.css">\n'
_LEAFLET = '<script defer src="/static/leaflet/leaflet.js"></script>\n'

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class _Page:
    name: str
    title: str
    has_map: bool = False
    is_narrow: bool = False

    def html(self) -> str:
        """Return the page within the frame."""
        style = f'<link rel="stylesheet" href="/static/css/{self.name}.css">\n'
        script = f'<script type="module" src="/static/js/{self.name}.js"></script>\n'
        leaflet = self.has_map
        return Template((_HTML / "frame.html").read_text(encoding="utf-8")).substitute(
            title=self.title,
            head=(_LEAFLET_STYLE if leaflet else "")
            + (style if (STATIC / "css" / f"{self.name}.css").is_file() else ""),
            main=(_HTML / f"{self.name}.html").read_text(encoding="utf-8"),
            main_class=' class="narrow"' if self.is_narrow else "",
            at_submit=_current(self.name == "submit"),
            at_monitor=_current(self.name in ("monitor", "results")),
            scripts=(_LEAFLET if leaflet else "")
            + (script if (STATIC / "js" / f"{self.name}.js").is_file() else ""),
        )


def _current(is_here: bool) -> str:
    return ' aria-current="page"' if is_here else ""


_SUBMIT = _Page("submit", "New run", has_map=True).html()
_MONITOR = _Page("monitor", "Monitor").html()
_RESULTS = _Page("results", "Results", has_map=True).html()
_LOGIN = _Page("login", "Log in", is_narrow=True).html()
_NOT_FOUND = _Page("not_found", "Not found", is_narrow=True).html()


@router.get("/")
def submit_page() -> HTMLResponse:
    """Ask for a run."""
    return HTMLResponse(_SUBMIT)


@router.get("/monitor")
def monitor_page() -> HTMLResponse:
    """All jobs, and how one of them goes."""
    return HTMLResponse(_MONITOR)


@router.get("/results/{job_id}")
def results_page(job_id: str) -> HTMLResponse:
    """Maps of a job; the page itself asks which, and says if there is none."""
    return HTMLResponse(_RESULTS)


@router.get("/login")
def login_page() -> HTMLResponse:
    """Ask for the password."""
    return HTMLResponse(_LOGIN)


@router.get("/station-example.toml")
def station_example() -> FileResponse:
    """The demonstration's climate: a table that others can be made after."""
    return FileResponse(climate_path(), media_type="application/toml", filename="station.toml")


def add_pages(app: FastAPI, *, only_reads: bool = False) -> None:
    """Have the application serve the pages, and a page or a sentence where nothing is.

    Where it `only_reads`, the page that asks for runs leads to the one that watches them.
    """
    if only_reads:

        @app.get("/", include_in_schema=False)
        def watch_alone() -> RedirectResponse:
            return RedirectResponse("/monitor")

    app.include_router(router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")

    @app.exception_handler(404)
    async def nothing(request: Request, _: Exception) -> Response:
        asks_for_page = "text/html" in request.headers.get("accept", "")
        if asks_for_page and not request.url.path.startswith("/api/"):
            return HTMLResponse(_NOT_FOUND, status_code=404)
        problem = Problem(detail="nothing has this address: see /docs for those there are")
        return JSONResponse(problem.model_dump(), status_code=404)
