"""The accounts of somebody whose record is merged, or separated again: they follow the person."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from cec_chassis.database import Transaction
from cec_contracts.identity import ACCOUNT_CHANGED
from cec_contracts.vocabulary import AccountRole
from cec_identity.accounts.disable_account import disable_account
from cec_identity.accounts.store import COLUMNS, account_of
from cec_identity.publishes import account_news

TIED = "SELECT id, role, active, practitioner_id FROM accounts WHERE practitioner_id = :practitioner ORDER BY id FOR UPDATE"
CONCERNED = """
SELECT id, role, practitioner_id FROM accounts
WHERE practitioner_id = :former OR (id = ANY(CAST(:moved AS uuid[])) AND practitioner_id = ANY(CAST(:above AS uuid[])))
ORDER BY id FOR UPDATE
"""
TIE = f"""
UPDATE accounts SET practitioner_id = :to, version = version + 1, changed_at = :now WHERE id = :id RETURNING {COLUMNS}
"""
TAKES_THE_PLACE = """
UPDATE practitioner_merges SET moved_accounts = array_replace(moved_accounts, :leaves, :comes)
WHERE former_id = ANY(CAST(:above AS uuid[])) AND separated_at IS NULL AND :leaves = ANY(moved_accounts)
"""


async def tie_accounts_of(tx: Transaction, former: UUID, survivor: UUID, reason: str) -> list[UUID]:
    """Ties the accounts of the former record to the survivor; returns those whose tie was changed.

    A practitioner signs in with one account: where both records have one, the survivor's stays and the other is closed. But
    one that can be used stays before one that cannot, or nobody could sign in any more: then the two change places.
    """
    theirs = _of_practitioner(await tx.all(TIED, practitioner=survivor))
    moved: list[UUID] = []
    for row in await tx.all(TIED, practitioner=former):
        if row.role != AccountRole.PRACTITIONER or theirs is None:
            await _tie(tx, row, survivor, reason)
            moved.append(row.id)
        elif row.active and not theirs.active:
            await _change_places(tx, row, theirs, reason)
            moved += [row.id, theirs.id]
        else:
            await disable_account(tx, row.id, reason)
    return moved


async def take_back_accounts(
    tx: Transaction, moved: Sequence[UUID], former: UUID, above: Collection[UUID], reason: str
) -> None:
    """Ties those of the `moved` accounts that are at a record `above`, into which the former one was merged, to the former
    one again. One that had made room takes their place there, and goes where they would have gone."""
    rows = await tx.all(CONCERNED, moved=list(moved), former=former, above=list(above))
    at_home = _of_practitioner(row for row in rows if row.practitioner_id == former)
    for row in rows:
        if row.practitioner_id == former:
            continue
        if row.role != AccountRole.PRACTITIONER or at_home is None:
            await _tie(tx, row, former, reason)
        elif at_home.id in moved:
            await _change_places(tx, row, at_home, reason)
            await tx.execute(TAKES_THE_PLACE, above=list(above), leaves=row.id, comes=at_home.id)
        # else: the former record was given another account meanwhile, and a practitioner has one


def _of_practitioner(rows: Iterable[Row[Any]]) -> Row[Any] | None:
    """There is one at most: the index `one_account_of_a_practitioner`."""
    return next((row for row in rows if row.role == AccountRole.PRACTITIONER), None)


async def _change_places(tx: Transaction, one: Row[Any], other: Row[Any], reason: str) -> None:
    # The index sees every row by itself, so one of the two is nowhere for a moment.
    await tx.execute("UPDATE accounts SET practitioner_id = NULL WHERE id = :id", id=other.id)
    await _tie(tx, one, other.practitioner_id, reason)
    await _tie(tx, other, one.practitioner_id, reason)


async def _tie(tx: Transaction, row: Row[Any], practitioner_id: UUID, reason: str) -> None:
    account = account_of(await tx.one(TIE, id=row.id, to=practitioner_id, now=tx.now))
    tx.publish(ACCOUNT_CHANGED, subject=account.account_id, sequence=account.version, body=account_news(account))
    tx.audit(
        "account.practitioner_changed",
        subject_type="account",
        subject_id=account.account_id,
        reason=reason,
        before={"practitioner_id": str(row.practitioner_id)},
        after={"practitioner_id": str(practitioner_id)},
    )
