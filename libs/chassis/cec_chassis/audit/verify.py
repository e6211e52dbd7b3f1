"""Computes the chain again from the rows as they are, and compares: with the seals, and with the heads told outside."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import Row

from cec_chassis.audit.chain import BEGINNING, COLUMNS, link
from cec_chassis.database.engine import Database
from cec_chassis.database.transaction import Transaction

PAGE: Final = 5_000

WALK = f"""
SELECT seal.position, seal.hash, seal.entry_id, {COLUMNS}
FROM (SELECT * FROM audit_seals WHERE position > :after ORDER BY position LIMIT :page) AS seal
LEFT JOIN audit_log AS entry ON entry.id = seal.entry_id
ORDER BY seal.position
"""
OUTSIDE = """
SELECT entry.id, entry.at, EXISTS (SELECT FROM audit_unsealed AS waiting WHERE waiting.entry_id = entry.id) AS listed
FROM audit_log AS entry
WHERE NOT EXISTS (SELECT FROM audit_seals AS seal WHERE seal.entry_id = entry.id)
ORDER BY entry.id
"""
SNAPSHOT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"
NO_LIMIT = "SET LOCAL statement_timeout = 0"


class ToldHead(msgspec.Struct, frozen=True):
    """A head as it was told: in the log, or kept by whoever heard of it. `hash` is in hexadecimal digits."""

    service: str
    position: int
    hash: str


class Fault(msgspec.Struct, frozen=True):
    """A place where the log is not what was sealed or told."""

    what: str
    position: int | None = None
    entry_id: UUID | None = None


@dataclass
class Verdict:
    """What a verification found. Positions are counted from 1; `checked` of them from `first` to `last`."""

    service: str
    first: int = 0
    last: int = 0
    checked: int = 0
    head: str = ""
    heads_compared: int = 0
    faults: list[Fault] = field(default_factory=list)
    broken: int = 0
    unsealed: int = 0
    unsealed_since: datetime | None = None

    @property
    def sound(self) -> bool:
        """Nothing contradicts the chain. Rows that wait for their seal are no contradiction."""
        return self.broken == 0

    def complain(self, fault: Fault) -> None:
        """The first faults are kept, all are counted."""
        self.broken += 1
        if len(self.faults) < 20:
            self.faults.append(fault)


async def verify(database: Database, service: str, heads: Iterable[ToldHead] = (), start: int = 1) -> Verdict:
    """Everything from position `start` on, as of one moment. What stands before `start` is taken on trust.

    Every row outside the chain is looked for whatever `start` is.
    """
    told: dict[int, set[str]] = {}
    for head in heads:
        if head.service == service:
            told.setdefault(head.position, set()).add(head.hash)
    verdict = Verdict(service, first=start)
    async with database.reading() as tx:
        await tx.execute(SNAPSHOT)
        await tx.execute(NO_LIMIT)
        await _walk(tx, verdict, told, start)
        await _outside(tx, verdict)
    for position in sorted(told):
        if position > verdict.last:
            verdict.complain(Fault("a head was told here, and the chain ends before it: its tail is cut off", position))
    return verdict


async def _walk(tx: Transaction, verdict: Verdict, told: Mapping[int, set[str]], start: int) -> None:
    before = start - 1
    previous = BEGINNING
    if before > 0:
        known = await tx.one_or_none("SELECT hash FROM audit_seals WHERE position = :position", position=before)
        if known is None:
            verdict.complain(Fault("the seal before the first one to verify is gone", before))
        else:
            previous = known.hash
    verdict.last = before
    async for row in _seals(tx, before):
        if row.position != verdict.last + 1:
            verdict.complain(Fault(f"seals {verdict.last + 1} to {row.position - 1} are gone", verdict.last + 1))
        for fault in _faults(previous, row, told.get(row.position)):
            verdict.complain(fault)
        # Go on from what is written, so that one changed row is told once and not for every row behind it.
        previous = row.hash
        verdict.last = row.position
        verdict.checked += 1
        verdict.heads_compared += row.position in told
    verdict.head = previous.hex() if verdict.last else ""


def _faults(previous: bytes, row: Row[Any], told: set[str] | None) -> Sequence[Fault]:
    found = []
    if row.id is None:
        found.append(Fault("the row is gone", row.position, row.entry_id))
    elif link(previous, row) != row.hash:
        found.append(Fault("the row, its seal or their order was changed", row.position, row.entry_id))
    if told is not None and told != {row.hash.hex()}:
        found.append(Fault("another hash was told outside: the chain was made anew", row.position, row.entry_id))
    return found


async def _seals(tx: Transaction, after: int) -> AsyncIterator[Row[Any]]:
    while True:
        page = await tx.all(WALK, after=after, page=PAGE)
        for row in page:
            yield row
        if len(page) < PAGE:
            return
        after = page[-1].position


async def _outside(tx: Transaction, verdict: Verdict) -> None:
    """Rows without a seal: those that wait for it, and those that came in behind the back of the writers."""
    for row in await tx.all(OUTSIDE):
        if row.listed:
            verdict.unsealed += 1
            verdict.unsealed_since = min(verdict.unsealed_since or row.at, row.at)
        else:
            verdict.complain(
                Fault("the row is neither sealed nor waiting to be: its seal is gone, or it was put in", None, row.id)
            )
