"""Table `practitioners`: a copy of what identity says, kept by the highest sequence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Column, Index, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY

from cec_chassis.bus.subscription import Received
from cec_chassis.database import Transaction
from cec_contracts.identity import Practitioner as PractitionerNews
from cec_enrolment.tables import metadata

practitioners = Table(
    "practitioners",
    metadata,
    Column("practitioner_id", Uuid, primary_key=True),
    Column("number", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("national_id_index", Text, nullable=False),
    Column("former_national_id_indexes", ARRAY(Text), nullable=False),
    Column("national_id_masked", Text, nullable=False),
    Column("professions", ARRAY(Text), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("merged_into", Uuid),
    Index("practitioners_merged", "merged_into", postgresql_where=text("merged_into IS NOT NULL")),
    Index("practitioners_by_number", "number"),
    Index("practitioners_by_national_id", "national_id_index"),
    # Few people ever change their number; the others must not fill this index.
    Index(
        "practitioners_by_former_national_id",
        "former_national_id_indexes",
        postgresql_using="gin",
        postgresql_where=text("former_national_id_indexes <> '{}'"),
    ),
)

KEEP = """
INSERT INTO practitioners (practitioner_id, number, name, national_id_index, former_national_id_indexes,
                           national_id_masked, professions, active, sequence, merged_into)
SELECT id, number, name, current, string_to_array(former, ','), masked, string_to_array(professions, ','), active, sequence,
       merged_into
FROM unnest(CAST(:ids AS uuid[]), CAST(:numbers AS text[]), CAST(:names AS text[]), CAST(:currents AS text[]),
            CAST(:formers AS text[]), CAST(:masked AS text[]), CAST(:professions AS text[]),
            CAST(:actives AS boolean[]), CAST(:sequences AS bigint[]), CAST(:merged AS uuid[]))
     AS news (id, number, name, current, former, masked, professions, active, sequence, merged_into)
ORDER BY id
ON CONFLICT (practitioner_id) DO UPDATE SET
    number = excluded.number, name = excluded.name, national_id_index = excluded.national_id_index,
    former_national_id_indexes = excluded.former_national_id_indexes,
    national_id_masked = excluded.national_id_masked, professions = excluded.professions,
    active = excluded.active, sequence = excluded.sequence, merged_into = excluded.merged_into
WHERE practitioners.sequence < excluded.sequence
"""
HOLD = """
SELECT count(pg_advisory_xact_lock(hashtextextended(CAST(person AS text), 0)))
FROM (SELECT DISTINCT person FROM unnest(CAST(:practitioner_ids AS uuid[])) AS person ORDER BY person) AS ordered
"""


async def hold_practitioners(tx: Transaction, practitioner_ids: Iterable[UUID]) -> None:
    """News of these people, and of courses in which they lecture, is taken in by one at a time.

    Without it, news of a person and of the course could each commit without having seen the other, and the lecturer would
    never be put on the roster. To be taken before any row is written.
    """
    if people := list(practitioner_ids):
        await tx.execute(HOLD, practitioner_ids=people)


async def keep_practitioners(tx: Transaction, news: Sequence[Received[PractitionerNews]]) -> None:
    """Takes in at most one piece of news for each practitioner; older news than we have changes nothing."""
    people = [event.body for event in news]
    await tx.execute(
        KEEP,
        ids=[person.practitioner_id for person in people],
        numbers=[person.number for person in people],
        names=[person.name for person in people],
        currents=[person.national_id_index for person in people],
        formers=[",".join(person.former_national_id_indexes) for person in people],
        masked=[person.national_id_masked for person in people],
        professions=[",".join(sorted({held.profession for held in person.certificates})) for person in people],
        actives=[person.active for person in people],
        sequences=[event.sequence for event in news],
        merged=[person.merged_into for person in people],
    )
