"""Refresh: a new access token and a new refresh token for a used-up one."""

from __future__ import annotations

from cec_chassis.database import Transaction
from cec_identity.accounts.store import account_by_id
from cec_identity.settings import IdentitySettings
from cec_identity.sign_in.domain import (
    RefreshTokenInvalid,
    RefreshTokenReused,
    SessionEnded,
    Worth,
    digest_of,
    worth_of,
)
from cec_identity.sign_in.store import end_session, mark_used, presented
from cec_identity.sign_in.tokens import Tokens, issue_tokens
from cec_identity.vault import Vault


async def refresh(
    tx: Transaction, token: str, settings: IdentitySettings, vault: Vault
) -> Tokens | RefreshTokenInvalid | RefreshTokenReused | SessionEnded:
    """New tokens, or the refusal. It is returned and not raised: the end of a session must be committed with it."""
    found = await presented(tx, digest_of(token))
    if found is None:
        return RefreshTokenInvalid()
    # Not locked: whoever disables it ends the session next, and waits for us there. Two locks would be a deadlock.
    account = await account_by_id(tx, found.session.account_id)
    active = account is not None and account.active
    match worth_of(found.token, found.session, tx.now, account_active=active):
        case Worth.GOOD if account is not None:
            await mark_used(tx, found.token.digest)
            return await issue_tokens(tx, account, found.session, settings, vault)
        case Worth.REUSED:
            await end_session(tx, found.session.session_id, "refresh-token-reused")
            tx.audit(
                "session.revoked",
                subject_type="account",
                subject_id=found.session.account_id,
                reason="refresh token reused",
                after={"session_id": str(found.session.session_id)},
            )
            return RefreshTokenReused()
    return SessionEnded()
