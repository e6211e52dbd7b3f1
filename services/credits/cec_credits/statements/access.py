"""Who may look at whose credits, and the trace a look leaves.

A practitioner looks at their own and at nobody else's. Everybody else says what for, in one of a few words; the word
stands in the audit row of the look. A refused look leaves a row too: somebody has tried. It does so whoever refuses, the
guard of the route (a role or another system without the permission) or the operation (a practitioner who asks for
another). A question that is not complete yet, because it says no purpose, is no look.

A route says in its declaration what looking there is called: ``@get("/…", guards=[READING], **looked_at("statement.read"))``.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any, Final, cast
from uuid import UUID

from litestar.connection import ASGIConnection
from litestar.params import HeaderParameter, QueryParameter

from cec_chassis.database import Database, Transaction
from cec_chassis.http import HttpRequest, Role
from cec_chassis.ids import new_id
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


PURPOSE_MISSING: Final = FieldError(
    "header.X-Purpose", "missing-field", f"請載明查詢目的 / Say what for: {', '.join(Purpose)}"
)


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


PRACTITIONER: Final = "practitioner"
BATCH: Final = "batch"


def looked_at(action: str, subject: str = PRACTITIONER) -> dict[str, Any]:
    """Marks a route at which credits are looked at: the action in the audit rows, and what the path names by its id."""
    return {"opt": {"look": (action, subject)}}


async def remember_refusal(connection: ASGIConnection[Any, Any, Any, Any], refusal: Refusal) -> None:
    """Writes down that a look was refused, for the routes that are marked by :func:`looked_at`; the guards call it.

    Whom it was about is known by the path alone: what was sent is not read for somebody who may not ask. A batch that
    was never opened gets an id of its own; one's own credits are those of whom an application asked for.
    """
    request = cast("HttpRequest", connection)
    marked = request.route_handler.opt.get("look")
    if marked is None:
        return
    action, subject = marked
    own = request.user.practitioner_id if subject == PRACTITIONER else new_id()
    named = request.path_params.get(f"{subject}_id", own)
    if named is None:
        return
    what = {name: value for name, value in request.path_params.items() if name != f"{subject}_id"}
    if request.user.client_id is not None:
        what["client_id"] = request.user.client_id
    said = request.headers.get("x-purpose") or request.query_params.get("purpose")
    purpose = Purpose(said) if said in set(Purpose) else None
    database: Database = request.app.state.database
    async with database.transaction(request.command_context()) as tx:
        _trace(tx, (action, subject), named, purpose, what, refusal)


async def look(
    request: HttpRequest, database: Database, practitioners: Sequence[UUID], purpose: Purpose | None, **what: Any
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
        raise PurposeRequired(errors=[PURPOSE_MISSING])
    async with database.transaction(request.command_context()) as tx:
        for practitioner in others:
            _trace(tx, request.route_handler.opt["look"], practitioner, purpose, what, refusal)
    if refusal is not None:
        raise refusal


async def _of_other_people(database: Database, own: UUID, asked: Sequence[UUID]) -> list[UUID]:
    """Those who are not the same person: a former record of one's own, or the one that survives it, is one's own."""
    async with database.reading() as tx:
        into = (await merges_of(tx, [own, *asked])).into
    return [each for each in asked if into.get(each, each) != into.get(own, own)]


def _trace(
    tx: Transaction,
    look: tuple[str, str],
    subject_id: UUID,
    purpose: Purpose | None,
    what: dict[str, Any],
    refusal: Refusal | None,
) -> None:
    action, subject = look
    told = {**what, "purpose": purpose}
    if refusal is not None:
        told["refused"] = refusal.slug
    tx.look(
        action if refusal is None else f"{action}_refused",
        subject_type=subject,
        subject_id=subject_id,
        purpose="" if purpose is None else purpose.value,
        what=told,
    )
