"""All that stands between a request and the application, in its order."""

from __future__ import annotations

from fastapi import FastAPI

from ..settings import WebSettings
from .access import Access
from .bodies import FORM_BYTES, Bodies
from .cross_site import CrossSite
from .faults import Faults
from .guard import Guard
from .headers import Headers
from .hosts import Hosts
from .linger import Linger

UPLOADS = ("/api/upload-file", "/api/submit-job", "/api/upload-raster", "/api/upload-climate")
_BESIDE_FILES_BYTES = FORM_BYTES


def protect(app: FastAPI, settings: WebSettings, access: Access) -> None:
    """Put everything of this room around an application.

    All of it is plain ASGI: answers pass piece by piece, so streams of events stay streams.
    """
    upload_bytes = settings.largest_upload_mb * 2**20 + _BESIDE_FILES_BYTES

    def most_bytes(path: str) -> int:
        return upload_bytes if path in UPLOADS else FORM_BYTES

    # the last one that is added is the first that a request meets
    app.add_middleware(Guard, access=access)
    app.add_middleware(Bodies, most_bytes=most_bytes)
    app.add_middleware(CrossSite)
    app.add_middleware(Hosts, host=settings.host, names=settings.server_names)
    app.add_middleware(Faults)
    app.add_middleware(Headers)
    app.add_middleware(Linger)
