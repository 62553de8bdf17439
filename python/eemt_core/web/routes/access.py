"""Logging in and out."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Request, Response
from pydantic import BaseModel

from ..access import Access
from ..access.access import cookie_name, is_secure
from ..access.guard import way_after_login
from ..access.sessions import LASTS_S
from ..problems import CONFLICT, TOO_OFTEN, NoEntryError, TooOftenError
from ..refusals import ConflictError

router = APIRouter(prefix="/api", tags=["access"])


def _access(request: Request) -> Access:
    access: Access = request.app.state.access
    return access


TheAccess = Annotated[Access, Depends(_access)]


class Session(BaseModel):
    """Whoever reads this may use the service."""

    needs_login: bool
    """Whether others must log in, so that logging out has a meaning."""

    only_reads: bool
    """Whether nothing can be changed, as where the page of one run is shown."""


class LoggedIn(BaseModel):
    """A login that was right."""

    status: Literal["logged in"] = "logged in"
    next: str
    """The page to go to: what was wanted, if it is one of this service."""


class LoggedOut(BaseModel):
    """The end of a login."""

    status: Literal["logged out"] = "logged out"


@router.get("/session")
def get_session(access: TheAccess, request: Request) -> Session:
    """Say that whoever asks is logged in, or need not be."""
    return Session(needs_login=access.keys.are_needed, only_reads=request.app.state.only_reads)


@router.post("/login", responses=CONFLICT | TOO_OFTEN)
async def log_in(
    access: TheAccess,
    request: Request,
    response: Response,
    password: Annotated[str, Form(min_length=1)],
    next: Annotated[str, Form(description="The page that was wanted")] = "/",
) -> LoggedIn:
    """Log in by the password; the answer sets a cookie."""
    if access.keys.password is None:
        raise ConflictError("the service has no password, so nobody can log in by one")
    address = request.client.host if request.client else ""
    if wait_s := access.attempts.wait_s(address):
        raise TooOftenError(
            "a wrong password was given too often", wait_s, remedy=f"try again in {wait_s} s"
        )
    key = await access.log_in(address, password)
    if key is None:
        raise NoEntryError("the password is wrong", remedy="try again", field="password")
    _set_cookie(response, request, key, LASTS_S)
    return LoggedIn(next=way_after_login(next))


@router.post("/logout")
def log_out(access: TheAccess, request: Request, response: Response) -> LoggedOut:
    """End this login; a token goes on."""
    access.sessions.remove(request.cookies.get(cookie_name(request), ""))
    _set_cookie(response, request, "", 0)
    return LoggedOut()


def _set_cookie(response: Response, request: Request, key: str, lasts_s: int) -> None:
    response.set_cookie(
        cookie_name(request),
        key,
        max_age=lasts_s,
        path="/",
        secure=is_secure(request),
        httponly=True,
        samesite="strict",
    )
