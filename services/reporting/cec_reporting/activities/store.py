"""Tables `activities` and `cases`: what activities and review say, each kept by its own sequence.

They are joined when somebody reads. A case may arrive before its activity and neither waits for the other.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import TIMESTAMP, BigInteger, Column, Computed, Date, Index, Integer, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY

from cec_chassis.bus.subscription import Received
from cec_chassis.database import Transaction
from cec_contracts.activities import Activity
from cec_contracts.counties import county_of
from cec_contracts.review import Case
from cec_reporting.tables import metadata

activities = Table(
    "activities",
    metadata,
    Column("activity_id", Uuid, primary_key=True),
    Column("code", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("offering_unit_id", Uuid, nullable=False),
    Column("offering_unit_name", Text, nullable=False),
    Column("review_unit_id", Uuid, nullable=False),
    Column("method", Text, nullable=False),
    Column("professions", ARRAY(Text), nullable=False),
    Column("county", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
    Column("status", Text, nullable=False),
    Column("submission", Integer, nullable=False),
    Column("submitted_at", TIMESTAMP(timezone=True), nullable=False),
    Column("courses", Integer, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("event_at", TIMESTAMP(timezone=True), nullable=False),
    # For the search: how they are compared, whoever wrote them.
    Column("title_folded", Text, Computed("folded(title)", persisted=True)),
    Column("unit_folded", Text, Computed("folded(offering_unit_name)", persisted=True)),
    Index("activities_by_code", "code"),
    Index("activities_by_title", text("letter_pairs(title_folded)"), postgresql_using="gin"),
    Index("activities_by_unit_name", text("letter_pairs(unit_folded)"), postgresql_using="gin"),
    Index("activities_by_day", "starts_on", "activity_id"),
    Index("activities_by_unit", "offering_unit_id", "starts_on"),
    Index("activities_by_event", "event_at"),
)

cases = Table(
    "cases",
    metadata,
    Column("case_id", Uuid, primary_key=True),
    Column("activity_id", Uuid, nullable=False),
    Column("submission", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("decided_at", TIMESTAMP(timezone=True)),
    Column("sequence", BigInteger, nullable=False),
    Column("event_at", TIMESTAMP(timezone=True), nullable=False),
    Index("cases_by_activity", "activity_id", "submission"),
    Index("cases_by_event", "event_at"),
)

KEEP_ACTIVITIES = """
INSERT INTO activities (activity_id, code, title, offering_unit_id, offering_unit_name, review_unit_id, method,
    professions, county, place, starts_on, ends_on, status, submission, submitted_at, courses, sequence, event_at)
SELECT id, code, title, unit_id, unit_name, reviewer_id, method, string_to_array(professions, ','), county, place,
       starts_on, ends_on, status, submission, submitted_at, courses, sequence, event_at
FROM unnest(
    CAST(:ids AS uuid[]), CAST(:codes AS text[]), CAST(:titles AS text[]), CAST(:unit_ids AS uuid[]),
    CAST(:unit_names AS text[]), CAST(:reviewer_ids AS uuid[]), CAST(:methods AS text[]), CAST(:professions AS text[]),
    CAST(:counties AS text[]), CAST(:places AS text[]), CAST(:starts AS date[]), CAST(:ends AS date[]),
    CAST(:statuses AS text[]), CAST(:submissions AS integer[]), CAST(:submitted AS timestamptz[]),
    CAST(:courses AS integer[]), CAST(:sequences AS bigint[]), CAST(:event_ats AS timestamptz[]))
    AS news (id, code, title, unit_id, unit_name, reviewer_id, method, professions, county, place, starts_on, ends_on,
             status, submission, submitted_at, courses, sequence, event_at)
ORDER BY id
ON CONFLICT (activity_id) DO UPDATE SET
    code = excluded.code, title = excluded.title, offering_unit_id = excluded.offering_unit_id,
    offering_unit_name = excluded.offering_unit_name, review_unit_id = excluded.review_unit_id,
    method = excluded.method, professions = excluded.professions, county = excluded.county, place = excluded.place,
    starts_on = excluded.starts_on, ends_on = excluded.ends_on, status = excluded.status,
    submission = excluded.submission, submitted_at = excluded.submitted_at, courses = excluded.courses,
    sequence = excluded.sequence, event_at = excluded.event_at
WHERE activities.sequence < excluded.sequence
"""

KEEP_CASES = """
INSERT INTO cases (case_id, activity_id, submission, status, decided_at, sequence, event_at)
SELECT * FROM unnest(
    CAST(:ids AS uuid[]), CAST(:activity_ids AS uuid[]), CAST(:submissions AS integer[]), CAST(:statuses AS text[]),
    CAST(:decided AS timestamptz[]), CAST(:sequences AS bigint[]), CAST(:event_ats AS timestamptz[])) AS news (case_id)
ORDER BY case_id
ON CONFLICT (case_id) DO UPDATE SET
    activity_id = excluded.activity_id, submission = excluded.submission, status = excluded.status,
    decided_at = excluded.decided_at, sequence = excluded.sequence, event_at = excluded.event_at
WHERE cases.sequence < excluded.sequence
"""


async def keep_activities(tx: Transaction, news: Sequence[Received[Activity]]) -> None:
    """Takes in at most one piece of news for each activity; older news than we have changes nothing."""
    told = [event.body for event in news]
    await tx.execute(
        KEEP_ACTIVITIES,
        ids=[activity.activity_id for activity in told],
        codes=[activity.code for activity in told],
        titles=[activity.title for activity in told],
        unit_ids=[activity.offering_unit_id for activity in told],
        unit_names=[activity.offering_unit_name for activity in told],
        reviewer_ids=[activity.review_unit_id for activity in told],
        methods=[activity.method.value for activity in told],
        professions=[",".join(activity.professions) for activity in told],
        counties=[county_of(activity.county) or activity.county for activity in told],
        places=[activity.place for activity in told],
        starts=[activity.starts_on for activity in told],
        ends=[activity.ends_on for activity in told],
        statuses=[activity.status for activity in told],
        submissions=[activity.submission for activity in told],
        submitted=[activity.submitted_at for activity in told],
        courses=[len(activity.courses) for activity in told],
        sequences=[event.sequence for event in news],
        event_ats=[event.time for event in news],
    )


async def keep_cases(tx: Transaction, news: Sequence[Received[Case]]) -> None:
    """Takes in at most one piece of news for each case; older news than we have changes nothing."""
    told = [event.body for event in news]
    await tx.execute(
        KEEP_CASES,
        ids=[case.case_id for case in told],
        activity_ids=[case.activity_id for case in told],
        submissions=[case.submission for case in told],
        statuses=[case.status for case in told],
        decided=[case.decided_at for case in told],
        sequences=[event.sequence for event in news],
        event_ats=[event.time for event in news],
    )
