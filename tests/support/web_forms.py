"""Forms with files for the web service, also such as no browser would send."""

from pathlib import Path

BOUNDARY = "a-line-between-parts"
HEAD = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


def multipart(*parts):
    """A form's body; each part is (field, text) or (field, file name, content).

    A name is written as it is, be it as odd as it may.
    """
    body = b""
    for field, *rest in parts:
        name = rest[0] if len(rest) == 2 else None
        body += f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"'.encode()
        if name is not None:
            body += b'; filename="' + (name if isinstance(name, bytes) else name.encode()) + b'"'
        body += b"\r\n\r\n" + (rest[-1] if isinstance(rest[-1], bytes) else rest[-1].encode())
        body += b"\r\n"
    return body + f"--{BOUNDARY}--\r\n".encode()


def post(service, path, *parts, timeout=120):
    """Send a form to a service or to a client of one."""
    if not hasattr(service, "url"):
        return service.post(path, content=multipart(*parts), headers=HEAD)
    with service.client() as client:
        return client.post(path, content=multipart(*parts), headers=HEAD, timeout=timeout)


def upload(service, path, name=None):
    """Send a DEM."""
    content = path if isinstance(path, bytes) else Path(path).read_bytes()
    return post(service, "/api/upload-file", ("file", name or Path(path).name, content))


def facts_of(service, answer):
    """What the service tells of a DEM that was sent."""
    assert answer.status_code == 200, answer.text
    with service.client() as client:
        return client.get(f"/api/uploads/{answer.json()['filename']}").raise_for_status().json()


def submit(service, **fields):
    """Ask for a run."""
    return post(service, "/api/submit-job", *((name, str(text)) for name, text in fields.items()))
