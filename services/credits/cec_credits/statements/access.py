"""Who may look at whose credits, and the trace a look leaves.

A practitioner looks at their own and at nobody else's. Everybody else says what for, in one of a few words; the word
stands in the audit row of the look. A refused look leaves a row too: somebody has tried.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from litestar.params import HeaderParameter, QueryParameter

from cec_chassis.database import Database, Transaction
from cec_chassis.http import HttpRequest, Role
from cec_chassis.problems import FieldError, Refusal
from cec_credits.practitioners.merges import merges_of
from cec_credits.statements.refusals import NotYourStatement, PurposeRequired


class Purpose(StrEnum):
    """What a look at somebody else's credits is for 查詢目的."""

    RENEWAL = "renewal"
    """the licence is being renewed 換照"""
    EMPLOYER = "employer"
    """the employer sees to its staff's credits 機構管理"""
    REVIEW = "review"
    """a case or an approval is reviewed 審查"""
    AUDIT = "audit"
    """supervision and auditing 稽核"""
    SUPPORT = "support"
    """the person asked for help 協助本人"""


async def purpose_of_request(
    in_header: Annotated[
        Purpose | None,
        HeaderParameter(
            name="X-Purpose", description="查詢他人積分之目的 / What the look at somebody else's credits is for"
        ),
    ] = None,
    in_address: Annotated[
        Purpose | None, QueryParameter(name="purpose", description="同 X-Purpose / The same as X-Purpose")
    ] = None,
) -> Purpose | None:
    """Litestar dependency `purpose`: the header, else the query parameter."""
    return in_header or in_address


async def look(
    request: HttpRequest,
    database: Database,
    practitioners: Sequence[UUID],
    purpose: Purpose | None,
    action: str,
    **what: Any,
) -> None:
    """Lets the caller look at these people's credits, or refuses; `what` says in the audit row what exactly is read.

    Raises:
        NotYourStatement: a practitioner asks for somebody else.
        PurposeRequired: somebody who looks at others does not say what for.
    """
    actor = request.user
    others = [each for each in practitioners if each != actor.practitioner_id]
    if others and actor.role == Role.PRACTITIONER and actor.practitioner_id is not None:
        others = await _of_other_people(database, actor.practitioner_id, others)
    if not others:
        return
    refusal: Refusal | None = None
    if actor.role == Role.PRACTITIONER:
        refusal = NotYourStatement()
    elif purpose is None:
        raise PurposeRequired(errors=[_missing()])
    async with database.transaction(request.command_context()) as tx:
        for practitioner in others:
            _trace(tx, practitioner, purpose, action, what, refusal)
    if refusal is not None:
        raise refusal


async def _of_other_people(database: Database, own: UUID, asked: Sequence[UUID]) -> list[UUID]:
    """Those who are not the same person: a former record of one's own, or the one that survives it, is one's own."""
    async with database.reading() as tx:
        into = (await merges_of(tx, [own, *asked])).into
    return [each for each in asked if into.get(each, each) != into.get(own, own)]


def _trace(
    tx: Transaction,
    practitioner: UUID,
    purpose: Purpose | None,
    action: str,
    what: dict[str, Any],
    refusal: Refusal | None,
) -> None:
    told = {**what, "purpose": purpose}
    if refusal is not None:
        told["refused"] = refusal.slug
    tx.look(
        action if refusal is None else f"{action}_refused",
        subject_type="practitioner",
        subject_id=practitioner,
        purpose="" if purpose is None else purpose.value,
        what=told,
    )


def _missing() -> FieldError:
    words = ", ".join(Purpose)
    return FieldError("header.X-Purpose", "missing-field", f"請載明查詢目的 / Say what for: {words}")
