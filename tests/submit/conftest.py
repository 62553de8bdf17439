"""A folder whose name means much to a shell, and little to batch systems."""

import pytest

from orders import exported, password_file


@pytest.fixture
def hostile(tmp_path):
    """A folder with a password and tiles; every character of its name but letters is special."""
    folder = tmp_path / """a b'c"d$(touch e)`touch f`;&|<>*?[g]{h}!#~%A"""
    folder.mkdir()
    password_file(folder)
    exported(folder)
    return folder
