"""Whether a document that somebody holds still stands: the same question is asked again, of what is known now."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

import msgspec

from cec_chassis.database import Database
from cec_credits import texts
from cec_credits.exports import store
from cec_credits.exports.issue import IssuedTotals, Kind, digest_of
from cec_credits.exports.refusals import UnknownDocument
from cec_credits.rulesets.document import Words
from cec_credits.rulesets.edition import Rules
from cec_credits.statements.answer import occasion_of
from cec_credits.statements.asked import Asked
from cec_credits.statements.domain import Period
from cec_credits.statements.queries import statement_on
from cec_credits.statements.refusals import NoRuleOnThatDay, NoStatement, OccasionNotOpen, ProfessionNotCovered
from cec_credits.statements.roc import roc


class Validity(StrEnum):
    """What became of a document's content since."""

    UNCHANGED = "unchanged"
    SUPERSEDED = "superseded"
    CHANGED = "changed"


TEXTS: Final = texts.each("validity", Validity)
_totals = msgspec.json.Decoder(IssuedTotals)


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """What the holder of a document may know of it. Whose it is, is not said: the document itself says so.

    `totals.met` is about `occasion`, by what was known at `known_by` (null: when it was issued).
    """

    kind: Kind
    issued_at: datetime
    as_of: date
    as_of_roc: str
    known_by: datetime | None
    occasion: Words
    totals: IssuedTotals
    standing_changed: bool
    validity: Validity
    text: Words


class _Points(msgspec.Struct, frozen=True):
    """What of a standing, or of a document, others go by."""

    valid: Decimal
    invalid: Decimal
    pending: Decimal
    counted: Decimal
    met: bool


_points = msgspec.json.Decoder(_Points)


def _other(row: Any) -> bool:
    """Whether today's standing says something else than the document, and than what stood when it was issued: it may be
    about another day. That an approval is being examined changes no point."""
    if row.summary_now is None:
        return True
    told = [_points.decode(said) for said in (row.totals, row.standing) if said is not None]
    return _points.decode(row.summary_now) not in told


async def verify(database: Database, rules: Rules, token: str) -> Verification:
    """Raises UnknownDocument."""
    async with database.reading() as tx:
        row = await tx.one_or_none(store.SELECT_ISSUED, token=token)
    if row is None:
        raise UnknownDocument
    occasion = Words(zh=row.profile, en=row.profile)
    period = None if row.since is None else Period(row.since, row.until)
    try:
        _, statement = await statement_on(
            database,
            rules,
            row.practitioner_id,
            row.profession,
            Asked(row.as_of, row.known_by, period, row.profile),
        )
        occasion = occasion_of(statement).text
        stands = digest_of(statement) == row.digest
    except (NoStatement, ProfessionNotCovered, NoRuleOnThatDay, OccasionNotOpen):
        stands = False
    # A document about the past or a period has no version of the standing to compare: then its own content decides.
    moved = not stands if row.version is None else row.version_now != row.version and _other(row)
    validity = Validity.CHANGED if not stands else Validity.SUPERSEDED if moved else Validity.UNCHANGED
    return Verification(
        kind=Kind(row.kind),
        issued_at=row.issued_at,
        as_of=row.as_of,
        as_of_roc=roc(row.as_of),
        known_by=row.known_by,
        occasion=occasion,
        totals=_totals.decode(row.totals),
        standing_changed=moved or not stands,
        validity=validity,
        text=TEXTS[validity],
    )
