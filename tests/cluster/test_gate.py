"""The gate on the manager's port, with real workers and with peers that break the protocol."""

import socket
import subprocess
import threading
import time
from contextlib import contextmanager, suppress

import pytest

from clusters import SHORT, manager, wait_for, workers
from eemt_core.engines.work_queue.gate.client import GateClient
from eemt_core.engines.work_queue.options import GateOptions, PortOptions
from free_ports import free_port
from queue_peers import Peer
from runs import assert_same_maps, eemt_run

pytestmark = pytest.mark.slow


def answer_with_a_directory(peer, name, target):
    peer.say(f"dir {name} 0", f"file {name}/../../../../../../../../../..{target} 5", "pwnedend")


def answer_with_another_name(peer, name, target):
    peer.say(f"file {name}/../../../../../../../../../..{target} 5", "pwnedend")


def answer_with_a_path(peer, name, target):
    peer.say(f"file {target} 5", "pwnedend")


def answer_with_a_link(peer, name, target):
    peer.say(f"symlink {name} {len(str(target))}", f"{target}end")


ANSWERS = (
    (answer_with_a_directory, "answered with a directory where a plain file was asked for"),
    (answer_with_another_name, "it named a file"),
    (answer_with_a_path, "that nobody had asked for"),
    (answer_with_a_link, "answered with a link where a plain file was asked for"),
)


def test_a_stranger_makes_no_file_anywhere(dem, local, tmp_path):
    target = tmp_path / "made-by-a-stranger"
    with manager(dem, tmp_path / "out", *SHORT) as run:
        for answer, sentence in ANSWERS:
            with Peer(run.port(), cores="2 2 2", memory="5000") as peer:
                peer.ends_task(peer.takes_task())
                answer(peer, peer.asked(), target)
                run.hears(sentence)
                with suppress(OSError):
                    while peer.line.recv(65536):
                        pass
        assert "A worker at 127.0.0.1 was refused: it answered with a directory" in run.said
        with workers(run.port(), 1, tmp_path):
            run.ends()
    assert not target.exists()
    assert_same_maps(local, tmp_path / "out")


