"""Accounts counted by role and state."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from cec_chassis.database import Transaction
from cec_contracts.vocabulary import AccountRole
from cec_reporting.freshness import as_of


class AccountState(StrEnum):
    """Whether an account may be used."""

    ACTIVE = "active"  # 使用中
    DISABLED = "disabled"  # 已停用


class AccountCount(msgspec.Struct, frozen=True, kw_only=True):
    """One line: how many `accounts` 帳號數 of a role are in a state; a line with none is left out."""

    role: AccountRole
    state: AccountState
    accounts: int


class AccountCounts(msgspec.Struct, frozen=True, kw_only=True):
    """The whole table, counted at this moment; `as_of` is the time of the newest event taken in."""

    as_of: datetime | None
    rows: list[AccountCount]
    total: int


COUNT = """
SELECT role, CASE WHEN active THEN 'active' ELSE 'disabled' END AS state, count(*) AS accounts
FROM accounts
WHERE (CAST(:organisation_id AS uuid) IS NULL OR organisation_id = :organisation_id)
GROUP BY 1, 2
ORDER BY 1, 2
"""


async def accounts_of(tx: Transaction, organisation_id: UUID | None) -> AccountCounts:
    """Of one organisation, or of all and of those that belong to none."""
    fresh = await as_of(tx)  # before the count: the figures are never older than they say
    rows = [msgspec.convert(row._mapping, AccountCount) for row in await tx.all(COUNT, organisation_id=organisation_id)]
    return AccountCounts(as_of=fresh, rows=rows, total=sum(row.accounts for row in rows))
