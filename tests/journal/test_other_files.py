"""Files that are no journal, or a damaged one, are refused with one sentence."""

import random
import sqlite3
from contextlib import closing

import pytest

from eemt_core.errors import InputError, VersionError
from eemt_core.journal import (
    JOURNAL_FILE,
    Journal,
    read_status,
)
from journals import begin, set_times


def test_no_journal_is_one_sentence(tmp_path):
    with pytest.raises(InputError, match="holds no journal"):
        read_status(tmp_path)


def test_a_journal_without_a_run_is_one_sentence(tmp_path):
    (tmp_path / JOURNAL_FILE).touch()
    with pytest.raises(InputError, match="has no run yet"):
        read_status(tmp_path)
    Journal.open(tmp_path / JOURNAL_FILE).close()
    with pytest.raises(InputError, match="has no run yet"):
        read_status(tmp_path)


def damage(path, offset, count):
    content = bytearray(path.read_bytes())
    content[offset : offset + count] = random.Random(1).randbytes(count)
    path.write_bytes(content)


@pytest.mark.parametrize("use", [read_status, lambda out: Journal.open(out / JOURNAL_FILE)])
def test_other_files_are_refused_with_a_remedy(use, tmp_path):
    path = tmp_path / JOURNAL_FILE
    path.write_text("no journal at all, " * 300)
    with pytest.raises(InputError, match=r"is damaged or no journal .*resume"):
        use(tmp_path)
    path.unlink()
    set_times(path, "CREATE TABLE runs (x)")
    with pytest.raises(InputError, match="another database"):
        use(tmp_path)
    Journal.remove(path)
    with Journal.open(path) as journal:
        begin(journal, 2000)
    good = path.read_bytes()
    set_times(path, "PRAGMA user_version=99")
    with pytest.raises(VersionError, match="newer version"):
        use(tmp_path)
    path.write_bytes(good[: len(good) // 3])
    with pytest.raises(InputError, match="is damaged"):
        use(tmp_path)
    path.write_bytes(good)
    damage(path, 4096, len(good) - 4096)
    with pytest.raises(InputError, match="is damaged"):
        use(tmp_path)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("started", "x"), ("updated", 1e308), ("ended", 10**18), ("pid", b"\xff"),
        ("pid", "9" * 400), ("fingerprint", "[" * 3000), ("host", b"\xff"), ("stage_done", 1e999),
    ],
)  # fmt: skip
def test_values_of_another_kind_are_refused_with_a_remedy(column, value, tmp_path):
    path = tmp_path / JOURNAL_FILE
    with Journal.open(path) as journal:
        begin(journal, 3)
        journal.progress("tiles", 1, 3, "tiles")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"UPDATE runs SET {column} = ?", (value,))
        connection.commit()
    with pytest.raises(InputError, match=r"is damaged or no journal .*resume"):
        read_status(tmp_path)
