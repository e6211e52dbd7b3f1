"""A recognition in hand, with its organisation held, so that two who change it wait for one another."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from cec_chassis.database import Transaction
from cec_chassis.problems import NotFound
from cec_contracts.envelope import EventType
from cec_contracts.identity import ReviewUnitRecognition
from cec_identity.organisations.domain import Organisation
from cec_identity.organisations.store import organisation_for_change
from cec_identity.publishes import recognition_news
from cec_identity.recognitions.domain import Breach, Recognition
from cec_identity.recognitions.refusals import RecognitionRevoked
from cec_identity.recognitions.store import organisation_of_recognition, recognitions_of, update_recognition


class Held(NamedTuple):
    """A recognition, the others of the same unit, and the unit."""

    recognition: Recognition
    others: tuple[Recognition, ...]
    organisation: Organisation

    def require_standing(self) -> None:
        """Raises RecognitionRevoked."""
        if self.recognition.revoked_at is not None:
            raise RecognitionRevoked


async def hold(tx: Transaction, recognition_id: UUID) -> Held:
    """Raises NotFound."""
    organisation_id = await organisation_of_recognition(tx, recognition_id)
    organisation = None if organisation_id is None else await organisation_for_change(tx, organisation_id)
    if organisation is None:
        raise NotFound
    known = await recognitions_of(tx, organisation.organisation_id)
    [recognition] = [one for one in known if one.recognition_id == recognition_id]
    return Held(recognition, tuple(one for one in known if one is not recognition), organisation)


async def save_and_tell(
    tx: Transaction,
    event: EventType[ReviewUnitRecognition],
    before: Recognition,
    after: Recognition,
    *,
    reason: str,
    found: tuple[Breach, ...] = (),
) -> None:
    """Saves the next version of a recognition that is held, and tells it under `event`."""
    await update_recognition(tx, after, found)
    news = recognition_news(after)
    tx.publish(event, subject=after.recognition_id, sequence=after.version, body=news)
    tx.audit(
        event.name.split(".")[2].replace("review_unit_", "review_unit.", 1),
        subject_type="organisation",
        subject_id=after.organisation_id,
        reason=reason,
        before=recognition_news(before),
        after=news,
    )
