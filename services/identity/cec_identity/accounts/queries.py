"""What administrators are told about accounts."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from cec_chassis.database import Transaction
from cec_chassis.http import Page, Paging
from cec_contracts.vocabulary import AccountRole, AccountState
from cec_identity.accounts.domain import Account, StateBy
from cec_identity.accounts.store import COLUMNS, account_of

_FILTER = """
WHERE (CAST(:role AS text) IS NULL OR role = :role)
  AND (CAST(:organisation_id AS uuid) IS NULL OR organisation_id = :organisation_id)
  AND (CAST(:state AS text) IS NULL OR state = :state)
"""


class AccountView(msgspec.Struct, kw_only=True):
    """An account; nothing by which one signs in."""

    account_id: UUID
    name: str
    role: AccountRole
    organisation_id: UUID | None
    practitioner_id: UUID | None
    active: bool
    state: AccountState
    state_by: StateBy | None
    state_reason: str


class AccountLine(AccountView, kw_only=True):
    """A line of the list."""

    opened_at: datetime
    state_since: datetime


def account_view(account: Account) -> AccountView:
    """The view of a value in hand."""
    return AccountView(
        account_id=account.account_id,
        name=account.name,
        role=account.role,
        organisation_id=account.organisation_id,
        practitioner_id=account.practitioner_id,
        active=account.active,
        state=account.state,
        state_by=account.state_by,
        state_reason=account.state_reason,
    )


async def accounts_page(
    tx: Transaction,
    paging: Paging,
    *,
    role: AccountRole | None,
    organisation_id: UUID | None,
    state: AccountState | None = None,
) -> Page[AccountLine]:
    """The accounts of a role, an organisation, in a state, the newest first."""
    wanted = {
        "role": role.value if role else None,
        "organisation_id": organisation_id,
        "state": state.value if state else None,
    }
    total = await tx.scalar(f"SELECT count(*) FROM accounts {_FILTER}", **wanted)
    rows = await tx.all(
        f"""
        SELECT {COLUMNS}, opened_at, state_since FROM accounts {_FILTER}
        ORDER BY opened_at DESC, id DESC LIMIT :limit OFFSET :offset
        """,
        **wanted,
        limit=paging.limit,
        offset=paging.offset,
    )
    lines = [
        AccountLine(
            **msgspec.structs.asdict(account_view(account_of(row))),
            opened_at=row.opened_at,
            state_since=row.state_since,
        )
        for row in rows
    ]
    return paging.of(lines, total)
