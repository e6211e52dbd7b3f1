"""What a client gets to go on with: an access token for the next minutes and a refresh token for the next time."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

import msgspec

from cec_chassis.database import Transaction
from cec_chassis.tokens import ACCESS_TOKEN_LIFETIME, AccessTokenClaims, sign_access_token
from cec_contracts.vocabulary import AccountRole
from cec_identity.accounts.domain import Account
from cec_identity.settings import IdentitySettings
from cec_identity.sign_in.domain import Session, digest_of, expiry_of_token, new_refresh_token
from cec_identity.sign_in.store import insert_refresh_token
from cec_identity.signing_keys.store import current_key
from cec_identity.vault import Vault


class Tokens(msgspec.Struct, kw_only=True):
    """The answer to a sign-in and to a refresh. `expires_in` is seconds; the refresh token is good once."""

    access_token: str
    token_type: str = "Bearer"  # noqa: S105 - RFC 6750
    expires_in: int
    refresh_token: str
    refresh_token_expires_at: datetime
    session_id: UUID
    device_token: str | None = None
    """Only after a sign-in with a device that the account did not know: to be kept and sent along the next time."""
    account_id: UUID
    name: str
    role: AccountRole
    organisation_id: UUID | None
    practitioner_id: UUID | None

    def __repr__(self) -> str:
        """Without the tokens."""
        return f"Tokens(account_id={self.account_id})"


async def issue_tokens(
    tx: Transaction,
    account: Account,
    session: Session,
    settings: IdentitySettings,
    vault: Vault,
    device_token: str | None = None,
) -> Tokens:
    """New tokens for a session that lives."""
    actor = replace(
        account.actor(),
        session_id=session.session_id,
        authenticated_at=session.authenticated_at,
        methods=session.methods,
    )
    key = await current_key(tx, vault.signing_keys)
    claims = AccessTokenClaims.of(actor, issuer=settings.token_issuer, audience=settings.token_audience, now=tx.now)
    refresh_token = new_refresh_token()
    expires_at = expiry_of_token(tx.now, session.ends_at, settings.refresh_token_lifetime)
    await insert_refresh_token(tx, session.session_id, digest_of(refresh_token), expires_at)
    return Tokens(
        access_token=sign_access_token(claims, kid=key.kid, private_jwk=key.private_jwk),
        expires_in=int(ACCESS_TOKEN_LIFETIME.total_seconds()),
        refresh_token=refresh_token,
        refresh_token_expires_at=expires_at,
        session_id=session.session_id,
        device_token=device_token,
        account_id=account.account_id,
        name=account.name,
        role=account.role,
        organisation_id=account.organisation_id,
        practitioner_id=account.practitioner_id,
    )
