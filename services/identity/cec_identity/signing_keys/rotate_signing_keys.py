"""Rotate the signing keys: next becomes current, current retires, a new one becomes next."""

from __future__ import annotations

from datetime import timedelta

from cec_chassis.database import Transaction
from cec_chassis.tokens import ACCESS_TOKEN_LIFETIME
from cec_identity.sealing import Sealer
from cec_identity.signing_keys.domain import SigningKey, rotated
from cec_identity.signing_keys.store import hold_key_set, keys_in_set, new_key_pair, save_key_set


async def rotate_signing_keys(
    tx: Transaction, sealer: Sealer, settle: timedelta, reason: str
) -> tuple[SigningKey, ...]:
    """The set after the rotation. Tokens signed before it stay good until they expire.

    Raises:
        NextKeyTooYoung: the next key was made less than `settle` ago.
    """
    version = await hold_key_set(tx)
    known = await keys_in_set(tx)
    fresh = new_key_pair()
    keys = rotated(known, fresh.fresh, tx.now, settle=settle, token_lifetime=ACCESS_TOKEN_LIFETIME)
    await save_key_set(tx, keys, (fresh,), sealer, version)
    tx.audit(
        "signing_keys.rotated",
        subject_type="signing_keys",
        subject_id="signing-keys",
        reason=reason,
        before={key.kid: key.status.value for key in known},
        after={key.kid: key.status.value for key in keys},
    )
    return keys
