"""Workers that reach their manager through TLS, with certificates on both sides."""

import shutil

import pytest

from attempts import done_by
from clusters import SHORT, wait_for
from host_shells import PASSWORD, block, users
from runs import assert_same_maps

pytestmark = pytest.mark.slow

HELLO = r"workqueue 9 stranger Linux x86_64 9.9.9\n"


OWN_CERTIFICATE = """
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=gamma \\
    -keyout own.key -out own.pem
"""


class Recording:
    """All that goes through a network card of a host, from now on."""

    def __init__(self, shell, card):
        self._file = shell.host.folder / f"{card}.pcap"
        self._program = shell.start(
            f"exec tcpdump -i {card} -B 65536 --immediate-mode -U -Z root -w {self._file}"
        )
        self._program.says("listening on")

    def bytes(self):
        return self._file.read_bytes()


def test_nothing_can_be_read_and_nobody_enters_without_a_certificate(dem, local, tmp_path):
    with users(tmp_path, dem, SHORT, "alpha", "beta", "gamma") as (alpha, beta, gamma):
        out = alpha.host.folder / "out"
        alpha.run(block("our authority")[1])
        for shell in (beta, gamma):
            (shell.host.folder / "tls").mkdir()
            for name in ("ca.pem", f"{shell.host.name}.pem", f"{shell.host.name}.key"):
                shutil.copy(alpha.host.folder / "tls" / name, shell.host.folder / "tls")
        network, loopback = Recording(alpha, "eth0"), Recording(alpha, "lo")
        alpha.type("manager.conf").says("Configuration successful")
        beta.type("worker.conf").says("Configuration successful")
        run = alpha.type("--bind 127.0.0.1")
        run.says("Waiting for workers")

        gamma.run(OWN_CERTIFICATE)
        for ours, refusal in (
            ("", "alert certificate required"),
            (" -cert own.pem -key own.key", "alert unknown ca"),
        ):
            call = f"openssl s_client -quiet -connect alpha:9124 -CAfile tls/ca.pem{ours}"
            assert gamma.run(f"printf '{HELLO}' | {call} 2>words || true") == ""
            assert refusal in gamma.run("cat words")

        # another with a certificate of ours is not taken for the manager
        _, text = block("manager.conf")
        gamma.start(text.replace("alpha.", "gamma.")).says("Configuration successful")
        _, text = block("worker.conf")
        other = text.replace("alpha:9124", "gamma:9124").replace(":9123", ":9125")
        misled = beta.start(other.replace("worker.conf", "misled.conf"))
        misled.says("Configuration successful")
        beta.run("eemt-worker --manager-host localhost --manager-port 9125 --dry-run", code=3)
        misled.says("Subject checks failed")

        beta.type("--manager-host localhost")
        run.ends()
        assert_same_maps(local, out)
        assert done_by(out).keys() == {"beta"}
        wait_for(lambda: loopback.bytes().count(b"tile-0000") > 8)
        readable = (b"workqueue", b"task.json", b"tile-0000", b" beta ")
        assert all(words in loopback.bytes() for words in readable)
        results = sum(path.stat().st_size for path in out.rglob("*.tif"))
        wait_for(lambda: len(network.bytes()) > results, what="all that went through the network")
        assert not any(words in network.bytes() for words in (*readable, PASSWORD.encode()))
