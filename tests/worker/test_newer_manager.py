"""``eemt-worker`` where manager and worker speak protocol 11, in clear text and in TLS."""

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from eemt_workers import ONCE, SMALL, eemt_worker
from newer_manager import NewerManager, certificate
from newer_worker import install

pytestmark = pytest.mark.slow

KINDS = [(password, tls) for password in ("", "secret") for tls in (False, True)]
TAKES = "takes it, and speaks protocol 11"


@pytest.fixture(scope="module")
def managers(tmp_path_factory):
    """A manager of each kind: with and without a password, in clear text and in TLS."""
    folder = tmp_path_factory.mktemp("managers")
    tls = certificate(folder)
    with ExitStack() as stack:
        yield {
            (password, encrypts): stack.enter_context(
                NewerManager(folder, password=password, tls=tls if encrypts else None)
            )
            for password, encrypts in KINDS
        }


@pytest.fixture
def worker(tmp_path):
    """The variables of a machine that has the newer worker."""
    return {"PATH": f"{install(tmp_path / 'bin')}:{os.environ['PATH']}"}


def password_file(folder, password):
    path = folder / (password or "none")
    path.write_text(password)
    path.chmod(0o600)
    return ("--password-file", path) if password else ()


# what manager and worker have as password: exit code, and what is said
DRY_RUNS = [
    ("secret", "secret", 0, TAKES),
    ("secret", "guess", 2, "has another password: give both sides the same one"),
    ("secret", "", 2, "wants a password: give its file with --password-file"),
    ("", "", 0, "wants none: everyone who reaches it may work"),
    ("", "guess", 2, "has no password: start it with the same --password-file"),
]


@pytest.mark.parametrize("encrypts", [False, True], ids=["clear text", "TLS"])
def test_a_dry_run_tells_a_right_password_from_a_wrong_a_missing_and_a_needless_one(
    managers, worker, tmp_path, encrypts
):
    options = (*SMALL, "--dry-run", *(("--ssl",) if encrypts else ()))

    def dry_run(theirs, ours):
        file = password_file(tmp_path, ours)
        address = managers[theirs, encrypts].address
        return eemt_worker(tmp_path, "--manager", address, *options, *file, **worker)

    with ThreadPoolExecutor() as pool:
        done = pool.map(dry_run, *zip(*(case[:2] for case in DRY_RUNS), strict=True))
    for (_, _, exit_code, says), run in zip(DRY_RUNS, done, strict=True):
        assert run.returncode == exit_code, run.stdout + run.stderr
        assert says in run.stdout
        assert ("speaks TLSv1" in run.stdout) == encrypts
        assert "its protocol: protocol 11" in run.stdout


@pytest.mark.parametrize("run", [("--dry-run",), ONCE], ids=["dry", "real"])
@pytest.mark.parametrize("password", ["", "secret"])
def test_who_encrypts_alone_is_told_so(managers, worker, tmp_path, run, password):
    given = password_file(tmp_path, password)
    for encrypts, options, sentence in (
        (True, (), "encrypts, and this worker does not: give --ssl if that is the manager"),
        (False, ("--ssl",), "does not encrypt: start it with --ssl-cert and --ssl-key, or leave"),
    ):
        manager = managers[password, encrypts]
        done = eemt_worker(
            tmp_path, "--manager", manager.address, *SMALL, *run, *options, *given, **worker
        )
        assert done.returncode == 2, done.stdout + done.stderr
        assert sentence in done.stdout + done.stderr


def test_a_worker_of_the_other_protocol_is_refused_and_the_manager_hears_why(managers, tmp_path):
    """The real worker of this machine, which speaks protocol 9."""
    manager = managers["", False]
    manager.refusals()
    done = eemt_worker(tmp_path, "--manager", manager.address, *SMALL, *ONCE)
    assert done.returncode == 5
    assert "the manager speaks protocol 11" in done.stderr
    assert "the worker protocol 9" in done.stderr
    assert manager.refusals() == [("protocol", 9)], "and nothing of the questions that it asked"
