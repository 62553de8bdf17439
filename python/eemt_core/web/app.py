"""The application: all routes over one service."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from .. import __version__
from .access import Access, protect
from .description import DescribedApp
from .logs import AccessLog
from .problems import OF_ALL, add_problems
from .routes import access as access_routes
from .routes import (
    cleanup,
    climates,
    docs,
    jobs,
    maps,
    rasters,
    results,
    submit,
    system,
    uploads,
    watch,
)
from .routes.pages import add_pages
from .service import Service
from .settings import WebSettings

_DESCRIPTION = "Runs of eemt-core: submit, watch, look at their maps, fetch them."
ROUTERS = (
    access_routes.router,
    submit.router,
    uploads.router,
    rasters.router,
    climates.router,
    jobs.router,
    maps.router,
    results.router,
    watch.router,
    cleanup.router,
    system.router,
    docs.router,
)


def create_app(
    settings: WebSettings, service: Service | None = None, *, only_reads: bool = False
) -> FastAPI:
    """Return the application; it takes its data folder when it starts, unless that is done.

    Parameters
    ----------
    service
        One that may be open already, so that whoever starts it hears why it cannot be.
    only_reads
        Whether nothing can be changed through it: requests that would are refused with 405.

    Raises
    ------
    ArgumentError
        If others could reach it without a password, or its password or tokens cannot be read.
    """
    access = Access(settings)
    service = service or Service(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        if not service.is_open:
            service.open()
        try:
            access.open()
            try:
                yield
            finally:
                access.close()
        finally:
            service.close()

    app = DescribedApp(
        title="eemt-core",
        version=__version__,
        description=_DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,  # served by us, without another host
        redoc_url=None,
        responses=OF_ALL,
    )
    app.state.service, app.state.access, app.state.only_reads = service, access, only_reads
    app.needs_login = access.keys.are_needed
    add_problems(app)
    protect(app, settings, access)
    app.add_middleware(AccessLog)
    for router in ROUTERS:
        app.include_router(_readers(router) if only_reads else router)
    add_pages(app, only_reads=only_reads)
    return app


def _readers(router: APIRouter) -> APIRouter:
    """Return a router with those paths of another that change nothing."""
    readers = APIRouter(tags=router.tags)
    readers.routes = [
        route
        for route in router.routes
        if not isinstance(route, APIRoute) or (route.methods or set()) <= {"GET", "HEAD"}
    ]
    return readers
