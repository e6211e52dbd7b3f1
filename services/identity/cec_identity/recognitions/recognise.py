"""Recognise a review unit for professions and a period."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from cec_chassis.clock import taipei_date
from cec_chassis.database import Transaction
from cec_chassis.ids import new_id
from cec_chassis.problems import NotFound
from cec_identity.fields.faults import Faults
from cec_identity.fields.lines import required_line
from cec_identity.organisations.kinds import MAY_REVIEW
from cec_identity.organisations.store import organisation_for_change
from cec_identity.recognitions.domain import Recognition
from cec_identity.recognitions.recognise_as_registered import save_new
from cec_identity.recognitions.refusals import (
    AlreadyRecognised,
    BarredFromApplying,
    KindMayNotReview,
    OrganisationNotInUse,
)
from cec_identity.recognitions.settle_reviewing import settle_reviewing
from cec_identity.recognitions.store import recognitions_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognise:
    """A checked command; made by `checked`."""

    organisation_id: UUID
    professions: tuple[str, ...]
    applied_on: date
    valid_from: date
    valid_until: date | None
    document: str

    @classmethod
    def checked(
        cls,
        *,
        organisation_id: UUID,
        professions: tuple[str, ...],
        applied_on: date,
        valid_from: date,
        valid_until: date | None,
        document: str,
    ) -> Recognise:
        """Raises ValidationFailed: no letter, or days in an impossible order."""
        faults = Faults()
        document = faults.text("body.document", required_line, document)
        if valid_from < applied_on:
            faults.add("body.valid_from", "before-application", "不得早於申請日 / Not before the unit applied")
        if valid_until is not None and valid_until < valid_from:
            faults.add("body.valid_until", "end-before-start", "不得早於起日 / Not before it begins")
        faults.settle()
        return cls(
            organisation_id=organisation_id,
            professions=tuple(sorted(set(professions))),
            applied_on=applied_on,
            valid_from=valid_from,
            valid_until=valid_until,
            document=document,
        )


async def recognise(tx: Transaction, command: Recognise) -> Recognition:
    """The new recognition; the others hear of it, and of what the unit reviews from today on.

    Raises:
        NotFound: there is no such organisation.
        OrganisationNotInUse, KindMayNotReview, BarredFromApplying, AlreadyRecognised.
        ValidationFailed: the unit applied on a day that has not come yet.
    """
    organisation = await organisation_for_change(tx, command.organisation_id)
    if organisation is None:
        raise NotFound
    if not organisation.active:
        raise OrganisationNotInUse
    if organisation.kind not in MAY_REVIEW:
        raise KindMayNotReview
    faults = Faults()
    if command.applied_on > taipei_date(tx.now):
        faults.add("body.applied_on", "in-the-future", "不得晚於今日 / Not after today")
    faults.settle()
    known = await recognitions_of(tx, command.organisation_id)
    again = max((day for one in known if (day := one.may_apply_from) is not None), default=None)
    if again is not None and command.applied_on < again:
        raise BarredFromApplying(f"{again} 起始得重新申請 / The unit may apply again from {again} on")
    if any(one.clashes_with(command.professions, command.valid_from, command.valid_until) for one in known):
        raise AlreadyRecognised
    recognition = Recognition(
        recognition_id=new_id(),
        organisation_id=command.organisation_id,
        professions=command.professions,
        applied_on=command.applied_on,
        valid_from=command.valid_from,
        valid_until=command.valid_until,
        document=command.document,
    )
    await save_new(tx, recognition)
    await settle_reviewing(tx, organisation, f"認可 / recognised: {command.document}")
    return recognition
