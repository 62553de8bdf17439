"""A folder with a name that no shell may read."""

import pytest

from orders import hostile_folder


@pytest.fixture
def hostile(tmp_path):
    """A folder with a name of special characters, see `hostile_folder`."""
    return hostile_folder(tmp_path)
