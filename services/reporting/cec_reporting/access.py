"""Whose figures a caller may see."""

from __future__ import annotations

from uuid import UUID

from cec_chassis.context import Actor
from cec_chassis.problems import FieldError, Refusal
from cec_contracts.vocabulary import AccountRole


class NotYourUnit(Refusal):
    """An offering unit asks for the figures of another one."""

    slug = "not-your-unit"
    status = 403
    title = "僅能查詢貴單位資料 / Only your own unit's figures are open to you"


NOBODY = UUID(int=0)


def unit_to_show(actor: Actor, asked_for: UUID | None) -> UUID | None:
    """The one unit whose figures are shown, or None for all. Review units and administrators see every unit.

    Raises:
        NotYourUnit: an offering unit names another one.
    """
    if actor.role != AccountRole.OFFERING_UNIT:
        return asked_for
    own = actor.organisation_id or NOBODY  # an account without a unit sees nothing
    if asked_for is not None and asked_for != own:
        raise NotYourUnit(errors=[FieldError("query.offering_unit_id", NotYourUnit.slug, NotYourUnit.title)])
    return own
