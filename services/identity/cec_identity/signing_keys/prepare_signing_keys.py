"""Make the first signing keys; part of `migrate`, safe to run again and by several processes at once."""

from __future__ import annotations

from datetime import timedelta

from cec_chassis.database import Database, Transaction
from cec_identity.sealing import Sealer
from cec_identity.signing_keys.domain import first_set
from cec_identity.signing_keys.store import current_key, hold_key_set, new_key_pair, save_key_set


async def prepare_signing_keys(database: Database, sealer: Sealer, settle: timedelta) -> None:
    """Makes the first set, or makes sure that the known one can be opened.

    Raises:
        CannotUnseal: CEC_SECRET_KEY is another one than that which sealed the keys; better now than at a sign-in.
    """
    async with database.transaction() as tx:
        version = await hold_key_set(tx)
        if version == 0:
            await _make_first_set(tx, sealer, settle)
        else:
            await current_key(tx, sealer)


async def _make_first_set(tx: Transaction, sealer: Sealer, settle: timedelta) -> None:
    current, following = new_key_pair(), new_key_pair()
    keys = first_set(current.fresh, following.fresh, tx.now, settle)
    await save_key_set(tx, keys, (current, following), sealer, 0)
    tx.audit(
        "signing_keys.prepared",
        subject_type="signing_keys",
        subject_id="signing-keys",
        after={key.status.value: key.kid for key in keys},
    )
