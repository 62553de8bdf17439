"""The password of the pages: kept as a slow hash, in a file that its owner alone reads.

The hash is scrypt's [1]_, which takes time and memory that whoever guesses must spend for each
guess. It is written in the PHC string format [2]_, with its parameters, so that files outlive a
change of these.

References
----------
.. [1] Percival & Josefsson 2016, RFC 7914, https://doi.org/10.17487/RFC7914
.. [2] https://github.com/P-H-C/phc-string-format/blob/master/phc-sf-spec.md
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ...errors import ArgumentError
from ...errors.system import cannot_write
from ...files import read_file

SHORTEST, LONGEST = 10, 1000
"""Characters of a password."""

_LOG2_N, _BLOCK, _PARALLEL = 16, 8, 2  # 64 MiB and some tenths of a second for each guess
_MOST_BYTES = 2**30
_HASH_BYTES, _SALT_BYTES = 32, 16
_FORM = re.compile(
    r"\$scrypt\$ln=([0-9]{1,2}),r=([0-9]{1,3}),p=([0-9]{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)"
)


@dataclass(frozen=True)
class PasswordHash:
    """A password's hash, and how it was made."""

    log2_n: int
    block: int
    parallel: int
    salt: bytes
    digest: bytes

    @classmethod
    def of(cls, password: str, log2_n: int = _LOG2_N) -> PasswordHash:
        """Hash a password with a new salt; the cost is 2 to the power of `log2_n`."""
        empty = cls(log2_n, _BLOCK, _PARALLEL, secrets.token_bytes(_SALT_BYTES), b"")
        return cls(log2_n, _BLOCK, _PARALLEL, empty.salt, empty._of(password, _HASH_BYTES))

    @classmethod
    def parse(cls, text: str) -> PasswordHash | None:
        """Return what a PHC string says, None if it is none of scrypt or of senseless cost."""
        match = _FORM.fullmatch(text.strip())
        if match is None:
            return None
        log2_n, block, parallel = (int(match[i]) for i in (1, 2, 3))
        if not (1 <= log2_n <= 24 and block and parallel and 128 * block << log2_n <= _MOST_BYTES):
            return None
        try:
            salt, digest = (base64.b64decode(_padded(match[i])) for i in (4, 5))
        except ValueError:
            return None
        return cls(log2_n, block, parallel, salt, digest)

    def __str__(self) -> str:
        salt, digest = (
            base64.b64encode(value).decode().rstrip("=") for value in (self.salt, self.digest)
        )
        return f"$scrypt$ln={self.log2_n},r={self.block},p={self.parallel}${salt}${digest}"

    def fits(self, password: str) -> bool:
        """Say whether this is the hash of a password; it takes some tenths of a second."""
        return hmac.compare_digest(self._of(password, len(self.digest)), self.digest)

    def _of(self, password: str, length: int) -> bytes:
        return hashlib.scrypt(
            password.encode("utf-8", "surrogatepass"),
            salt=self.salt,
            n=1 << self.log2_n,
            r=self.block,
            p=self.parallel,
            maxmem=2 * _MOST_BYTES - 1,
            dklen=length,
        )


def read_hash(path: Path) -> PasswordHash:
    """Return the hash in a password file.

    Raises
    ------
    ArgumentError
        If the file cannot be read, is open to others, or holds no hash.
    """
    content = read_secret(path, "password_file", "<<set_password>>")
    found = PasswordHash.parse(content)
    if found is None:
        raise ArgumentError(
            f"the password file {path} holds no hash of a password",
            remedy="write a new one with <<set_password>>",
            field="password_file",
            value=path,
        )
    return found


def write_hash(path: Path, password: str) -> None:
    """Write a password's hash into a file that only its owner may read.

    Raises
    ------
    ArgumentError
        If the password is too short or too long.
    InputError, ResourceError
        If the file cannot be written.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise ArgumentError(
            f"the password has {len(password)} characters",
            remedy=f"take {SHORTEST} to {LONGEST}; a few words in a row are easy to remember",
            field="set_password",
        )
    write_secret(path, f"{PasswordHash.of(password)}\n")


def read_secret(path: Path, field: str, maker: str) -> str:
    """Return the text of a file that decides who may come in; `maker` names what writes one.

    Raises
    ------
    ArgumentError
        If it cannot be read, or others than its owner could have read or changed it.
    """
    try:
        if path.stat().st_mode & 0o077:
            raise ArgumentError(
                f"{path} is open to other users of this machine",
                remedy=f"chmod 600 {path}",
                field=field,
                value=path,
            )
        return read_file(path).decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text in UTF-8"
        remedy = f"write it with {maker}"
        if isinstance(error, PermissionError):
            remedy = f"give it to the user that runs this: chown {os.geteuid()} {path}"
        raise ArgumentError(
            f"{path} cannot be read ({reason})",
            remedy=remedy,
            field=field,
            value=path,
        ) from None


def write_secret(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all.

    The owner is that of the file that it replaces, or else of its folder, where root writes it for
    the user who runs the service.

    Raises
    ------
    InputError, ResourceError
        If it cannot be written.
    """
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        # of mode 600 from its first moment, and no link that somebody has put there is followed
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            if os.geteuid() == 0:
                like = (path if path.exists() else path.parent).stat()
                os.fchown(file.fileno(), like.st_uid, like.st_gid)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        raise cannot_write(path, error) from None


def _padded(text: str) -> str:
    return text + "=" * (-len(text) % 4)
