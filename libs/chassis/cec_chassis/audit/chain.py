"""How a row is written down to be hashed, and what the hash is. Anybody can compute it again with other tools.

A row is a JSON array of its fields in the order of `FIELDS`, UTF-8, without white space; instants in UTC with six digits
of a second, `before` and `after` as the text that PostgreSQL gives for the jsonb value. A seal's hash is
SHA-256(hash of the seal before, then the row); before the first stand 32 zero bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import Row

FIELDS: Final = (
    "id",
    "at",
    "account_id",
    "role",
    "actor_name",
    "organisation_id",
    "look",
    "action",
    "subject_type",
    "subject_id",
    "reason",
    "before",
    "after",
    "request_id",
)
COLUMNS: Final = ", ".join(
    f"CAST(entry.{name} AS text) AS {name}" if name in {"before", "after"} else f"entry.{name}" for name in FIELDS
)
"""Of `audit_log AS entry`, such that a row of them can be written down."""
BEGINNING: Final = bytes(32)

_AT: Final = FIELDS.index("at")
_ENCODER = msgspec.json.Encoder()


def written_down(row: Row[Any]) -> bytes:
    """The bytes of a row that ends with COLUMNS."""
    values = list(row[-len(FIELDS) :])
    values[_AT] = row.at.astimezone(UTC).isoformat(timespec="microseconds")
    return _ENCODER.encode(values)


def gone(entry_id: UUID) -> bytes:
    """What is sealed for a row that was listed and then taken away before its seal: the hole is part of the chain."""
    return _ENCODER.encode([entry_id])


def links(previous: bytes, rows: Iterable[Row[Any]]) -> list[bytes]:
    """The hashes of rows in their order. A row ends with COLUMNS, and has `entry_id`, the id under which it was
    listed."""
    hashes = []
    for row in rows:
        previous = link(previous, row)
        hashes.append(previous)
    return hashes


def link(previous: bytes, row: Row[Any]) -> bytes:
    """The hash of one row behind `previous`."""
    content = gone(row.entry_id) if row.id is None else written_down(row)
    return hashlib.sha256(previous + content).digest()
