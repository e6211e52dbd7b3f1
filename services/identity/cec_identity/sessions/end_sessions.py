"""End one session of an account, or all of them."""

from __future__ import annotations

from uuid import UUID

from cec_chassis.database import Transaction
from cec_chassis.problems import NotFound
from cec_identity.accounts.store import account_by_id
from cec_identity.lockout.devices import forget_devices_of
from cec_identity.sign_in.challenges import drop_challenges_of
from cec_identity.sign_in.store import end_session, end_sessions_of


async def end_one(tx: Transaction, account_id: UUID, session_id: UUID, reason: str) -> None:
    """Its refresh tokens are worth nothing any more; its access token is gone within ten minutes. Ending it twice is no
    fault.

    Raises:
        NotFound: the account has no such session.
    """
    known = await tx.scalar(
        "SELECT EXISTS (SELECT FROM sessions WHERE id = :id AND account_id = :account_id)",
        id=session_id,
        account_id=account_id,
    )
    if not known:
        raise NotFound
    if await end_session(tx, session_id, "ended-by-request"):
        tx.audit(
            "session.ended",
            subject_type="account",
            subject_id=account_id,
            reason=reason,
            after={"session_id": str(session_id)},
        )


async def end_all(tx: Transaction, account_id: UUID, reason: str) -> int:
    """How many there were. The account knows no device any more: one of them may be in foreign hands.

    Raises:
        NotFound: there is no such account.
    """
    if await account_by_id(tx, account_id) is None:
        raise NotFound
    ended = await end_sessions_of(tx, account_id, "ended-by-request")
    await drop_challenges_of(tx, account_id)
    await forget_devices_of(tx, account_id)
    tx.audit(
        "sessions.ended", subject_type="account", subject_id=account_id, reason=reason, after={"sessions_ended": ended}
    )
    return ended
