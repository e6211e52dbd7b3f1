"""Web sites of units. Nobody here ever opens one; a link that would lead a reader's browser inside is refused all the same.

An address that a server would fetch is the door of SSRF. Ours is only shown, and what is shown is a public web site:
http or https, a host name with a dot or a public IP, no user name, an ordinary port.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from urllib.parse import SplitResult, urlsplit, urlunsplit

from cec_identity.fields.faults import Unacceptable

LONGEST = 300
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?")
_WITHIN = (
    "localhost",
    "local",
    "internal",
    "intranet",
    "lan",
    "home",
    "corp",
    "home.arpa",
    "test",
    "invalid",
    "example",
)
_PORTS = frozenset({None, 80, 443, 8080, 8443})
_PRINTABLE = re.compile(r"[\x21-\x7e]*")


def website(text: str) -> str:
    """The address with scheme and host in lower case; empty for none. `http://` is put before a bare `www.…`.

    Raises:
        Unacceptable: `website-format`, `website-not-public`.
    """
    typed = unicodedata.normalize("NFKC", text).strip()
    if not typed:
        return ""
    if "://" not in typed and typed.lower().startswith("www."):
        typed = f"http://{typed}"
    if len(typed) > LONGEST or not _PRINTABLE.fullmatch(typed) or "\\" in typed:
        raise _format()
    try:
        parts = urlsplit(typed)
        port = parts.port
    except ValueError:
        raise _format() from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
        raise _format()
    host = parts.hostname.rstrip(".")
    if port not in _PORTS or not _public(host):
        raise Unacceptable("website-not-public", "網址須為公開網站 / The address must be that of a public web site")
    return urlunsplit(SplitResult(parts.scheme, _netloc(host, port), parts.path or "/", parts.query, parts.fragment))


def _public(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        pass
    labels = host.split(".")
    if len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels):
        return False
    # 0x7f.1, 2130706433 and 127.1 are addresses to a browser: the last label of a name is never a number
    if labels[-1][0].isdigit():
        return False
    return not any(host == name or host.endswith(f".{name}") for name in _WITHIN)


def _netloc(host: str, port: int | None) -> str:
    shown = f"[{host}]" if ":" in host else host
    return shown if port is None else f"{shown}:{port}"


def _format() -> Unacceptable:
    return Unacceptable(
        "website-format", "網址須以 http:// 或 https:// 開頭 / An address begins with http:// or https://"
    )
