"""Records that are one person: the facts of a former record count for the survivor, and nothing is moved or erased.

Identity says of each record into which other one it was merged; the records may come in any order, merges may form a chain,
and a merge may be taken back. `merged_people` has every former record with the end of its chain, so that whoever reads
facts needs one look. Attendance that arrives late under a former id is found by the same look.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Index, Table, Uuid

from cec_chassis.database import Transaction
from cec_credits.tables import metadata

merged_people = Table(
    "merged_people",
    metadata,
    Column("practitioner_id", Uuid, primary_key=True),
    Column("survivor_id", Uuid, nullable=False),
    CheckConstraint("survivor_id <> practitioner_id"),
)
Index("merged_people_by_survivor", merged_people.c.survivor_id)

CONCERNED = """
SELECT EXISTS (SELECT FROM practitioners
               WHERE practitioner_id = ANY(CAST(:people AS uuid[])) AND merged_into IS NOT NULL)
    OR EXISTS (SELECT FROM merged_people WHERE practitioner_id = ANY(CAST(:people AS uuid[])))
"""
ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended('cec_credits.merged_people', 4))"
MERGED = "SELECT practitioner_id, merged_into FROM practitioners WHERE merged_into IS NOT NULL"
KEPT = "SELECT practitioner_id, survivor_id FROM merged_people"
FORGET = "DELETE FROM merged_people WHERE practitioner_id = ANY(CAST(:formers AS uuid[]))"
KEEP = """
INSERT INTO merged_people (practitioner_id, survivor_id)
SELECT * FROM unnest(CAST(:formers AS uuid[]), CAST(:survivors AS uuid[]))
"""
TOUCHED = """
SELECT practitioner_id, profession FROM ledger_entries WHERE practitioner_id = ANY(CAST(:people AS uuid[]))
UNION SELECT practitioner_id, profession FROM standings WHERE practitioner_id = ANY(CAST(:people AS uuid[]))
"""
OF_PEOPLE = """
SELECT practitioner_id, survivor_id FROM merged_people WHERE practitioner_id = ANY(CAST(:people AS uuid[]))
UNION SELECT practitioner_id, survivor_id FROM merged_people WHERE survivor_id = ANY(CAST(:people AS uuid[]))
"""
THEN = """
SELECT practitioner_id, merged_into FROM (
    SELECT DISTINCT ON (practitioner_id) practitioner_id, merged_into FROM practitioner_versions
    WHERE known_at <= :known_by
      AND practitioner_id IN (SELECT practitioner_id FROM practitioner_versions WHERE merged_into IS NOT NULL)
    ORDER BY practitioner_id, sequence DESC
) AS known_then WHERE merged_into IS NOT NULL
"""


class Merges(NamedTuple):
    """Of some people: into whom each former record was merged, and which records each survivor has."""

    into: Mapping[UUID, UUID]
    formers: Mapping[UUID, list[UUID]]

    @classmethod
    def of(cls, pairs: Iterable[tuple[UUID, UUID]]) -> Merges:
        """From (former, survivor)."""
        into = dict(sorted(pairs))
        formers: dict[UUID, list[UUID]] = {}
        for former, survivor in into.items():
            formers.setdefault(survivor, []).append(former)
        return cls(into, formers)

    def members(self, practitioner_id: UUID) -> list[UUID]:
        """Under which ids the facts of this person stand; none for a former record: its facts are the survivor's."""
        return [] if practitioner_id in self.into else [practitioner_id, *self.formers.get(practitioner_id, ())]


def ends_of(merged: Mapping[UUID, UUID]) -> dict[UUID, UUID]:
    """Each former record with the end of its chain. Records that point at one another in a circle, as they may until all
    news is here, have none: each stands for itself."""
    ends: dict[UUID, UUID] = {}
    for former in merged:
        seen = {former}
        end = merged[former]
        while end in merged and end not in seen:
            seen.add(end)
            end = merged[end]
        if end not in seen:
            ends[former] = end
    return ends


async def settle_merges(tx: Transaction, people: Sequence[UUID]) -> set[tuple[UUID, str]]:
    """Brings `merged_people` in step after the news of these people was kept.

    Returns whoever must be recalculated because a merge came, changed or went, with every profession they have facts in.
    It asks after the rows of the news are written: two workers that take in two pieces of news of one person have waited
    for each other there, so the later one sees what the earlier one did.
    """
    if not await tx.scalar(CONCERNED, people=list(people)):
        return set()
    await tx.execute(ONE_AT_A_TIME)
    ends = ends_of({row.practitioner_id: row.merged_into for row in await tx.all(MERGED)})
    kept = {row.practitioner_id: row.survivor_id for row in await tx.all(KEPT)}
    changed = {former for former in ends.keys() | kept.keys() if ends.get(former) != kept.get(former)}
    if not changed:
        return set()
    await tx.execute(FORGET, formers=list(changed))
    now = {former: ends[former] for former in changed & ends.keys()}
    await tx.execute(KEEP, formers=list(now), survivors=list(now.values()))
    return await _touched(tx, changed, kept, ends)


async def _touched(
    tx: Transaction, changed: set[UUID], before: Mapping[UUID, UUID], now: Mapping[UUID, UUID]
) -> set[tuple[UUID, str]]:
    family = {former: {former, *(x[former] for x in (before, now) if former in x)} for former in changed}
    people = {person for members in family.values() for person in members}
    rows = await tx.all(TOUCHED, people=list(people))
    touched = {(row.practitioner_id, row.profession) for row in rows}
    for person, profession in list(touched):
        touched |= {(relative, profession) for relative in family.get(person, ())}
    return touched


async def merges_of(tx: Transaction, people: Sequence[UUID], known_by: datetime | None = None) -> Merges:
    """Of these people: as merged now, or as it was known at `known_by`."""
    if known_by is None:
        rows = await tx.all(OF_PEOPLE, people=list(people))
        return Merges.of((row.practitioner_id, row.survivor_id) for row in rows)
    merged = {row.practitioner_id: row.merged_into for row in await tx.all(THEN, known_by=known_by)}
    return Merges.of(ends_of(merged).items())
