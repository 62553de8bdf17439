"""The service itself: whether it lives, and what its machine has."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from ... import __version__

router = APIRouter(tags=["system"])


class Health(BaseModel):
    """A sign of life."""

    status: str
    version: str


@router.get("/health")
def health() -> Health:
    """Say that the service answers."""
    return Health(status="healthy", version=__version__)
