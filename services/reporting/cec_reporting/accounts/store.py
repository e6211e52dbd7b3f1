"""Table `accounts`: role, organisation and state as identity last told. No name and no practitioner: nobody asks here."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import TIMESTAMP, BigInteger, Boolean, Column, Index, Table, Text, Uuid

from cec_chassis.bus.subscription import Received
from cec_chassis.database import Transaction
from cec_contracts.identity import Account
from cec_reporting.tables import metadata

accounts = Table(
    "accounts",
    metadata,
    Column("account_id", Uuid, primary_key=True),
    Column("role", Text, nullable=False),
    Column("organisation_id", Uuid),
    Column("active", Boolean, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("event_at", TIMESTAMP(timezone=True), nullable=False),
    Index("accounts_by_event", "event_at"),
)

KEEP_ACCOUNTS = """
INSERT INTO accounts (account_id, role, organisation_id, active, sequence, event_at)
SELECT * FROM unnest(
    CAST(:ids AS uuid[]), CAST(:roles AS text[]), CAST(:organisation_ids AS uuid[]), CAST(:active AS boolean[]),
    CAST(:sequences AS bigint[]), CAST(:event_ats AS timestamptz[])) AS news (account_id)
ORDER BY account_id
ON CONFLICT (account_id) DO UPDATE SET
    role = excluded.role, organisation_id = excluded.organisation_id, active = excluded.active,
    sequence = excluded.sequence, event_at = excluded.event_at
WHERE accounts.sequence < excluded.sequence
"""


async def keep_accounts(tx: Transaction, news: Sequence[Received[Account]]) -> None:
    """Takes in at most one piece of news for each account; older news than we have changes nothing."""
    told = [event.body for event in news]
    await tx.execute(
        KEEP_ACCOUNTS,
        ids=[account.account_id for account in told],
        roles=[account.role.value for account in told],
        organisation_ids=[account.organisation_id for account in told],
        active=[account.active for account in told],
        sequences=[event.sequence for event in news],
        event_ats=[event.time for event in news],
    )
