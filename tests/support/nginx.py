"""The real nginx, with the configuration that the documentation gives."""

import os
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path

from web_service import wait_for_port

REPOSITORY = Path(__file__).parents[2]
EXAMPLE = REPOSITORY / "docs" / "web" / "nginx.conf"
_AROUND = """\
user {user};
daemon off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""


def program():
    """Where nginx is: as a package of this machine, or unpacked by scripts/setup_debian.sh."""
    unpacked = REPOSITORY / "build" / "nginx" / "usr" / "sbin" / "nginx"
    found = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin:{unpacked.parent}")
    assert found, "nginx is missing: scripts/setup_debian.sh test unpacks it"
    return found


@contextmanager
def nginx(folder, service_port, port, plain_port):
    """Run nginx with the example, with other ports and certificate, until the block ends."""
    site = EXAMPLE.read_text()
    for old, new in (
        ("listen 443 ", f"listen 127.0.0.1:{port} "),
        ("listen 80;", f"listen 127.0.0.1:{plain_port};"),
        ("listen [::]:", "# listen [::]:"),
        ("127.0.0.1:5000", f"127.0.0.1:{service_port}"),
        ("/etc/ssl/lab.example/fullchain.pem", str(folder / "cert.pem")),
        ("/etc/ssl/lab.example/key.pem", str(folder / "key.pem")),
    ):
        assert old in site, old
        site = site.replace(old, new)
    (folder / "site.conf").write_text(site)
    user = "root" if os.geteuid() == 0 else "nobody"  # its workers write into our folder
    (folder / "nginx.conf").write_text(_AROUND.format(folder=folder, user=user))
    command = [program(), "-p", folder, "-e", folder / "error.log", "-c", folder / "nginx.conf"]
    with subprocess.Popen(list(map(str, command))) as process:
        try:
            wait_for_port(port, process, folder / "error.log")
            yield process
        finally:
            process.terminate()
