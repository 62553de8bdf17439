"""Our errors as answers: a status code, one sentence, and which field was wrong."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from ..errors import ArgumentError, EemtError, InputError, ResourceError, VersionError
from ..errors.system import shown
from .description import DescribedApp
from .jobs.form import form_field, in_form_words
from .refusals import ConflictError, NotThereError


class Problem(BaseModel):
    """What was wrong with a request."""

    detail: str
    """One sentence, with the remedy."""

    field: str = ""
    """The field of the form that is wrong, if one is."""


class NoEntryError(EemtError):
    """A password is wrong; answered with 401."""


class TooOftenError(EemtError):
    """Something was tried too often, and may be tried in `wait_s` seconds; answered with 429."""

    def __init__(self, what: str, wait_s: int, *, remedy: str) -> None:
        super().__init__(what, remedy=remedy)
        self.wait_s = wait_s


OF_ALL: dict[int | str, dict[str, Any]] = {
    401: {
        "model": Problem,
        "description": "It needs a login or a token, or the one given is wrong",
    },
    403: {"model": Problem, "description": "A page of another site asked for it"},
    413: {"model": Problem, "description": "The body is too long"},
    408: {"model": Problem, "description": "The body stopped coming"},
    421: {"model": Problem, "description": "The service is not known by this name"},
    422: {"model": Problem, "description": "A value or a file is wrong"},
}
"""What any request may be answered with."""

NOT_THERE: dict[int | str, dict[str, Any]] = {
    404: {"model": Problem, "description": "There is no such thing"}
}
CONFLICT: dict[int | str, dict[str, Any]] = {
    409: {"model": Problem, "description": "Its state does not allow this"}
}
TOO_OFTEN: dict[int | str, dict[str, Any]] = {
    429: {"model": Problem, "description": "It was tried too often"}
}
NO_ROOM: dict[int | str, dict[str, Any]] = {
    507: {"model": Problem, "description": "Too little disk or memory"}
}


_CODES = {
    NotThereError: 404,
    ConflictError: 409,
    NoEntryError: 401,
    TooOftenError: 429,
    ArgumentError: 422,
    InputError: 422,
    VersionError: 409,
    ResourceError: 507,
}


def add_problems(app: DescribedApp) -> None:
    """Have the application answer our errors, and those of its framework, in one form."""

    @app.exception_handler(EemtError)
    async def ours(_: Request, error: EemtError) -> JSONResponse:
        code = next((c for kind, c in _CODES.items() if isinstance(error, kind)), 500)
        answer = _answer(code, in_form_words(error.sentence), form_field(error.field))
        if isinstance(error, TooOftenError):
            answer.headers["Retry-After"] = str(error.wait_s)
        return answer

    @app.exception_handler(RequestValidationError)
    async def theirs(_: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        field = str(first["loc"][-1]) if first["loc"] else ""
        return _answer(422, shown(f"{field}: {first['msg']}"), field)

    @app.exception_handler(HTTPException)
    async def of_framework(request: Request, error: HTTPException) -> JSONResponse:
        answer = _answer(error.status_code, shown(error.detail), "")
        answer.headers.update(error.headers or {})
        if error.status_code == 405 and (methods := app.methods_of(request.url.path)):
            answer.headers["Allow"] = ", ".join(sorted(methods))
        return answer


def _answer(code: int, detail: str, field: str) -> JSONResponse:
    return JSONResponse(Problem(detail=detail, field=field).model_dump(), status_code=code)
