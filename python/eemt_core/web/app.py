"""The application: all routes over one service."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from .. import __version__
from .problems import add_problems
from .routes import jobs, submit, system
from .service import Service
from .settings import WebSettings

_DESCRIPTION = "Runs of eemt-core: submit, watch, look at their maps, fetch them."
ROUTERS = (submit.router, jobs.router, system.router)


def create_app(settings: WebSettings) -> FastAPI:
    """Return the application; it takes its data folder when it starts."""
    service = Service(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        service.open()
        try:
            yield
        finally:
            service.close()

    app = FastAPI(
        title="eemt-core",
        version=__version__,
        description=_DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,  # served by us, without another host
        redoc_url=None,
    )
    app.state.service = service
    add_problems(app)
    for router in ROUTERS:
        app.include_router(router)
    return app
