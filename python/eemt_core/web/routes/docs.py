"""``/docs``: the description of the interface as a page on which it can be tried.

It is Swagger UI, whose files the package `fastapi-swagger` brings along: nothing comes from another
host, and nothing is sent to one.
"""

from __future__ import annotations

from importlib.resources import files

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

router = APIRouter(prefix="/docs", include_in_schema=False)

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>eemt-core: interface</title>
<link rel="icon" href="/static/icon.svg">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<noscript>This page needs scripts; the description itself is <a href="/openapi.json">here</a>.
</noscript>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""
# no validator: Swagger UI would send it the address of the description
_START = """"use strict";
SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  displayRequestDuration: true,
  validatorUrl: null,
  syntaxHighlight: { activated: false },
});
"""
_KEPT = {"Cache-Control": "private, max-age=86400"}


@router.get("")
def docs_page() -> HTMLResponse:
    """Return the page."""
    return HTMLResponse(_PAGE)


@router.get("/start.js")
def start() -> Response:
    """Return the script that starts it."""
    return Response(_START, media_type="text/javascript")


@router.get("/swagger-ui-bundle.js")
def bundle() -> Response:
    """Return Swagger UI."""
    return _file("swagger-ui-bundle.js", "text/javascript")


@router.get("/swagger-ui.css")
def style() -> Response:
    """Return its style."""
    return _file("swagger-ui.css", "text/css")


def _file(name: str, media_type: str) -> Response:
    content = (files("fastapi_swagger") / "resources" / name).read_bytes()
    return Response(content, media_type=media_type, headers=_KEPT)
