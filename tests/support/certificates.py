"""Certificates that no authority has signed."""

import ssl
import subprocess


def write_certificate(folder):
    """Write a new ``cert.pem`` for 127.0.0.1 with its ``key.pem``; return it as it is sent."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "2", "-subj", "/CN=lab", "-addext", "subjectAltName=IP:127.0.0.1",
         "-keyout", "key.pem", "-out", "cert.pem"],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip
    return ssl.PEM_cert_to_DER_cert((folder / "cert.pem").read_text())
