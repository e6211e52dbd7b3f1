"""Links in mails: a random token behind the `#`, of which only a digest is kept here."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from cec_chassis.clock import TAIPEI

_TOKEN_BYTES = 32
LONGEST_TOKEN = 100


def new_token() -> str:
    """256 random bits as text."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def digest_of(token: str) -> bytes:
    """SHA-256: enough for a random value of this length, and the table is of no use to a thief."""
    return hashlib.sha256(token.encode()).digest()


def portal_link(portal_url: str, page: str, token: str) -> str:
    """The link to a page of the portal. What stands behind the `#` is sent to no server and stands in no log; the page
    reads it and sends it in a body, so programs that look at links in mails use none of them up."""
    return f"{portal_url.rstrip('/')}/{page}#verify={token}"


def told_time(at: datetime) -> str:
    """A time as people read it in a mail: Taipei's, to the minute."""
    return at.astimezone(TAIPEI).strftime("%Y-%m-%d %H:%M")
