"""Extend a recognition: it lasts until a later day, or without end."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from cec_chassis.database import Transaction
from cec_chassis.problems import FieldError, ValidationFailed
from cec_contracts.identity import REVIEW_UNIT_RECOGNITION_EXTENDED
from cec_identity.recognitions.domain import Recognition
from cec_identity.recognitions.held import hold, save_and_tell
from cec_identity.recognitions.refusals import AlreadyRecognised
from cec_identity.recognitions.settle_reviewing import settle_reviewing


async def extend_recognition(
    tx: Transaction, recognition_id: UUID, valid_until: date | None, reason: str
) -> Recognition:
    """The recognition as it now is. One that has run out may be extended too: it stands again, as if it never had.

    Raises:
        NotFound, RecognitionRevoked.
        ValidationFailed: `not-later`, the day is not after the present end.
        AlreadyRecognised: another recognition of the unit covers those days.
    """
    held = await hold(tx, recognition_id)
    held.require_standing()
    before = held.recognition
    if before.valid_until is None or (valid_until is not None and valid_until <= before.valid_until):
        message = "須晚於現行迄日 / Must be later than the present end"
        raise ValidationFailed(errors=[FieldError("body.valid_until", "not-later", message)])
    if any(one.clashes_with(before.professions, before.valid_from, valid_until) for one in held.others):
        raise AlreadyRecognised
    after = before.extended(valid_until)
    await save_and_tell(tx, REVIEW_UNIT_RECOGNITION_EXTENDED, before, after, reason=reason)
    await settle_reviewing(tx, held.organisation, reason)
    return after
