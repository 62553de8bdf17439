"""Errors that users can correct, and sentences for errors of the system."""

from .kinds import (
    ArgumentError,
    EemtError,
    IncompleteError,
    InputError,
    ProcessorError,
    ResourceError,
    VersionError,
)

__all__ = [
    "ArgumentError",
    "EemtError",
    "IncompleteError",
    "InputError",
    "ProcessorError",
    "ResourceError",
    "VersionError",
]
