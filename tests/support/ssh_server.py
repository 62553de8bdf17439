"""Debian's SSH server on a host of a network, with keys and accounts that only this host has."""

import os
import shutil
from pathlib import Path

_UNPACKED = Path(__file__).parents[2] / "build" / "openssh-server"
_CONFIGURATION = """
ListenAddress 0.0.0.0
HostKey {folder}/host_key
PidFile none
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
Subsystem sftp internal-sftp
"""


def program():
    """Where sshd is: as a package of this machine, or unpacked by scripts/setup_debian.sh."""
    found = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin:{_UNPACKED}/usr/sbin")
    assert found, "sshd is missing: scripts/setup_debian.sh test unpacks it"
    return Path(found)


def own_accounts(host):
    """Let root of a host be at home in its folder, and let there be the user that sshd wants."""
    lines = Path("/etc/passwd").read_text().splitlines()
    others = [line for line in lines if not line.startswith(("root:", "sshd:"))]
    accounts = [f"root:x:0:0:root:{host.folder}:/bin/sh", *others, "sshd:x:990:65534::/run/sshd:"]
    file = host.folder / "accounts"
    file.write_text("\n".join([*accounts, ""]))
    host.run("mount", "--bind", file, "/etc/passwd")
    (host.folder / ".ssh").mkdir(mode=0o700)


def start_ssh_server(shell, *known_by):
    """Start the server of a host; the users of other hosts know its key already.

    It needs root: it becomes another user for those who have not logged in yet.
    """
    host = shell.host
    host.run("mount", "-t", "tmpfs", "none", "/run")
    host.run("mkdir", "/run/sshd")
    shell.run(f"ssh-keygen -q -t ed25519 -N '' -f {host.folder}/host_key")
    public = (host.folder / "host_key.pub").read_text()
    for other in known_by:
        with (other.host.folder / ".ssh" / "known_hosts").open("a") as file:
            file.write(f"{host.name} {public}")
    configuration = _CONFIGURATION.format(folder=host.folder)
    sessions = _UNPACKED / "usr" / "lib" / "openssh" / "sshd-session"
    if _UNPACKED in program().parents and sessions.exists():  # since OpenSSH 9.8
        configuration += f"SshdSessionPath {sessions}\n"
        if (auth := sessions.with_name("sshd-auth")).exists():  # since OpenSSH 10
            configuration += f"SshdAuthPath {auth}\n"
    (host.folder / "sshd_config").write_text(configuration)
    process = shell.start(f"exec {program()} -D -e -f {host.folder}/sshd_config")
    process.says("Server listening on")


def give_key(shell, to, *, name="id_ed25519"):
    """Let the user of a host log in on another without further ado."""
    folder = shell.host.folder / ".ssh"
    shell.run(f"ssh-keygen -q -t ed25519 -N '' -f {folder}/{name}")
    allow(to, (folder / f"{name}.pub").read_text())


def allow(shell, line):
    """Add a line to the keys that may log in on a host."""
    with (shell.host.folder / ".ssh" / "authorized_keys").open("a") as file:
        file.write(line)
