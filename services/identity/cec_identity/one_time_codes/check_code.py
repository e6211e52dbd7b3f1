"""Check a second factor: a one-time code, or a recovery code in its place."""

from __future__ import annotations

from uuid import UUID

from cec_chassis.database import Transaction
from cec_identity.one_time_codes.domain import recovery_digest, step_of_code
from cec_identity.one_time_codes.store import enrolment_of, recovery_codes_left, use_recovery_code, use_step
from cec_identity.sealing import Sealer


async def enrolled(tx: Transaction, account_id: UUID) -> bool:
    """Whether the account asks for a code at sign-in."""
    enrolment = await enrolment_of(tx, account_id)
    return enrolment is not None and enrolment.confirmed_at is not None


async def code_holds(tx: Transaction, account_id: UUID, code: str, sealer: Sealer) -> bool:
    """Whether the code is the one of this moment and new; it is used up then. The secret need not be confirmed yet."""
    enrolment = await enrolment_of(tx, account_id)
    if enrolment is None:
        return False
    secret = sealer.open(enrolment.secret_sealed, belongs_to=str(account_id)).decode()
    step = step_of_code(secret, code, tx.now)
    return step is not None and await use_step(tx, account_id, step)


async def recovery_code_holds(tx: Transaction, account_id: UUID, code: str) -> bool:
    """Whether it is a recovery code of the account that was not used; it is used up and audited then."""
    if not await use_recovery_code(tx, account_id, recovery_digest(code)):
        return False
    left = await recovery_codes_left(tx, account_id)
    tx.audit("recovery_code.used", subject_type="account", subject_id=account_id, after={"left": left})
    return True
