"""Incompatible releases are recognised by their protocol, and the message says what to install."""

import pytest

from eemt_core.errors import VersionError
from eemt_core.worker.command import find_program
from eemt_core.worker.versions import VERSIONS, installed_protocol, mismatch


def test_the_installed_worker_tells_its_protocol_and_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert installed_protocol(find_program()) in VERSIONS
    assert list(tmp_path.iterdir()) == []


def test_a_program_that_is_no_worker_is_refused():
    with pytest.raises(VersionError, match="does not introduce itself as a worker"):
        installed_protocol("/bin/true")


@pytest.mark.parametrize(
    ("manager", "worker", "words"),
    [
        (9, 11, ("protocol 9 (CCTools 7.1.6", "protocol 11 (CCTools 7.5.0", "Debian", "conda")),
        (11, 9, ("manager speaks protocol 11", "worker protocol 9", "Debian", "conda")),
        (8, 9, ("manager speaks protocol 8", "Debian")),
        (None, 9, ("manager speaks another protocol", "worker protocol 9")),
        (12, 11, ("protocol 12 (an unknown release)", "conda")),
    ],
)
def test_both_versions_are_named_and_what_to_install_on_which_side(manager, worker, words):
    sentence = str(mismatch(manager, worker))
    assert [word for word in words if word not in sentence] == []
    assert "install the same release of Work Queue on both sides" in sentence
