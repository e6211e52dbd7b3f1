"""Sign out: the session and every refresh token of it end."""

from __future__ import annotations

from cec_chassis.database import Transaction
from cec_identity.sign_in.domain import digest_of
from cec_identity.sign_in.store import end_session, presented


async def sign_out(tx: Transaction, token: str) -> None:
    """Ends the session of the refresh token, used or not. An unknown token or an ended session is no fault."""
    found = await presented(tx, digest_of(token))
    if found is not None and await end_session(tx, found.session.session_id, "signed-out"):
        tx.audit(
            "session.ended",
            subject_type="account",
            subject_id=found.session.account_id,
            reason="signed out",
            after={"session_id": str(found.session.session_id)},
        )
