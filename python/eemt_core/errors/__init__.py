"""Errors that a user can mend, and what the system says, as sentences."""

from .kinds import ArgumentError, EemtError, InputError, ResourceError, VersionError

__all__ = ["ArgumentError", "EemtError", "InputError", "ResourceError", "VersionError"]
