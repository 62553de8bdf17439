"""What is wrong and what to do about it are data of an error, not only words of its sentence."""

import ast
import pickle
import re
from pathlib import Path

import pytest

import eemt_core
from eemt_core.errors import ArgumentError, EemtError
from eemt_core.terrain import slope_aspect

PACKAGE = Path(eemt_core.__file__).parent
KINDS = {
    "ArgumentError", "EemtError", "IncompleteError", "InputError", "ResourceError", "VersionError",
}  # fmt: skip
# These read a text that somebody else took from an option, a file or a variable: who calls them
# knows the field.
READ_TEXT = {"cli/options.py", "config_keys.py", "config.py", "sizes.py"}
# What follows the colon there is a cause.
CAUSES = {
    "its checksum differs",
}


def made(path):
    """Yield each call in a file that makes an error of ours."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", None) in KINDS:
            yield node


SITES = [
    pytest.param(path, node, id=f"{path.relative_to(PACKAGE)}:{node.lineno}")
    for path in sorted(PACKAGE.rglob("*.py"))
    for node in made(path)
]
ARGUMENT_SITES = [site for site in SITES if site.values[1].func.id == "ArgumentError"]


def keywords(node):
    return {keyword.arg for keyword in node.keywords}


def text_of(node):
    """The text of a literal, each value in it as ``\\0``; empty where it is none."""
    if isinstance(node, ast.JoinedStr):
        return "".join(v.value if isinstance(v, ast.Constant) else "\0" for v in node.values)
    return str(node.value) if isinstance(node, ast.Constant) else ""


def remedy_in(what):
    """What a text says behind a colon, apart from where it happened and from a value there.

    ``\\0: `` at the beginning is a place, such as a file, and ``: \\0`` at the end a reason.
    """
    found = re.search(r": ([^\0].*)", re.sub(r"^(\0: )+", "", what))
    return found[1] if found else ""


@pytest.mark.parametrize(("path", "node"), ARGUMENT_SITES)
def test_every_wrong_argument_names_its_field(path, node):
    wanted = "value" if path.relative_to(PACKAGE).as_posix() in READ_TEXT else "field"
    assert keywords(node) & {"field", wanted}


@pytest.mark.parametrize(("path", "node"), SITES)
def test_no_remedy_stands_in_the_words_alone(path, node):
    what = text_of(node.args[0])
    assert remedy_in(what) in {"", *CAUSES}


def test_the_laws_see_errors():
    assert len(SITES) > 250
    assert len(ARGUMENT_SITES) > 100
    assert remedy_in("\0 is no size: write 8G") == "write 8G"
    assert remedy_in("\0: \0: no setting: write \0") == "write \0"
    assert remedy_in("\0: \0 is no task") == remedy_in("\0 cannot be read: \0") == ""


def test_an_array_is_told_by_dtype_and_shape():
    with pytest.raises(ArgumentError) as caught:
        slope_aspect([[1.0]], cell_size_m=1.0)
    assert (caught.value.field, caught.value.value) == ("elevation_m", "list")


def test_what_and_remedy_outlive_another_process():
    error = EemtError("the tile is empty", remedy="give <<out>>", field="out", value=2)
    again = pickle.loads(pickle.dumps(error))
    assert vars(again) == vars(error)
    assert str(again) == str(error)
