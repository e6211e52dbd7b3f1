"""What the client called: the gateway maps `/api/v1/<service>/…` onto a service's own paths and says in front of what."""

from __future__ import annotations

import re

from litestar.types import HTTPScope, Scope

_HEADER = b"x-forwarded-prefix"
_PREFIX = re.compile(rb"(?:/[A-Za-z0-9._~-]{1,40}){1,5}")


def called_path(scope: Scope | HTTPScope) -> str:
    """The path as the client wrote it, for `instance`, `Location` and `Link`: the gateway's prefix before our own path.

    The gateway overwrites the header that a client sends; what is no plain path is not believed.
    """
    return outside(scope, scope["path"])


def outside(scope: Scope | HTTPScope, path: str) -> str:
    """`path` of this service as clients have to call it in the same way as they called `scope`."""
    for name, value in scope["headers"]:
        if name == _HEADER:
            return f"{value.decode()}{path}" if _PREFIX.fullmatch(value) else path
    return path
