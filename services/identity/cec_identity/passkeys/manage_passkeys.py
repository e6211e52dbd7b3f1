"""Rename and remove one's own passkeys."""

from __future__ import annotations

from uuid import UUID

from cec_chassis.database import Transaction
from cec_chassis.problems import NotFound
from cec_identity.accounts.profile import checked_line
from cec_identity.passkeys.domain import LONGEST_LABEL
from cec_identity.passkeys.store import Passkey, delete_passkey, rename


async def rename_passkey(tx: Transaction, account_id: UUID, passkey_id: UUID, label: str) -> Passkey:
    """The passkey under its new name.

    Raises:
        NotFound: the account has no such passkey.
        ValidationFailed: the label.
    """
    passkey = await rename(tx, account_id, passkey_id, checked_line(label, "body.label", LONGEST_LABEL))
    if passkey is None:
        raise NotFound
    return passkey


async def remove_passkey(tx: Transaction, account_id: UUID, passkey_id: UUID) -> None:
    """It signs in no more.

    Raises:
        NotFound: the account has no such passkey.
    """
    if not await delete_passkey(tx, account_id, passkey_id):
        raise NotFound
    tx.audit("passkey.removed", subject_type="account", subject_id=account_id, before={"passkey_id": str(passkey_id)})
