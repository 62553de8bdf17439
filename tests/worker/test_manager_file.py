"""The file in which a manager says where it listens."""

import pytest

from eemt_core.errors import InputError
from eemt_core.sizes import Address
from eemt_core.worker.manager_file import announced


@pytest.fixture
def path(tmp_path):
    return tmp_path / "manager.json"


def test_it_names_the_manager_while_there_is_one(path):
    assert announced(path) is None
    path.write_text('{"host": "n17", "port": 9123, "started": "2026-11-26T10:00:00+00:00"}')
    found = announced(path)
    assert (found.address, found.started) == (Address("n17", 9123), "2026-11-26T10:00:00+00:00")


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"host": "n17"}', '{"host": "", "port": 1}', '{"host": 7, "port": 1}',
             '{"host": "n17", "port": 0}', '{"host": "n17", "port": "9123"}'],
)  # fmt: skip
def test_what_names_nobody_is_told(path, text):
    path.write_text(text)
    with pytest.raises(InputError, match=r"name the manager\.json in the folder of a run"):
        announced(path)
