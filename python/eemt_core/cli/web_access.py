"""Options of ``eemt-web`` about who may come in, and how its files of keys are written."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from .options import GivenPath


def _variable(name: str) -> dict[str, Any]:
    """Return how an option is set in the environment, where eemt-run has another of its name."""
    return {"envvar": f"EEMT_WEB_{name}", "show_envvar": True, "allow_from_autoenv": False}


ACCESS_OPTIONS: tuple[Any, ...] = (
    click.option(
        "--password-file",
        type=GivenPath(),
        **_variable("PASSWORD_FILE"),
        help="File with the password's hash, of --set-password; any address but loopback needs it "
        "or --tokens-file.",
    ),
    click.option(
        "--tokens-file", type=GivenPath(), help="File with the hashes of tokens, of --new-token."
    ),
    click.option(
        "--ssl-cert",
        type=GivenPath(),
        **_variable("SSL_CERT"),
        help="Certificate for HTTPS, in PEM.",
    ),
    click.option(
        "--ssl-key",
        type=GivenPath(),
        **_variable("SSL_KEY"),
        help="Its key, without a passphrase.",
    ),
    click.option(
        "--server-name",
        "server_names",
        multiple=True,
        metavar="NAME",
        help="Name by which browsers call the service, beside its address and this machine's "
        "name; may be given several times.",
    ),
    click.option(
        "--trusted-proxy",
        metavar="ADDRESS",
        help="Address of a proxy in front, which is believed who asks and whether by HTTPS.",
    ),
    click.option(
        "--set-password",
        type=GivenPath(),
        metavar="FILE",
        allow_from_autoenv=False,
        help="Ask for a password, write its hash to FILE, and end.",
    ),
    click.option(
        "--new-token",
        type=GivenPath(),
        metavar="FILE",
        allow_from_autoenv=False,
        help="Add a token's hash to FILE, print the token, and end.",
    ),
)
ACCESS_NAMES = (
    "password_file",
    "tokens_file",
    "ssl_cert",
    "ssl_key",
    "server_names",
    "trusted_proxy",
)
"""Those that settings have, which a file may set too."""


def writes_keys(options: Mapping[str, Any]) -> bool:
    """Write a file of keys if that was asked for; return whether it was."""
    if options["set_password"] is not None:
        _set_password(options["set_password"])
    if options["new_token"] is not None:
        _new_token(options["new_token"])
    return options["set_password"] is not None or options["new_token"] is not None


def access_settings(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of the settings that these options set."""
    certificate, key = options["ssl_cert"], options["ssl_key"]
    if (certificate is None) != (key is None):
        raise click.UsageError("--ssl-cert and --ssl-key belong together: give both")
    return {
        "password_file": options["password_file"],
        "tokens_file": options["tokens_file"],
        "server_names": tuple(options["server_names"] or ()),
        "trusted_proxy": options["trusted_proxy"] or "",
        "tls": None if certificate is None else (certificate, key),
    }


def _set_password(path: Path) -> None:
    from ..web.access.password import write_hash

    if sys.stdin.isatty():
        password = click.prompt("Password", hide_input=True, err=True)
        again = click.prompt("The same again", hide_input=True, err=True)
    else:  # two lines, from a program that knows it
        password, again = (sys.stdin.readline().rstrip("\r\n") for _ in range(2))
    if password != again:
        raise click.UsageError("the two passwords differ: nothing was written")
    write_hash(path, password)
    click.echo(f"The password's hash is in {path}: give --password-file {path}", err=True)


def _new_token(path: Path) -> None:
    from ..web.access.tokens import add_token

    click.echo(
        f"The token for scripts is below; only its hash is kept, in {path}: "
        f"give --tokens-file {path}",
        err=True,
    )
    click.echo(add_token(path))
