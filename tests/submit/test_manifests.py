"""What orchestrators get: the recorded text, by their schemas, with users' words as they are."""

import re
import shlex
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from eemt_core.errors import ArgumentError
from eemt_core.sizes import Address
from eemt_core.submit.order import Order, Workers
from eemt_core.submit.targets import MANIFEST_TARGETS, TARGETS
from eemt_core.submit.targets.manifest import Parts, filled
from eemt_core.submit.web_pool import WebPool
from free_ports import free_port
from manifests import IMAGE, TEXTS, containers, documents, manifest_orders, manifests
from orders import MANAGER, password_file

FILES = sorted(path.name for path in TEXTS.iterdir())
PROJECT = "a 'b' \"c\" $HOME ${D} $(e) $$ `f` {g} #h: - %i \\ * ~ yes"


def test_every_manifest_is_the_recorded_one(tmp_path):
    """``python tests/support/manifests.py`` records them anew."""
    made = manifests(tmp_path)
    assert sorted(made) == FILES
    for name, text in made.items():
        assert text == (TEXTS / name).read_text(), name


def test_compose_files_are_such_by_the_schema_of_compose():
    check = [Path(sys.executable).parent / "check-jsonschema", "--builtin-schema"]
    files = [TEXTS / name for name in FILES if not name.startswith("kubernetes")]
    done = subprocess.run([*check, "vendor.compose-spec", *files], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def render(target, work):
    return MANIFEST_TARGETS[target].render(Order(work, runtime="docker", image=IMAGE))


def given(words, option):
    """What an option of a command has been given, as the orchestrator hands it on."""
    return words[words.index(option) + 1].replace("$$", "$")


@pytest.mark.parametrize("target", MANIFEST_TARGETS)
def test_every_word_arrives_as_it_was_given(target):
    named = Workers(1, (), PROJECT, MANAGER)
    found = containers(render(target, named))
    words = found["worker"]["command"]
    assert given(words, "--project") == PROJECT
    assert given(words, "--catalog") == str(MANAGER)
    assert all(isinstance(word, str) for word in words)


def test_files_of_passwords_are_named_and_not_read(tmp_path):
    folder = tmp_path / "a $HOME ${B} $(touch c) `d` ;&|<>*?[e]{f} #g !~% é"
    folder.mkdir()
    password = password_file(folder)
    pool = WebPool(1, password, password, PROJECT, 1000)
    texts = {
        "compose": render("compose", replace(pool, storage_mb=None)),
        "swarm": render("swarm", replace(pool, storage_mb=None)),
        "kubernetes": render("kubernetes", pool),
    }
    for text in texts.values():
        assert "secret of ours" not in text
        assert given(containers(text)["web"]["command"], "--server-name") == PROJECT
    for target in ("compose", "swarm"):
        (file,) = documents(texts[target])
        files = [secret["file"].replace("$$", "$") for secret in file["secrets"].values()]
        assert files == [str(password)] * 2
    (line,) = re.findall(r"^#   (kubectl create .*)$", texts["kubernetes"], re.MULTILINE)
    assert shlex.split(line)[-2:] == [
        f"--from-file={name}={password}" for name in ("password", "web_password")
    ]


@pytest.mark.parametrize("target", ["compose", "swarm"])
def test_containers_of_services_may_do_nothing_that_they_need_not(target, tmp_path):
    for order in manifest_orders(tmp_path, target).values():
        for container in containers(MANIFEST_TARGETS[target].render(order)).values():
            assert container["read_only"] is True
            assert container["cap_drop"] == ["ALL"]
            assert not container.keys() & {"privileged", "network_mode", "pid", "devices"}
            assert set(container["volumes"]) <= {"/data", "data:/data", "scratch:/data"}
            if target == "compose":  # a swarm has no such setting
                assert container["security_opt"] == ["no-new-privileges:true"]
            for secret in container.get("secrets", []) if target == "swarm" else []:
                assert (secret["uid"], secret["gid"], secret["mode"]) == ("10001", "10001", 0o400)


def test_a_swarm_has_a_network_that_is_encrypted_and_all_that_it_names(tmp_path):
    for order in manifest_orders(tmp_path, "swarm").values():
        (file,) = documents(MANIFEST_TARGETS["swarm"].render(order))
        assert file["networks"]["default"]["driver_opts"] == {"encrypted": "true"}
        used = {volume.split(":")[0] for c in file["services"].values() for volume in c["volumes"]}
        assert used == set(file["volumes"])
        secrets = {s["source"] for c in file["services"].values() for s in c.get("secrets", [])}
        assert secrets == set(file.get("secrets", {}))


def test_a_worker_is_healthy_while_one_of_its_managers_takes_connections():
    with socket.create_server(("", 0)) as listening:
        ports = [free_port(), listening.getsockname()[1]]
        managers = [Address(socket.gethostname(), port) for port in ports]
        for asked, code in ((managers, 0), (managers[::-1], 0), (managers[:1], 1)):
            text = render("compose", Workers(1, tuple(asked)))
            test = containers(text)["worker"]["healthcheck"]["test"]
            assert test[0] == "CMD"
            done = subprocess.run([w.replace("$$", "$") for w in test[1:]], capture_output=True)
            assert done.returncode == code, done.stderr


@pytest.mark.parametrize("target", MANIFEST_TARGETS)
@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"account": "geo"}, "knows nothing like account geo: leave account out"),
        ({"setup": ("module load x",)}, "knows nothing like setup"),
        ({"runtime": "installed", "image": ""}, "installed is no such thing there: name an image"),
        ({"name": "Canyon"}, "'Canyon' cannot be a name there: write name in small letters"),
        ({"name": "a" * 41}, "40 at most"),
    ],
)
def test_what_an_orchestrator_cannot_be_told_is_refused(target, changed, sentence):
    order = Order(Workers(1, (MANAGER,)), runtime="docker", image=IMAGE)
    with pytest.raises(ArgumentError, match=sentence):
        MANIFEST_TARGETS[target].render(replace(order, **changed))


@pytest.mark.parametrize("target", sorted(TARGETS.keys() - MANIFEST_TARGETS.keys()))
def test_others_keep_no_page(target, tmp_path):
    order = Order(WebPool(1, password_file(tmp_path)))
    with pytest.raises(ArgumentError, match=f"{target} keeps no page that brings its workers: lea"):
        TARGETS[target].render(order)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"web_password_file": None}, "everybody who reaches the page may use it"),
        ({"web_tokens_file": Path("/no/tokens")}, "there is no file /no/tokens"),
        ({"web_password_file": Path("/no/file")}, "there is no file /no/file"),
        ({"web_password_file": Path("page")}, "write web_password_file as a path from / on"),
        ({"server_name": "a\nb"}, "write server_name without line breaks"),
        ({"count": 0}, "0 is no number of workers"),
    ],
)
def test_a_page_that_cannot_be_is_refused(tmp_path, changed, sentence):
    whole = {"web_password_file": password_file(tmp_path)}
    with pytest.raises(ArgumentError, match=sentence):
        WebPool(**{**whole, **changed})


def test_parts_of_a_template_that_are_not_shown_leave_no_line():
    template = "a\n#[b c]\nbc\n  #[b]\nb $d\n#[]\n  $e\nf"
    assert filled(template, Parts({"b"}, {"d": "1", "e": ""})) == "a\nb 1\nf\n"
    assert filled(template, Parts({"b", "c"}, {"d": "$e", "e": "2\n3"})) == (
        "a\nbc\nb $e\n  2\n  3\nf\n"
    )
