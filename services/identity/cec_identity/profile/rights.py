"""Wishes for other rights 申請權限: somebody asks, an administrator decides. Nobody changes their own."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row

from cec_chassis.database import Transaction
from cec_chassis.http import Page, Paging
from cec_chassis.ids import new_id
from cec_chassis.problems import FieldError, NotFound, Refusal, ValidationFailed
from cec_contracts.vocabulary import AccountRole
from cec_identity.accounts.change_state import tell_change
from cec_identity.accounts.domain import Account, check_organisation, check_ties
from cec_identity.accounts.store import account_by_id, account_for_change, save_account
from cec_identity.accounts.tell_owner import tell_owner
from cec_identity.mail.links import told_time
from cec_identity.organisations.store import organisation_in_use
from cec_identity.sign_in.store import end_sessions_of

OPEN_TO_ASK = frozenset({AccountRole.OFFERING_UNIT, AccountRole.REVIEW_UNIT, AccountRole.COMMITTEE_MEMBER})
"""Practitioners activate an account of their own, administrators are opened by administrators."""


class RightsRequestOpen(Refusal):
    """One wish at a time."""

    slug = "rights-request-open"
    status = 409
    title = "已有審核中之權限申請 / A request for rights is waiting already"


class RightsRequestDecided(Refusal):
    """A decision is final; one may ask again."""

    slug = "rights-request-decided"
    status = 409
    title = "權限申請已審核 / The request has been decided"


class RightsStatus(StrEnum):
    """Where a wish stands."""

    OPEN = "open"
    GRANTED = "granted"
    REFUSED = "refused"


class RightsRequest(msgspec.Struct, kw_only=True):
    """A wish: to act in this role for this organisation."""

    request_id: UUID
    account_id: UUID
    account_name: str
    role: AccountRole
    organisation_id: UUID
    organisation_name: str
    justification: str
    status: RightsStatus
    reason: str
    asked_at: datetime
    decided_at: datetime | None


SELECT = """
SELECT r.id AS request_id, r.account_id, a.name AS account_name, r.role, r.organisation_id, o.name AS organisation_name,
       r.justification, r.status, r.reason, r.asked_at, r.decided_at
FROM rights_requests r JOIN accounts a ON a.id = r.account_id JOIN organisations o ON o.id = r.organisation_id
"""
_FILTER = """
WHERE (CAST(:status AS text) IS NULL OR r.status = :status)
  AND (CAST(:account_id AS uuid) IS NULL OR r.account_id = :account_id)
"""
DECIDE = """
UPDATE rights_requests SET status = :status, reason = :reason, decided_at = :now, decided_by = :by WHERE id = :id
"""


async def ask_for_rights(
    tx: Transaction, account: Account, role: AccountRole, organisation_id: UUID, justification: str
) -> RightsRequest:
    """The wish, which changes nothing yet.

    Raises:
        ValidationFailed: no role to ask for, or not for an account that a practitioner is tied to; an organisation that does
            not do what it is for; rights had already.
        RightsRequestOpen.
    """
    if role not in OPEN_TO_ASK or account.role not in OPEN_TO_ASK:
        message = "此身分不得申請變更 / This role cannot be asked for, or not from yours"
        raise ValidationFailed(errors=[FieldError("body.role", "role-not-open", message)])
    if (role, organisation_id) == (account.role, account.organisation_id):
        message = "已具此權限 / These rights are had already"
        raise ValidationFailed(errors=[FieldError("body.role", "unchanged", message)])
    check_ties(role, organisation_id, account.practitioner_id)
    check_organisation(role, await organisation_in_use(tx, organisation_id))
    request_id = new_id()
    asked = await tx.one_or_none(
        """
        INSERT INTO rights_requests (id, account_id, role, organisation_id, justification, status, reason, asked_at)
        VALUES (:id, :account_id, :role, :organisation_id, :justification, 'open', '', :now)
        ON CONFLICT DO NOTHING RETURNING id
        """,
        id=request_id,
        account_id=account.account_id,
        role=role.value,
        organisation_id=organisation_id,
        justification=justification,
        now=tx.now,
    )
    if asked is None:
        raise RightsRequestOpen
    tx.audit(
        "rights.asked",
        subject_type="account",
        subject_id=account.account_id,
        reason=justification,
        after={"role": role, "organisation_id": organisation_id},
    )
    return await _read(tx, request_id)


async def decide_rights(tx: Transaction, request_id: UUID, *, grant: bool, reason: str) -> RightsRequest:
    """The decided wish; who asked is told by mail. Granted rights replace the present ones; their owner signs in anew.

    Raises:
        NotFound, RightsRequestDecided.
        ValidationFailed: the organisation does not do any more what the role is for, or the account is a practitioner's and
            the role is not for one.
    """
    row = await tx.one_or_none(
        "SELECT account_id, role, organisation_id, status FROM rights_requests WHERE id = :id FOR UPDATE",
        id=request_id,
    )
    if row is None:
        raise NotFound
    if row.status != RightsStatus.OPEN:
        raise RightsRequestDecided
    status = RightsStatus.GRANTED if grant else RightsStatus.REFUSED
    await tx.execute(DECIDE, id=request_id, status=status.value, reason=reason, by=tx.actor.account_id, now=tx.now)
    if grant:
        await _grant(tx, row, reason)
    else:
        tx.audit("rights.refused", subject_type="account", subject_id=row.account_id, reason=reason)
    decided = await _read(tx, request_id)
    account = await account_by_id(tx, row.account_id)
    assert account is not None, "accounts are never deleted"
    told = {
        "role": decided.role.value,
        "organisation_name": decided.organisation_name,
        "reason": reason,
        "decided_at": told_time(tx.now),
    }
    await tell_owner(tx, account, f"rights_{status.value}", told)
    return decided


async def rights_requests_page(
    tx: Transaction, paging: Paging, *, status: RightsStatus | None, account_id: UUID | None = None
) -> Page[RightsRequest]:
    """Wishes, the oldest first."""
    wanted = {"status": status.value if status else None, "account_id": account_id}
    total = await tx.scalar(f"SELECT count(*) FROM rights_requests r {_FILTER}", **wanted)
    rows = await tx.all(
        f"{SELECT} {_FILTER} ORDER BY r.id LIMIT :limit OFFSET :offset",
        **wanted,
        limit=paging.limit,
        offset=paging.offset,
    )
    return paging.of([msgspec.convert(dict(row._mapping), RightsRequest) for row in rows], total)


async def _grant(tx: Transaction, row: Row[Any], reason: str) -> None:
    account = await account_for_change(tx, row.account_id)
    assert account is not None, "accounts are never deleted"
    role = AccountRole(row.role)
    check_ties(role, row.organisation_id, account.practitioner_id)
    check_organisation(role, await organisation_in_use(tx, row.organisation_id))
    after = replace(account, role=role, organisation_id=row.organisation_id, version=account.version + 1)
    await save_account(tx, after)
    await end_sessions_of(tx, account.account_id, "rights-changed")
    await tell_change(tx, account, after, "account.rights_granted", reason)


async def _read(tx: Transaction, request_id: UUID) -> RightsRequest:
    row = await tx.one(f"{SELECT} WHERE r.id = :id", id=request_id)
    return msgspec.convert(dict(row._mapping), RightsRequest)
