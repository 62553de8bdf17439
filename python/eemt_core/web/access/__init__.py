"""Who may come in, and what a browser may do on our behalf.

A request meets, in this order: `linger`, which takes what an early answer left unread, `headers`
of every answer, the name by which we were called (`hosts`), whose page asks (`cross_site`), how
long its body is (`bodies`), and who it is (`guard`, which asks `access`, and that `keys` of
`password` and `tokens`, `sessions` and `attempts`).
"""

from .access import Access
from .protect import protect

__all__ = ["Access", "protect"]
