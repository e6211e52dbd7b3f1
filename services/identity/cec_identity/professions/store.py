"""The table of professions that another system looks after."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
from sqlalchemy import Column, Date, DateTime, Row, Table, Text

from cec_chassis.database import Transaction
from cec_identity.tables import metadata

professions_elsewhere = Table(
    "professions_elsewhere",
    metadata,
    Column("profession", Text, primary_key=True),
    Column("since", Date, nullable=False),
    Column("system", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
)

SELECT = "SELECT profession, since, system, address FROM professions_elsewhere ORDER BY profession"
SAVE = """
INSERT INTO professions_elsewhere (profession, since, system, address, reason, changed_at)
VALUES (:profession, :since, :system, :address, :reason, :now)
ON CONFLICT (profession) DO UPDATE SET
    since = excluded.since, system = excluded.system, address = excluded.address, reason = excluded.reason,
    changed_at = excluded.changed_at
"""
REMOVE = "DELETE FROM professions_elsewhere WHERE profession = :profession"


class Elsewhere(msgspec.Struct, frozen=True, kw_only=True):
    """Since that day, people of the profession 醫事人員類別 are looked after by another system, at that address."""

    profession: str
    since: date
    system: str
    address: str

    def on(self, day: date) -> bool:
        """Whether it holds on the day."""
        return self.since <= day


async def professions_handled_elsewhere(tx: Transaction, on: date) -> dict[str, Elsewhere]:
    """By profession, those that another system looks after on that day."""
    return {row.profession: each for row in await tx.all(SELECT) if (each := _elsewhere(row)).on(on)}


async def all_elsewhere(tx: Transaction) -> list[Elsewhere]:
    """Also those whose day is still to come."""
    return [_elsewhere(row) for row in await tx.all(SELECT)]


async def save_elsewhere(tx: Transaction, each: Elsewhere, reason: str) -> None:
    await tx.execute(SAVE, **msgspec.structs.asdict(each), reason=reason, now=tx.now)


async def remove_elsewhere(tx: Transaction, profession: str) -> bool:
    """False when it was looked after here anyway."""
    return (await tx.execute(REMOVE, profession=profession)).rowcount == 1


def _elsewhere(row: Row[Any]) -> Elsewhere:
    return Elsewhere(profession=row.profession, since=row.since, system=row.system, address=row.address)
