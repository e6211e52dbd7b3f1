"""One's own data as one sees it, and what happened to one's account 帳號啟用/使用紀錄."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from cec_chassis.database import Transaction
from cec_chassis.http import Page, Paging
from cec_contracts.vocabulary import AccountRole, AccountState
from cec_identity.accounts.domain import Account
from cec_identity.accounts.profile import Language, Profile
from cec_identity.accounts.profile_store import profile_by_account
from cec_identity.fields.telephones import Telephone, parts_of

USAGE = """
SELECT at, outcome AS what, '' AS reason, 'owner' AS by, device, address_masked, id
FROM sign_in_history WHERE account_id = :id
UNION ALL
SELECT at, action, reason,
       CASE WHEN account_id = :id THEN 'owner' WHEN role = 'system_administrator' THEN 'administrator'
            WHEN account_id IS NULL THEN 'system' ELSE 'unit' END, '', '', id
FROM audit_log
WHERE subject_type = 'account' AND subject_id = :subject AND NOT look
  AND (action LIKE 'account.%' OR action LIKE 'rights.%' OR action LIKE 'email_change.%' OR action LIKE 'profile.%'
       OR action LIKE 'password.%')
"""
WHO = """
SELECT coalesce(o.name, '') AS organisation_name, coalesce(p.name, '') AS registered_name,
       coalesce(p.national_id_masked, i.national_id_masked, '') AS national_id_masked
FROM accounts a LEFT JOIN organisations o ON o.id = a.organisation_id
LEFT JOIN practitioners p ON p.id = a.practitioner_id
LEFT JOIN account_identities i ON i.account_id = a.id
WHERE a.id = :id
"""


class ProfileView(msgspec.Struct, kw_only=True):
    """One's own data. `version` is sent back with a change; 0 is that of somebody who has said nothing yet."""

    account_id: UUID
    name: str
    role: AccountRole
    organisation_id: UUID | None
    organisation_name: str
    state: AccountState
    national_id_masked: str
    person_name: str
    email: str | None
    email_verified: bool
    backup_email: str | None
    phone: Telephone | None
    job_title: str
    notify_announcements: bool
    language: Language
    version: int


class UsageLine(msgspec.Struct, kw_only=True):
    """What happened to one's account: an attempt to sign in (`succeeded`, `refused`, …), or an act (`account.disabled`, …)
    and by whom: `owner`, `unit` (a colleague), `administrator`, `system`."""

    at: datetime
    what: str
    reason: str
    by: Literal["owner", "unit", "administrator", "system"]
    device: str
    address_masked: str


async def profile_view(tx: Transaction, account: Account) -> ProfileView:
    """The caller's own."""
    known = await profile_by_account(tx, account.account_id)
    profile = known or Profile(account_id=account.account_id, person_name="", version=0)
    who = await tx.one(WHO, id=account.account_id)
    practitioner = account.role is AccountRole.PRACTITIONER
    return ProfileView(
        account_id=account.account_id,
        name=account.name,
        role=account.role,
        organisation_id=account.organisation_id,
        organisation_name=who.organisation_name,
        state=account.state,
        national_id_masked=who.national_id_masked,
        person_name=(practitioner and who.registered_name) or profile.person_name or who.registered_name,
        email=profile.email,
        email_verified=profile.email_verified_at is not None,
        backup_email=profile.backup_email,
        phone=parts_of(profile.phone or ""),
        job_title=profile.job_title or "",
        notify_announcements=profile.notify_announcements,
        language=profile.language,
        version=profile.version,
    )


async def usage_page(tx: Transaction, paging: Paging, account_id: UUID) -> Page[UsageLine]:
    """Sign-ins of the last year and changes of the account, the newest first."""
    whose = {"id": account_id, "subject": str(account_id)}
    total = await tx.scalar(f"SELECT count(*) FROM ({USAGE}) AS used", **whose)
    rows = await tx.all(
        f"""
        SELECT at, what, reason, by, device, address_masked FROM ({USAGE}) AS used
        ORDER BY at DESC, id DESC LIMIT :limit OFFSET :offset
        """,
        **whose,
        limit=paging.limit,
        offset=paging.offset,
    )
    return paging.of([msgspec.convert(dict(row._mapping), UsageLine) for row in rows], total)
