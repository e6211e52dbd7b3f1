"""The table of medical institutions, fed by the registry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Boolean, CheckConstraint, Column, DateTime, Row, Table, Text

from cec_chassis.database import Transaction
from cec_chassis.http import Page, Paging
from cec_identity.tables import metadata

institutions = Table(
    "institutions",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("county", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("code ~ '^[0-9]{6}[0-9A-Z][0-9]{3}$'"),
)

COLUMNS = "code, name, kind, county, active"
BY_CODES = f"SELECT {COLUMNS} FROM institutions WHERE code = ANY(CAST(:codes AS text[])) ORDER BY code"
FILTER = """
WHERE (CAST(:code AS text) IS NULL OR code = :code) AND (CAST(:name AS text) IS NULL OR position(:name IN name) > 0)
  AND (CAST(:county AS text) IS NULL OR county = :county) AND (active OR NOT :active_only)
"""
SAVE = """
INSERT INTO institutions AS i (code, name, kind, county, active, changed_at)
SELECT news.*, CAST(:now AS timestamptz)
FROM unnest(CAST(:codes AS text[]), CAST(:names AS text[]), CAST(:kinds AS text[]), CAST(:counties AS text[]),
            CAST(:actives AS boolean[])) AS news (code, name, kind, county, active)
ORDER BY news.code
ON CONFLICT (code) DO UPDATE SET
    name = excluded.name, kind = excluded.kind, county = excluded.county, active = excluded.active,
    changed_at = excluded.changed_at
"""


class Institution(msgspec.Struct, frozen=True, kw_only=True):
    """A medical institution 醫事機構. One that has closed stays, inactive: old licences name it."""

    code: str
    name: str
    kind: str
    county: str
    active: bool


async def institutions_by_code(tx: Transaction, codes: Sequence[str]) -> dict[str, Institution]:
    """Those of the codes that are known."""
    return {row.code: _institution(row) for row in await tx.all(BY_CODES, codes=list(codes))}


async def institutions_page(
    tx: Transaction, paging: Paging, *, code: str | None, name: str | None, county: str | None, active_only: bool
) -> Page[Institution]:
    """By code, by part of the name and by county, ordered by code."""
    wanted = {"code": code, "name": name, "county": county, "active_only": active_only}
    total = await tx.scalar(f"SELECT count(*) FROM institutions {FILTER}", **wanted)
    rows = await tx.all(
        f"SELECT {COLUMNS} FROM institutions {FILTER} ORDER BY code LIMIT :limit OFFSET :offset",
        **wanted,
        limit=paging.limit,
        offset=paging.offset,
    )
    return paging.of([_institution(row) for row in rows], total)


async def save_institutions(tx: Transaction, changed: Sequence[Institution]) -> None:
    """Each code at most once."""
    await tx.execute(
        SAVE,
        codes=[each.code for each in changed],
        names=[each.name for each in changed],
        kinds=[each.kind for each in changed],
        counties=[each.county for each in changed],
        actives=[each.active for each in changed],
        now=tx.now,
    )


def _institution(row: Row[Any]) -> Institution:
    return Institution(code=row.code, name=row.name, kind=row.kind, county=row.county, active=row.active)
