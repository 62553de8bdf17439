"""Code blocks in the documentation's pages: finding and running them, and checking output."""

import contextlib
import io
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from eemt_core.cli import run, status, submit, tile, web, worker

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
COMMANDS: dict[str, Any] = {
    "eemt-run": run.command,
    "eemt-worker": worker.command,
    "eemt-status": status.command,
    "eemt-submit": submit.command,
    "eemt-tile": tile.command,
    "eemt-web": web.command,
}
NOT_RUN = "<!-- not run -->"
_BLOCK = re.compile(
    r"^(?P<mark><!-- not run -->\n)?^```(?P<language>[\w{}-]+)[^\n]*\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_RAN = ("python", "sh")
# seconds; the whole demonstration takes some ten on two cores that are free
_LONGEST_S = 300


@dataclass(frozen=True)
class Block:
    """A block of code, its place, and its expected output (None: any)."""

    page: str
    line: int
    language: str
    text: str
    is_run: bool
    promised: str | None = None

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def pages() -> list[Path]:
    """Return all pages that people wrote (not those that the build writes)."""
    written = DOCS / "reference" / "api"
    return sorted(p for p in DOCS.rglob("*.md") if written not in p.parents)


def blocks(page: Path) -> list[Block]:
    """Return the blocks of a page; a text block right after a runnable one is its output."""
    source = page.read_text(encoding="utf-8")
    found: list[Block] = []
    end = 0
    for match in _BLOCK.finditer(source):
        language, between = match["language"], source[end : match.start()]
        line = source.count("\n", 0, match.start()) + 1
        is_promise = language == "text" and found and not between.strip()
        if is_promise and found[-1].language in _RAN and found[-1].promised is None:
            found[-1] = Block(**{**vars(found[-1]), "promised": match["text"]})
        else:
            name = page.relative_to(DOCS).as_posix()
            is_run = match["mark"] is None and language in _RAN
            found.append(Block(name, line, language, match["text"], is_run))
        end = match.end()
    return found


def run_page(page: Path, folder: Path) -> None:
    """Run a page's blocks in order in a folder; raise if one fails or prints something else."""
    names: dict[str, object] = {"__name__": "page"}
    for block in blocks(page):
        if not block.is_run:
            continue
        printed = (_run_python if block.language == "python" else _run_shell)(block, folder, names)
        if block.promised is not None:
            check(block, printed)


def check(block: Block, printed: str) -> None:
    """Raise unless a block printed what the page says.

    ``...`` stands for anything within a line, and alone on a line for any lines or none.
    """
    lines = (block.promised or "").splitlines(keepends=True)
    parts = [
        "(?:.*\n)*" if line == "...\n" else ".*".join(map(re.escape, line.split("...")))
        for line in lines
    ]
    if not re.fullmatch("".join(parts), printed):
        raise AssertionError(f"{block} promises\n{block.promised}\nand prints\n{printed}")


def _run_python(block: Block, folder: Path, names: dict[str, object]) -> str:
    printed = io.StringIO()
    # the block's own line numbers, for the traceback of one that fails
    code = compile("\n" * block.line + block.text, str(DOCS / block.page), "exec")
    variables = mock.patch.dict(os.environ, environment())
    with variables, contextlib.chdir(folder), contextlib.redirect_stdout(printed):
        exec(code, names)
    return printed.getvalue()


def _run_shell(block: Block, folder: Path, _: dict[str, object]) -> str:
    done = subprocess.run(
        ["sh", "-e", "-c", block.text],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_LONGEST_S,
    )
    if done.returncode:
        raise AssertionError(f"{block} ends with {done.returncode}:\n{done.stdout}")
    return done.stdout


def environment() -> dict[str, str]:
    """Return the variables of a reader's shell: our commands first, pictures left out.

    The pictures of the demonstration take longer than its maps, and have tests of their own.
    """
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return {**os.environ, "PATH": path, "EEMT_PICTURES": "false"}


def option_names(command: Any) -> set[str]:
    """Return the names of all options of a command."""
    return {name for p in command.params for name in p.opts + p.secondary_opts} | {"-h", "--help"}
