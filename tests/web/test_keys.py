"""Files of keys: what lies in them, who may read them, and how they are written."""

import os
import pty
import re
import stat
import subprocess

import pytest

from eemt_core.errors import ArgumentError
from eemt_core.web.access.password import PasswordHash, read_hash, write_hash, write_secret
from eemt_core.web.access.tokens import add_token, hash_of, read_tokens
from web_service import PROGRAM

PASSWORD = "correct horse battery staple"


def test_a_hash_is_slow_salted_and_in_the_usual_form(tmp_path):
    write_hash(tmp_path / "password", PASSWORD)
    text = (tmp_path / "password").read_text()
    assert re.fullmatch(r"\$scrypt\$ln=16,r=8,p=2\$[\w+/]{22}\$[\w+/]{43}\n", text)
    found = read_hash(tmp_path / "password")
    assert 128 * found.block << found.log2_n == 2**26  # bytes that each guess takes
    assert found.fits(PASSWORD)
    assert not found.fits(PASSWORD + " ")
    assert str(PasswordHash.of(PASSWORD, log2_n=4)) != str(PasswordHash.of(PASSWORD, log2_n=4))


def test_it_is_scrypt_as_it_was_published():
    # RFC 7914, section 12: its first vectors, written in the form of our files
    vector = PasswordHash(
        10, 8, 16, b"NaCl",
        bytes.fromhex(
            "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
            "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640"
        ),
    )  # fmt: skip
    assert PasswordHash.parse(str(vector)) == vector
    assert vector.fits("password")


@pytest.mark.parametrize(
    "text",
    ["", "plain", "$scrypt$ln=99,r=8,p=1$AAAA$AAAA", "$scrypt$ln=24,r=999,p=1$AAAA$AAAA",
     "$scrypt$ln=16,r=0,p=1$AAAA$AAAA", "$argon2id$v=19$m=1,t=1,p=1$AAAA$AAAA",
     "$scrypt$ln=4,r=8,p=1$A$A"],
)  # fmt: skip
def test_what_is_no_hash_is_refused(tmp_path, text):
    write_secret(tmp_path / "password", text)
    with pytest.raises(ArgumentError, match="holds no hash") as caught:
        read_hash(tmp_path / "password")
    assert caught.value.field == "password_file"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o602])
@pytest.mark.parametrize("read", [read_hash, read_tokens])
def test_a_file_that_others_can_open_is_refused(tmp_path, mode, read):
    path = tmp_path / "keys"
    add_token(path)
    path.chmod(mode)
    with pytest.raises(ArgumentError, match=r"open to other users.*chmod 600"):
        read(path)


@pytest.mark.parametrize("read", [read_hash, read_tokens])
def test_a_file_that_is_not_there_is_told_of(tmp_path, read):
    with pytest.raises(ArgumentError, match="cannot be read"):
        read(tmp_path / "none")


def test_files_of_keys_are_whole_and_their_owners_alone(tmp_path):
    previous = os.umask(0)
    try:
        write_hash(tmp_path / "keys", PASSWORD)
    finally:
        os.umask(previous)
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["keys"]


def test_files_of_keys_are_the_services_also_where_root_writes_them(tmp_path):
    """As who runs the service changes the password; the service runs as another user."""
    owner = 65534 if os.geteuid() == 0 else os.geteuid()
    os.chown(tmp_path, owner, -1)
    write_hash(tmp_path / "password", PASSWORD)
    add_token(tmp_path / "tokens")
    os.chown(tmp_path, os.geteuid(), -1)
    write_hash(tmp_path / "password", PASSWORD + "!")
    add_token(tmp_path / "tokens")
    assert {path.stat().st_uid for path in tmp_path.iterdir()} == {owner}


def test_who_may_not_read_a_file_is_told_whose_it_must_be(tmp_path):
    path, own = tmp_path / "password", os.geteuid()
    write_hash(path, PASSWORD)
    path.chmod(0)
    if own == 0:  # who may read all
        os.seteuid(65534)
    try:
        with pytest.raises(ArgumentError, match="Permission denied") as caught:
            read_hash(path)
        assert caught.value.remedy.endswith(f"chown {os.geteuid()} {path}")
    finally:
        os.seteuid(own)


@pytest.mark.parametrize("password", ["", "short", "x" * 1001])
def test_passwords_have_a_length(tmp_path, password):
    with pytest.raises(ArgumentError, match=f"has {len(password)} characters"):
        write_hash(tmp_path / "keys", password)
    assert list(tmp_path.iterdir()) == []


def test_tokens_are_kept_as_hashes_with_names(tmp_path):
    path = tmp_path / "tokens"
    first, second = add_token(path), add_token(path)
    assert re.fullmatch(r"eemt_[\w-]{43}", first)
    assert first != second
    text = path.read_text()
    assert first not in text
    path.write_text(text.replace(re.search(r" (of .*)", text)[1], "Ann's notebook", 1))
    assert read_tokens(path)[hash_of(first)] == "Ann's notebook"
    assert read_tokens(path)[hash_of(second)].startswith("of 20")


def test_a_file_of_tokens_with_another_line_is_refused(tmp_path):
    path = tmp_path / "tokens"
    add_token(path)
    write_secret(path, f"# ours\n\n{path.read_text()}eemt_in-plain-text\n")
    with pytest.raises(ArgumentError, match=r"tokens:4 is no token's hash") as caught:
        read_tokens(path)
    assert "plain" not in str(caught.value)
    with pytest.raises(ArgumentError):
        add_token(path)


def test_the_program_asks_twice_and_shows_nothing(tmp_path):
    path = tmp_path / "password"
    master, slave = pty.openpty()
    command = [*PROGRAM, "--set-password", str(path)]
    with subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave) as process:
        os.close(slave)
        said = answered(master, [(b"Password: ", PASSWORD), (b"again: ", PASSWORD)])
        assert process.wait(60) == 0
    os.close(master)
    assert PASSWORD not in said
    assert read_hash(path).fits(PASSWORD)
    assert f"--password-file {path}" in said


def test_two_different_passwords_write_nothing(tmp_path):
    done = set_password(tmp_path / "password", f"{PASSWORD}\n{PASSWORD}!\n")
    assert done.returncode == 2
    assert "the two passwords differ" in done.stderr
    assert PASSWORD not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_password_comes_through_a_pipe_too(tmp_path):
    assert set_password(tmp_path / "password", f"{PASSWORD}\n{PASSWORD}\n").returncode == 0
    assert read_hash(tmp_path / "password").fits(PASSWORD)


def test_the_program_prints_a_token_alone(tmp_path):
    path = tmp_path / "tokens"
    done = subprocess.run(
        [*PROGRAM, "--new-token", str(path)], capture_output=True, text=True, check=True
    )
    assert hash_of(done.stdout.strip()) in read_tokens(path)
    assert done.stdout.strip() not in done.stderr


def set_password(path, text):
    return subprocess.run(
        [*PROGRAM, "--set-password", str(path)], input=text, capture_output=True, text=True
    )


def answered(terminal, answers):
    """What a program says at a terminal where each question gets its answer."""
    said, waiting = b"", list(answers)
    while True:
        try:
            said += (piece := os.read(terminal, 1024))
        except OSError:  # the program has ended
            return said.decode()
        if not piece:
            return said.decode()
        if waiting and said.endswith(waiting[0][0]):
            os.write(terminal, waiting.pop(0)[1].encode() + b"\n")
