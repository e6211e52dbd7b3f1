"""Identifiers of everything the system creates."""

from __future__ import annotations

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A new UUID version 7 (RFC 9562): its first 48 bits are the time in milliseconds, so indexes grow at one end."""
    return uuid7()
