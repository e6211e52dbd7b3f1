"""A review unit that is registered as such is recognised from that day on, without end.

So it is with units of before there were recognitions: whoever registered them had the letter of the Ministry at hand.
"""

from __future__ import annotations

from cec_chassis.clock import taipei_date
from cec_chassis.database import Database, Transaction
from cec_chassis.ids import new_id
from cec_contracts.identity import REVIEW_UNIT_RECOGNISED
from cec_identity.organisations.domain import Organisation
from cec_identity.organisations.store import organisation_of
from cec_identity.publishes import recognition_news
from cec_identity.recognitions.domain import Recognition
from cec_identity.recognitions.store import insert_recognition

UNSAID = """
SELECT * FROM organisations
WHERE reviews_courses AND NOT EXISTS (SELECT FROM recognitions WHERE organisation_id = organisations.id)
ORDER BY id FOR UPDATE
"""


async def recognise_as_registered(tx: Transaction, organisation: Organisation) -> Recognition:
    """The recognition that the registration says; the caller holds the organisation."""
    today = taipei_date(tx.now)
    recognition = Recognition(
        recognition_id=new_id(),
        organisation_id=organisation.organisation_id,
        professions=organisation.reviews_professions,
        applied_on=today,
        valid_from=today,
        valid_until=None,
        document="",
    )
    await save_new(tx, recognition)
    return recognition


async def save_new(tx: Transaction, recognition: Recognition) -> None:
    """Saves and tells a recognition."""
    await insert_recognition(tx, recognition)
    news = recognition_news(recognition)
    tx.publish(REVIEW_UNIT_RECOGNISED, subject=recognition.recognition_id, sequence=recognition.version, body=news)
    tx.audit("review_unit.recognised", subject_type="organisation", subject_id=recognition.organisation_id, after=news)


async def recognise_those_registered_before(database: Database) -> int:
    """For review units that were registered before there were recognitions; how many. Done by `migrate`."""
    async with database.transaction() as tx:
        rows = await tx.all(UNSAID)
        for row in rows:
            await recognise_as_registered(tx, organisation_of(row))
        return len(rows)
