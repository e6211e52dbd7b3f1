"""What is taken in of identity's news about accounts."""

from __future__ import annotations

from collections.abc import Sequence

from cec_chassis.bus.subscription import Received, newest
from cec_chassis.database import Transaction
from cec_contracts.identity import Account
from cec_reporting.accounts.store import keep_accounts


async def on_account(tx: Transaction, events: Sequence[Received[Account]]) -> None:
    """Opened, changed or disabled: the body is the account as it now is; a disabled one stays, marked."""
    await keep_accounts(tx, newest(events))
