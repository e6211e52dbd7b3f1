"""Whose case it is: a review unit decides what is addressed to it, its committee and administrators read."""

from __future__ import annotations

from uuid import UUID

from cec_chassis.context import Actor
from cec_chassis.problems import Refusal
from cec_contracts.vocabulary import AccountRole


class AnotherReviewUnits(Refusal):
    """The case, approval or policy belongs to a review unit that is not the caller's."""

    slug = "another-review-units"
    status = 403
    title = "非貴審查單位之案件 / This belongs to another review unit"


def unit_of(actor: Actor) -> UUID:
    """The review unit the caller acts for. Raises AnotherReviewUnits when the account belongs to none."""
    if actor.organisation_id is None:
        raise AnotherReviewUnits("此帳號不屬於任何單位 / This account belongs to no unit")
    return actor.organisation_id


def require_own(actor: Actor, review_unit_id: UUID) -> None:
    """Raises AnotherReviewUnits unless the caller acts for this review unit."""
    if unit_of(actor) != review_unit_id:
        raise AnotherReviewUnits


def require_readable(actor: Actor, review_unit_id: UUID) -> None:
    """Raises AnotherReviewUnits unless the caller belongs to this review unit or is an administrator."""
    if actor.role != AccountRole.SYSTEM_ADMINISTRATOR:
        require_own(actor, review_unit_id)


def unit_to_list(actor: Actor) -> UUID | None:
    """Whose things a list shows: None means everybody's, for administrators. Raises AnotherReviewUnits."""
    return None if actor.role == AccountRole.SYSTEM_ADMINISTRATOR else unit_of(actor)
