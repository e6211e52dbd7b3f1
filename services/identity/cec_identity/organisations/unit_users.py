"""The people who act for a unit 使用者列表: seen, disabled and resumed by their colleagues."""

from __future__ import annotations

from uuid import UUID

import msgspec

from cec_chassis.database import Transaction
from cec_chassis.http import Page, Paging
from cec_contracts.vocabulary import AccountRole, AccountState
from cec_identity.accounts.disable_account import disable_account
from cec_identity.accounts.domain import Account, StateBy
from cec_identity.accounts.resume_account import resume_account
from cec_identity.consents.store import WITHDRAWN
from cec_identity.fields.telephones import Telephone, parts_of
from cec_identity.organisations.own_unit import colleague, member_of_unit

_FOUND = """
FROM accounts a LEFT JOIN account_profiles p ON p.account_id = a.id
WHERE a.organisation_id = :organisation_id AND a.role = ANY(CAST(:roles AS text[]))
"""


class UnitUser(msgspec.Struct, kw_only=True):
    """A line of the list: 帳號、姓名、電話、角色、狀態. `may_resume`: this unit may, because no administrator
    disabled it, nor did its owner by withdrawing the consent."""

    account_id: UUID
    name: str
    person_name: str
    phone: Telephone | None
    role: AccountRole
    state: AccountState
    own: bool
    may_resume: bool


async def unit_users_page(tx: Transaction, paging: Paging) -> Page[UnitUser]:
    """The accounts that the caller looks after, and their own. Raises Forbidden."""
    member = await member_of_unit(tx)
    wanted = {"organisation_id": member.organisation_id, "roles": [role.value for role in member.looks_after]}
    total = await tx.scalar(f"SELECT count(*) {_FOUND}", **wanted)
    rows = await tx.all(
        f"""
        SELECT a.id, a.name, coalesce(p.person_name, '') AS person_name, coalesce(p.phone, '') AS phone, a.role,
               a.state, a.state_by, ({WITHDRAWN}) AS withdrawn
        {_FOUND} ORDER BY a.name_key LIMIT :limit OFFSET :offset
        """,
        **wanted,
        limit=paging.limit,
        offset=paging.offset,
    )
    lines = [
        UnitUser(
            account_id=row.id,
            name=row.name,
            person_name=row.person_name,
            phone=parts_of(row.phone),
            role=AccountRole(row.role),
            state=AccountState(row.state),
            own=row.id == member.account.account_id,
            may_resume=row.state == AccountState.DISABLED
            and row.state_by != StateBy.ADMINISTRATOR
            and not row.withdrawn,
        )
        for row in rows
    ]
    return paging.of(lines, total)


async def disable_colleague(tx: Transaction, account_id: UUID, reason: str) -> Account:
    """Raises Forbidden, NotFound."""
    member = await member_of_unit(tx)
    await colleague(tx, member, account_id)
    return await disable_account(tx, account_id, reason, StateBy.UNIT)


async def resume_colleague(tx: Transaction, account_id: UUID, reason: str) -> Account:
    """Raises Forbidden, NotFound, OnlyAdministratorsResume, ConsentWithdrawn, ValidationFailed."""
    member = await member_of_unit(tx)
    await colleague(tx, member, account_id)
    return await resume_account(tx, account_id, reason, StateBy.UNIT)
