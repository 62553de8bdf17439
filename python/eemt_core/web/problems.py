"""Our errors as answers: a status code, one sentence, and which field was wrong."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from ..errors import ArgumentError, EemtError, InputError, ResourceError, VersionError
from ..errors.system import shown
from ..errors.words import in_words
from .jobs.form import form_field

_CODES = {ArgumentError: 422, InputError: 422, VersionError: 409, ResourceError: 507}


class Problem(BaseModel):
    """What was wrong with a request."""

    detail: str
    """One sentence, with the remedy."""

    field: str = ""
    """The field of the form that is wrong, if one is."""


class NotThereError(EemtError):
    """Nothing is known under a name; answered with 404."""


class ConflictError(EemtError):
    """The state of a job does not allow what was asked; answered with 409."""


RESPONSES: dict[int | str, dict[str, Any]] = {
    422: {"model": Problem, "description": "A value or a file is wrong"}
}
NOT_THERE: dict[int | str, dict[str, Any]] = {
    404: {"model": Problem, "description": "There is no such thing"}
}
CONFLICT: dict[int | str, dict[str, Any]] = {
    409: {"model": Problem, "description": "Its state does not allow this"}
}
NO_ROOM: dict[int | str, dict[str, Any]] = {
    507: {"model": Problem, "description": "Too little disk or memory"}
}


def sentence_of(error: EemtError) -> str:
    """Return an error's sentence in the words of the page."""
    return shown(in_words(error.sentence, lambda field, value: _called(field, value)))


def add_problems(app: FastAPI) -> None:
    """Have the application answer our errors, and those of its framework, in one form."""

    @app.exception_handler(EemtError)
    async def ours(_: Request, error: EemtError) -> JSONResponse:
        if isinstance(error, NotThereError):
            code = 404
        elif isinstance(error, ConflictError):
            code = 409
        else:
            code = next((c for kind, c in _CODES.items() if isinstance(error, kind)), 500)
        return _answer(code, sentence_of(error), form_field(error.field))

    @app.exception_handler(RequestValidationError)
    async def theirs(_: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        field = str(first["loc"][-1]) if first["loc"] else ""
        return _answer(422, shown(f"{field}: {first['msg']}"), field)


def _answer(code: int, detail: str, field: str) -> JSONResponse:
    return JSONResponse(Problem(detail=detail, field=field).model_dump(), status_code=code)


def _called(field: str, value: str) -> str:
    name = form_field(field).replace("_", " ")
    return f"{name} {value}".rstrip()