@contextmanager
def crowd(port, count, first):
    """Connections that send a start and then single bytes; closed ones are replaced."""
    ended = threading.Event()

    def one():
        while not ended.is_set():
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 10) as line:
                line.sendall(first)
                while not ended.wait(0.5):
                    line.sendall(b"x")
            ended.wait(0.5)

    threads = [threading.Thread(target=one) for _ in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ended.set()
        for thread in threads:
            thread.join()


def seconds_with(dem, out, work_dir, count, first=b""):
    """Return how long a run with an honest worker takes beside many hostile connections."""
    with manager(dem, out, *SHORT) as run, crowd(run.port(), count, first):
        run.hears("tiles of up to")
        start = time.monotonic()
        with workers(run.port(), 1, work_dir):
            run.ends()
        return time.monotonic() - start


@pytest.mark.parametrize(("count", "first"), [(50, b""), (200, b"workqueue 9 fore")])
def test_slow_strangers_do_not_slow_down_the_work(dem, local, tmp_path, count, first):
    # whatever else the machine does for a while may slow down one run of two: what slows down the
    # work does so each time
    for number in range(4):
        out = tmp_path / f"beside-{number}"
        beside = seconds_with(dem, out, tmp_path, count, first)
        assert_same_maps(local, out)
        alone = seconds_with(dem, tmp_path / f"alone-{number}", tmp_path, 0)
        # the hostile threads use this machine too: allow twice the time and some seconds of noise
        if beside < 2 * alone + 5:
            return
    pytest.fail(f"{beside:.1f} s instead of {alone:.1f} s")


def test_a_worker_that_stalls_in_mid_result_holds_up_nobody(dem, local, tmp_path):
    with (
        manager(dem, tmp_path / "out", *SHORT, "--keepalive", "60") as run,
        Peer(run.port(), cores="1 1 1", memory="5000") as peer,
    ):
        peer.ends_task(peer.takes_task())
        peer.say(f"file {peer.asked()} 100000")
        with workers(run.port(), 1, tmp_path):
            wait_for(lambda: run.said.count(" done in ") >= 4, what="tiles of the others")
            assert "stood still" not in run.said  # the connection is still open, but delays nothing
            run.ends()
    assert_same_maps(local, tmp_path / "out")


def test_a_worker_that_is_lost_in_mid_file_leaves_nothing_and_its_tile_is_done_again(
    dem, local, tmp_path
):
    out = tmp_path / "out"
    with manager(dem, out, *SHORT) as run:
        with Peer(run.port(), cores="1 1 1", memory="5000") as peer:
            peer.ends_task(peer.takes_task())
            peer.say(f"file {peer.asked()} 100000")
            peer.line.sendall(bytes(50000))
            arrived = out / ".eemt" / "arrived"
            wait_for(lambda: [p for p in arrived.iterdir() if p.stat().st_size], what="a part")
        run.hears("lost its worker")
        wait_for(lambda: not list(arrived.iterdir()), what="its end")
        with workers(run.port(), 1, tmp_path):
            run.ends()
    assert not arrived.exists()
    assert_same_maps(local, out)


@pytest.mark.parametrize(
    "said",
    [
        b"x" * 1_000_000, b"\n" * 1000, b"\0" * 100, b"GET /../../etc/passwd HTTP/1.1\r\n\r\n",
        b"POST /queue_status HTTP/1.1\r\n\r\n", b"auth password sha1\nx\ny\n",
        b"workqueue 9 a Linux x86_64 8\nresource cores -4 -4 -4\n",
        b"workqueue 9 a Linux x86_64 8\ninfo worker-id x\nTASK 1 RUNNING\n",
        b"workqueue 9 a\rb Linux x86_64 8\nalive\nalive\nend\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
    ids=range(10),
)  # fmt: skip
def test_what_no_worker_says_ends_its_connection_and_nothing_else(quiet_run, said):
    with socket.create_connection(("127.0.0.1", quiet_run.port()), 30) as line:
        with suppress(OSError):
            line.sendall(said)
            line.shutdown(socket.SHUT_WR)
        with suppress(ConnectionResetError):
            assert line.recv(1000) == b""
    assert quiet_run.process.poll() is None
    assert "joined" not in quiet_run.said


@pytest.fixture(scope="module")
def quiet_run(dem, tmp_path_factory):
    """A run without workers."""
    with manager(dem, tmp_path_factory.mktemp("quiet") / "out", *SHORT) as run:
        run.port()
        yield run


def test_a_run_without_a_password_says_once_what_that_means(quiet_run):
    assert quiet_run.said.count("without --password-file whoever reaches the port") == 1


def test_the_queue_behind_the_gate_is_reached_from_this_machine_alone_and_with_a_password(
    dem, tmp_path
):
    with manager(dem, tmp_path / "out", *SHORT) as run:
        outer = run.port()
        listening = _listening_ports(run.process.pid)
        inner = {port: address for port, address in listening.items() if port != outer}
        assert set(inner.values()) == {"127.0.0.1"}
        (port,) = inner
        with socket.create_connection(("127.0.0.1", port), 30) as line:
            line.sendall(b"workqueue 9 a Linux x86_64 8\n")
            assert line.recv(100).startswith(b"auth password")


def _listening_ports(pid):
    """Ports that a process or its children listen on, and the addresses."""
    told = subprocess.run(["ss", "-Hltnp"], capture_output=True, text=True, check=True).stdout
    family = {str(pid), *_children(pid)}
    found = {}
    for line in told.splitlines():
        if any(f"pid={number}," in line for number in family):
            address, _, port = line.split()[3].rpartition(":")
            found[int(port)] = address
    return found


def _children(pid):
    told = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True)
    return told.stdout.split()


@pytest.mark.parametrize("address", ["127.0.0.2", "::1"])
def test_a_run_listens_on_the_address_that_it_is_given_alone(dem, tmp_path, address):
    port = free_port()
    with manager(dem, tmp_path / "out", *SHORT, "--bind", address, port=port) as run:
        run.port()
        with socket.create_connection((address, port), 10) as line:
            line.sendall(b"GET /queue_status HTTP/1.0\r\n\r\n")
            assert line.recv(100).startswith(b"HTTP/1.1 200")
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.1", port), 10)
        if address == "127.0.0.2":
            with workers(port, 1, tmp_path, host=address):
                run.ends()


def test_encrypted_connections_are_the_gate_s_affair(tmp_path):
    """The engine's protocol 9 cannot encrypt; the gate itself can, for workers of newer ones."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=alpha", "-days",
         "1", "-keyout", tmp_path / "key", "-out", tmp_path / "cert"],
        check=True, capture_output=True,
    )  # fmt: skip
    port = PortOptions(
        ports=(0, 0),
        bind="127.0.0.1",
        password="secret",
        tls=(str(tmp_path / "cert"), str(tmp_path / "key")),
    )
    gate = GateClient(GateOptions(port, protocol=11, patience_s=10, folder=str(tmp_path)))
    try:
        asked = subprocess.run(
            ["openssl", "s_client", "-quiet", "-connect", f"127.0.0.1:{gate.port}"],
            input=b"workqueue 11 a Linux x86_64 8\n", capture_output=True, timeout=60,
        )  # fmt: skip
        assert asked.stdout == b"auth password sha1\n"
        assert b"CN = alpha" in asked.stderr or b"CN=alpha" in asked.stderr
        with socket.create_connection(("127.0.0.1", gate.port), 30) as line:
            line.sendall(b"workqueue 11 a Linux x86_64 8\n")
            with suppress(ConnectionResetError):
                assert b"auth" not in line.recv(1000)
        told = wait_for(lambda: [news["why"] for news in gate.events()], what="two refusals")
        assert told[0] in ("none given", "no tls")
    finally:
        gate.close()


def test_an_address_of_another_machine_is_one_sentence(dem, tmp_path):
    done = eemt_run(
        dem, "-o", tmp_path / "out", *SHORT, "--manager-port", "0", "--bind", "192.0.2.77"
    )
    assert done.returncode == 3
    assert "cannot listen on address 192.0.2.77" in done.stderr
    assert "give --bind an address of this machine" in done.stderr
