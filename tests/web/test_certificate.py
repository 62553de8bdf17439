"""A certificate that is renewed while the service runs is the one of the next connection."""

import ssl

import pytest

from certificates import write_certificate
from eemt_core.web.access.certificate import Certificate


def shown(context, name="lab"):
    """Shake hands within this process; return the certificate that the server shows."""
    client_context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client_context.check_hostname, client_context.verify_mode = False, ssl.CERT_NONE
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_context.wrap_bio(to_client, to_server, server_hostname=name)
    server = context.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(4):
        for side in (client, server):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    assert client.version() in ("TLSv1.2", "TLSv1.3")
    return client.getpeercert(binary_form=True)


@pytest.mark.parametrize("name", ["lab", None])
def test_a_renewed_certificate_is_shown_without_a_restart(tmp_path, name):
    first = write_certificate(tmp_path)
    context = Certificate(tmp_path / "cert.pem", tmp_path / "key.pem").context
    assert shown(context, name) == first
    second = write_certificate(tmp_path)
    assert second != first
    assert shown(context, name) == second
    assert shown(context, name) == second


def test_while_only_half_is_written_the_former_one_is_shown(tmp_path, caplog):
    first = write_certificate(tmp_path)
    key = (tmp_path / "key.pem").read_bytes()
    context = Certificate(tmp_path / "cert.pem", tmp_path / "key.pem").context
    second = write_certificate(tmp_path)
    second_key = (tmp_path / "key.pem").read_bytes()
    (tmp_path / "key.pem").write_bytes(key)
    assert shown(context) == first
    assert shown(context) == first
    assert caplog.text.count("the former certificate is used on") == 1
    (tmp_path / "key.pem").unlink()
    assert shown(context) == first
    (tmp_path / "key.pem").write_bytes(second_key)
    assert shown(context) == second
