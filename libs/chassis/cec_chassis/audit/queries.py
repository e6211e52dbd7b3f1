"""What is told of the audit log: to administrators all of it, to a person who looked at their data."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from cec_chassis.audit.chain import FIELDS
from cec_chassis.database.transaction import Transaction
from cec_chassis.http.paging import Page, Paging

OrganisationNames = Callable[[Transaction, Collection[UUID]], Awaitable[Mapping[UUID, str]]]
"""How a service knows organisations by name; those it does not know are left out."""


class AuditEntryView(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the audit log. `look`: nothing was done but read; `reason` is the purpose then."""

    id: UUID
    at: datetime
    account_id: UUID | None
    role: str | None
    actor_name: str | None
    organisation_id: UUID | None
    look: bool
    action: str
    subject_type: str
    subject_id: str
    reason: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    request_id: str | None


class AuditQuestion(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an administrator looks for; what is left out does not matter. `since` counts, `until` does not."""

    subject_type: str | None = None
    subject_id: str | None = None
    account_id: UUID | None = None
    action: str | None = None
    look: bool | None = None
    since: datetime | None = None
    until: datetime | None = None


class LookView(msgspec.Struct, frozen=True, kw_only=True):
    """A look at one's data: when, by whom, what for, and what was read.

    Who: the role and the organisation; for somebody of no organisation the name of their account.
    """

    at: datetime
    role: str
    organisation_id: UUID | None
    organisation: str | None
    name: str | None
    action: str
    purpose: str
    what: dict[str, Any] | None


ENTRIES = f"""
SELECT {", ".join(FIELDS)} FROM audit_log
WHERE (CAST(:subject_type AS text) IS NULL OR subject_type = :subject_type)
  AND (CAST(:subject_id AS text) IS NULL OR subject_id = :subject_id)
  AND (CAST(:account_id AS uuid) IS NULL OR account_id = :account_id)
  AND (CAST(:action AS text) IS NULL OR action = :action)
  AND (CAST(:look AS boolean) IS NULL OR look = :look)
  AND (CAST(:since AS timestamptz) IS NULL OR at >= :since)
  AND (CAST(:until AS timestamptz) IS NULL OR at < :until)
  AND (CAST(:before AS uuid) IS NULL OR id < :before)
ORDER BY id DESC LIMIT :limit
"""
LOOKS_AT = """
FROM audit_log WHERE look AND account_id IS DISTINCT FROM :self AND (subject_type, subject_id) IN ({subjects})
"""


class Subjects(msgspec.Struct, frozen=True, kw_only=True):
    """As what a person stands in the log of a service: the type of the subject, and a query of the subjects' ids.

    The query may use `:person`, the practitioner who asks, null when the caller is none; and `:self`, the caller's account.
    """

    type: str = "practitioner"
    ids: str = "SELECT CAST(CAST(:person AS uuid) AS text)"


THE_PERSON = Subjects()


async def entries(tx: Transaction, question: AuditQuestion, before: UUID | None, limit: int) -> list[AuditEntryView]:
    """The newest first, behind the row `before`."""
    asked = msgspec.structs.asdict(question)
    rows = await tx.all(ENTRIES, **asked, before=before, limit=limit)
    return [AuditEntryView(**row._mapping) for row in rows]


async def looks_at(
    tx: Transaction,
    names: OrganisationNames,
    paging: Paging,
    subjects: Sequence[Subjects],
    *,
    person: UUID | None,
    self: UUID,
) -> Page[LookView]:
    """Who looked at this person's data, the newest first; the looks of the account `self` are left out."""
    asked = {"person": person, "self": self}
    where = LOOKS_AT.format(
        subjects=" UNION ALL ".join(
            f"SELECT '{each.type}', mine.id FROM ({each.ids}) AS mine (id)" for each in subjects
        )
    )
    total = await tx.scalar(f"SELECT count(*) {where}", **asked)
    rows = await tx.all(
        f"SELECT at, role, actor_name, organisation_id, action, reason, after {where} "
        "ORDER BY at DESC, id DESC LIMIT :limit OFFSET :offset",
        **asked,
        limit=paging.limit,
        offset=paging.offset,
    )
    known = await names(tx, {row.organisation_id for row in rows if row.organisation_id is not None})
    looks = [
        LookView(
            at=row.at,
            role=row.role or "",
            organisation_id=row.organisation_id,
            organisation=known.get(row.organisation_id),
            name=row.actor_name if row.organisation_id is None else None,
            action=row.action,
            purpose=row.reason,
            what=row.after,
        )
        for row in rows
    ]
    return paging.of(looks, total)
