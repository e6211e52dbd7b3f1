"""Recognitions begin and run out by the calendar; a loop of the worker tells the others what units review today."""

from __future__ import annotations

import asyncio
import contextlib

import structlog

from cec_chassis.clock import taipei_date
from cec_chassis.database import Database
from cec_chassis.service import Runtime
from cec_identity.organisations.store import organisation_for_change
from cec_identity.recognitions.settle_reviewing import settle_reviewing

EVERY_SECONDS = 600.0

DUE = """
WITH today AS (
    SELECT o.id, o.reviews_courses, o.reviews_professions,
           count(r.id) > 0 AS reviews, bool_or(r.professions = '{}') AS everything,
           (SELECT coalesce(array_agg(DISTINCT code ORDER BY code), '{}')
            FROM recognitions x CROSS JOIN LATERAL unnest(x.professions) AS code
            WHERE x.organisation_id = o.id AND x.revoked_at IS NULL AND x.valid_from <= :today
              AND (x.valid_until IS NULL OR x.valid_until >= :today)) AS professions
    FROM organisations o
    LEFT JOIN recognitions r ON r.organisation_id = o.id AND r.revoked_at IS NULL AND r.valid_from <= :today
         AND (r.valid_until IS NULL OR r.valid_until >= :today)
    WHERE EXISTS (SELECT FROM recognitions WHERE organisation_id = o.id)
    GROUP BY o.id
)
SELECT id FROM today
WHERE reviews_courses <> reviews
   OR cardinality(reviews_professions) <> CASE WHEN everything THEN 0 ELSE cardinality(professions) END
   OR (NOT coalesce(everything, false) AND NOT reviews_professions @> professions)
ORDER BY id
"""

log = structlog.get_logger(__name__)


async def settle_due(database: Database) -> int:
    """Settles every unit that reviews something else today than was told last; how many there were."""
    async with database.transaction() as tx:
        due = await tx.all(DUE, today=taipei_date(tx.now))
        for row in due:
            organisation = await organisation_for_change(tx, row.id)
            assert organisation is not None, "organisations are never deleted"
            await settle_reviewing(tx, organisation, "認可起迄日 / a recognition began or ran out")
        return len(due)


async def settle_due_recognitions(runtime: Runtime, stop: asyncio.Event) -> None:
    """Every ten minutes, until stopped. Several workers doing it at once do no harm: the second finds nothing to tell."""
    database = runtime.database("maintenance", 1)
    while not stop.is_set():
        if settled := await settle_due(database):
            log.info("recognitions_settled", count=settled)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), EVERY_SECONDS)
