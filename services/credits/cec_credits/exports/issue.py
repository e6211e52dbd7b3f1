"""Issues a document: computed, registered under a token, set, signed. What is registered can be looked up by anybody
who holds the document, so it has no name and nothing else that tells whose it is."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final
from uuid import UUID

import msgspec

from cec_chassis.context import CommandContext
from cec_chassis.database import Database
from cec_credits.exports import store
from cec_credits.exports.document import Document, Seal, course_records_document, statement_document
from cec_credits.exports.pdf import pdf_of, qr_of, require_font
from cec_credits.exports.sign import Signer, obtain_signer
from cec_credits.rulesets.edition import Rules
from cec_credits.settings import CreditsSettings
from cec_credits.statements.answer import NotJudged, judged
from cec_credits.statements.asked import Asked
from cec_credits.statements.course_records import course_records
from cec_credits.statements.domain import State, Statement
from cec_credits.statements.filters import Filters
from cec_credits.statements.queries import Explained, explain

VERIFY_AT: Final = "/api/v1/credits/verifications/"
TOKEN_BYTES: Final = 16


class Kind(StrEnum):
    """What document it is."""

    STATEMENT = "statement"
    COURSE_RECORDS = "course_records"


class IssuedTotals(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of a document, as anybody who holds it may look them up."""

    rule_set: str
    since: date
    until: date
    valid: Decimal
    invalid: Decimal
    pending: Decimal
    counted: Decimal
    met: bool
    judged: NotJudged = msgspec.UNSET

    @classmethod
    def of(cls, statement: Statement) -> IssuedTotals:
        return cls(
            rule_set=statement.rule_set,
            since=statement.window.since,
            until=statement.window.until,
            valid=statement.valid,
            invalid=statement.invalid,
            pending=statement.pending,
            counted=statement.counted,
            met=statement.fulfilled,
            judged=judged(statement),
        )


class Issued(msgspec.Struct, frozen=True):
    """A finished document."""

    token: str
    number: str
    as_of: date
    pdf: bytes


class Issuer:
    """Makes documents for one process; keeps the signer it has once obtained."""

    def __init__(self, settings: CreditsSettings) -> None:
        self._settings = settings
        self._signer: Signer | None = None

    async def issue(
        self,
        database: Database,
        rules: Rules,
        context: CommandContext,
        kind: Kind,
        practitioner_id: UUID,
        profession: str,
        asked: Asked,
        filters: Filters | None = None,
    ) -> Issued:
        """A signed document, registered before it is given out.

        Raises:
            FontMissing, SigningUnavailable: no document can be made here at present; nothing is registered.
            NoStatement, ProfessionNotCovered, NoRuleOnThatDay, OccasionNotOpen: there is nothing to make one of.
        """
        await asyncio.to_thread(require_font)
        signer = await self._obtain(database)
        signer.require_valid(database.clock.now())
        explained = await explain(database, rules, practitioner_id, profession, asked)
        token = secrets.token_urlsafe(TOKEN_BYTES)
        site = self._settings.public_address.rstrip("/")
        address = site + VERIFY_AT + token
        now = database.clock.now()

        def make() -> bytes:
            seal = Seal(
                token=token,
                site=site,
                address=address,
                qr=qr_of(address),
                test=signer.is_test,
                signer=signer.name,
                issued_at=now,
            )
            return signer.sign(pdf_of(_document(kind, explained, seal, filters), now))

        pdf = await asyncio.to_thread(make)
        await _register(database, context, token, kind, explained, asked)
        return Issued(token, explained.person.number, explained.head.as_of, pdf)

    async def _obtain(self, database: Database) -> Signer:
        if self._signer is None:
            self._signer = await obtain_signer(self._settings, database)
        return self._signer


def digest_of(statement: Statement) -> str:
    """Of every record that had taken effect, with what became of it: how a later look finds that something has changed.

    What was still to come on that day is left out: that more becomes known of it takes nothing from the document. So is
    an attendance that had been withdrawn by then: one that is withdrawn afterwards is missed, and so is one put back.
    """
    counted = [
        (entry.record.id, entry.state, str(entry.raw), str(entry.valid), str(entry.counted))
        for entry in statement.entries
        if entry.state not in {State.PENDING, State.OUT_OF_WINDOW, State.EXCLUDED}
        and entry.record.void != "ATTENDANCE_WITHDRAWN"
    ]
    told = (statement.rule_set, statement.window, statement.met, counted)
    return hashlib.blake2b(msgspec.json.encode(told), digest_size=16).hexdigest()


def _document(kind: Kind, explained: Explained, seal: Seal, filters: Filters | None) -> Document:
    if kind is Kind.STATEMENT:
        return statement_document(explained, seal)
    narrowing = filters or Filters()
    return course_records_document(explained, course_records(explained, narrowing), narrowing, seal)


async def _register(
    database: Database, context: CommandContext, token: str, kind: Kind, explained: Explained, asked: Asked
) -> None:
    head, statement = explained.head, explained.statement
    assert context.actor is not None  # the route is guarded
    async with database.transaction(context) as tx:
        await tx.execute(
            store.INSERT_ISSUED,
            token=token,
            practitioner_id=head.practitioner_id,
            profession=head.profession,
            kind=kind.value,
            as_of=head.as_of,
            known_by=asked.known_by,
            since=asked.period.since if asked.period else None,
            until=asked.period.until if asked.period else None,
            profile=asked.profile,
            version=head.version,
            digest=digest_of(statement),
            totals=msgspec.json.encode(IssuedTotals.of(statement)).decode(),
            issued_at=tx.now,
            issued_by=context.actor.account_id,
        )
        tx.audit(
            "statement.issued",
            subject_type="practitioner",
            subject_id=head.practitioner_id,
            after={"token": token, "kind": kind, "profession": head.profession},
        )
