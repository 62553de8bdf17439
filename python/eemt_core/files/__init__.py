"""Reading regular files and servers' answers, and writing files that appear whole or not at all."""

from .checksum import XXH3_DIGITS, Xxh3, xxh3_file
from .json_text import parse_json
from .private import private_file, private_folder
from .regular import TEXT_BYTES, other_kind, read_end, read_file, require_file
from .whole import (
    allocate,
    new_array,
    read_json,
    sha256_file,
    sha256_json,
    write_json,
    write_json_lines,
    write_text,
)

__all__ = [
    "TEXT_BYTES",
    "XXH3_DIGITS",
    "Xxh3",
    "allocate",
    "new_array",
    "other_kind",
    "parse_json",
    "private_file",
    "private_folder",
    "read_end",
    "read_file",
    "read_json",
    "require_file",
    "sha256_file",
    "sha256_json",
    "write_json",
    "write_json_lines",
    "write_text",
    "xxh3_file",
]
