"""Names that a sender gives: text to be shown, never a path."""

from __future__ import annotations

import re
import unicodedata

_LONGEST = 200


def shown_name(raw: bytes | str) -> str:
    r"""Return a file's name as text of one line: without folders, and of bearable length.

    Control characters go, and with them those that turn the direction of writing, by which
    ``fdp.exe`` would be shown as ``exe.pdf``.

    Examples
    --------
    >>> shown_name(b"../../etc/pass\0wd"), shown_name("C:\\data\\dem.tif")
    ('passwd', 'dem.tif')
    """
    text = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else raw
    return shown_text(re.split(r"[/\\]", text)[-1])


def shown_text(text: str) -> str:
    r"""Return a text, such as a station's name, as one line without control characters.

    Examples
    --------
    >>> shown_text("Allardt,\nTennessee\u202e")
    'Allardt, Tennessee'
    """
    text = " ".join(text.split())
    text = "".join(c for c in text if unicodedata.category(c)[0] != "C" and c.isprintable())
    text = unicodedata.normalize("NFC", text).strip()
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
