"""Errors that users can correct, and sentences for errors of the system."""

from .kinds import ArgumentError, EemtError, InputError, ResourceError, VersionError

__all__ = ["ArgumentError", "EemtError", "InputError", "ResourceError", "VersionError"]
