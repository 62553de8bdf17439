"""Forms as they come: how a route receives one, and how many files are looked at at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from anyio import CapacityLimiter
from fastapi import Request
from starlette.requests import ClientDisconnect

from ...errors import ArgumentError, InputError
from ...machine import usable_cores
from ..service import Service
from ..uploads.multipart import Form, Limits, receive_form

LOOKS = CapacityLimiter(max(2, usable_cores() // 2))
"""So many processes look at files at once: each may take gigabytes of memory."""


async def receive(
    request: Request, service: Service, folder: Path, *file_fields: str, most_files: int = 1
) -> Form:
    """Take the form of a request; its files go to `folder`.

    Raises
    ------
    ArgumentError, InputError, ResourceError
        If it is no form, does not come whole, is too large, or the disk has no room for it.
    """
    limits = Limits(
        file_fields=file_fields,
        most_bytes=service.settings.largest_upload_mb * 2**20,
        most_files=most_files,
        require_room=service.require_disk,
    )
    try:
        return await receive_form(request.headers, aiter(request.stream()), folder, limits)
    except ClientDisconnect:
        raise InputError("the upload was broken off", remedy="send it again") from None


def require_file(form: Form, field: str) -> None:
    """Raise `ArgumentError` unless a form holds a file."""
    if not form.files:
        raise ArgumentError("no file was sent", remedy=f"send it as {field}", field=field)


def form_body(
    properties: dict[str, Any], files: tuple[str, ...], required: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Return the description of a request's form, which is received by no function of FastAPI's."""
    binary = {"type": "string", "format": "binary"}
    schema = {
        "type": "object",
        "properties": {**properties, **dict.fromkeys(files, binary)},
        "required": list(required),
        "additionalProperties": False,
    }
    content: dict[str, Any] = {"multipart/form-data": {"schema": schema}}
    if not set(files) & set(required):
        plain = {**schema, "properties": properties}
        content["application/x-www-form-urlencoded"] = {"schema": plain}
    return {"requestBody": {"required": True, "content": content}}
