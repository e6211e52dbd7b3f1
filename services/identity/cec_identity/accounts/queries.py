"""What administrators are told about accounts."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from cec_chassis.database import Transaction
from cec_chassis.http import Page, Paging
from cec_contracts.vocabulary import AccountRole
from cec_identity.accounts.domain import Account

_FILTER = """
WHERE (CAST(:role AS text) IS NULL OR role = :role)
  AND (CAST(:organisation_id AS uuid) IS NULL OR organisation_id = :organisation_id)
"""


class AccountView(msgspec.Struct, kw_only=True):
    """An account; nothing by which one signs in."""

    account_id: UUID
    name: str
    role: AccountRole
    organisation_id: UUID | None
    practitioner_id: UUID | None
    active: bool


class AccountLine(AccountView, kw_only=True):
    """A line of the list."""

    opened_at: datetime


def account_view(account: Account) -> AccountView:
    """The view of a value in hand."""
    return AccountView(
        account_id=account.account_id,
        name=account.name,
        role=account.role,
        organisation_id=account.organisation_id,
        practitioner_id=account.practitioner_id,
        active=account.active,
    )


async def accounts_page(
    tx: Transaction, paging: Paging, *, role: AccountRole | None, organisation_id: UUID | None
) -> Page[AccountLine]:
    """The accounts of a role or an organisation, the newest first."""
    wanted = {"role": role.value if role else None, "organisation_id": organisation_id}
    total = await tx.scalar(f"SELECT count(*) FROM accounts {_FILTER}", **wanted)
    rows = await tx.all(
        f"""
        SELECT id, name, role, organisation_id, practitioner_id, active, opened_at FROM accounts {_FILTER}
        ORDER BY opened_at DESC, id DESC LIMIT :limit OFFSET :offset
        """,
        **wanted,
        limit=paging.limit,
        offset=paging.offset,
    )
    lines = [
        AccountLine(
            account_id=row.id,
            name=row.name,
            role=AccountRole(row.role),
            organisation_id=row.organisation_id,
            practitioner_id=row.practitioner_id,
            active=row.active,
            opened_at=row.opened_at,
        )
        for row in rows
    ]
    return paging.of(lines, total)
