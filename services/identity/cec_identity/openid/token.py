"""The token endpoint: tokens for a code, for a refresh token, or for a machine account itself."""

from __future__ import annotations

from authlib.oauth2.rfc6749 import InvalidClientError

from cec_chassis.database import Transaction
from cec_identity.openid.asked import Asked
from cec_identity.openid.issuing import Issuing, digest_of
from cec_identity.openid.load import loaded_for
from cec_identity.openid.models import CodeModel, Grant
from cec_identity.openid.server import Answer, Decided, Server
from cec_identity.openid.store import (
    end_grant,
    insert_client_refresh_token,
    keep_assertion,
    mark_client_refresh_token_used,
    mark_code_used,
)
from cec_identity.settings import IdentitySettings
from cec_identity.signing_keys.store import current_key
from cec_identity.vault import Vault


async def exchange(tx: Transaction, asked: Asked, settings: IdentitySettings, vault: Vault) -> Answer:
    """What the client gets. Also a refusal is to be committed: a code that was tried is used up, a copy ends a grant.

    Raises:
        InvalidClientError: the assertion was used before; nothing of this request may stand then.
    """
    loaded = await loaded_for(tx, asked, vault.client_secret_key)
    issuing = Issuing(await current_key(tx, vault.signing_keys), settings, tx.now)
    server = Server(loaded, issuing)
    answer: Answer = server.create_token_response(asked)
    await _keep(tx, server.decided, answer, settings)
    return answer


async def revoke(tx: Transaction, asked: Asked, settings: IdentitySettings, vault: Vault) -> Answer:
    """Ends the grant of the refresh token that a client gives back. An unknown token is no fault (RFC 7009).

    Raises:
        InvalidClientError: the assertion was used before.
    """
    loaded = await loaded_for(tx, asked, vault.client_secret_key)
    issuing = Issuing(await current_key(tx, vault.signing_keys), settings, tx.now)
    server = Server(loaded, issuing)
    answer: Answer = server.create_endpoint_response("revocation", asked)
    await _once(tx, server.decided)
    if server.decided.revoked is not None:
        await _end(tx, server.decided.revoked, "revoked-by-client")
    return answer


async def _keep(tx: Transaction, decided: Decided, answer: Answer, settings: IdentitySettings) -> None:
    await _once(tx, decided)
    if decided.replayed is not None:
        await _end(tx, decided.replayed, "presented-twice")
    presented = decided.presented
    if isinstance(presented, CodeModel):
        await mark_code_used(tx, presented.digest)
    elif presented is not None:
        await mark_client_refresh_token_used(tx, presented.digest)
    if answer.status != 200:
        return
    if decided.machine is not None:
        client = decided.machine.client
        tx.audit(
            "client.token_issued",
            subject_type="client",
            subject_id=client.client_id,
            after={"scopes": decided.scopes},
        )
    if presented is not None and decided.refresh_token is not None:
        expires_at = min(tx.now + settings.refresh_token_lifetime, presented.grant.session_ends_at)
        await insert_client_refresh_token(tx, presented.grant.grant_id, digest_of(decided.refresh_token), expires_at)
    if isinstance(presented, CodeModel):
        tx.audit(
            "application.signed_in",
            subject_type="account",
            subject_id=presented.grant.account_id,
            after={"client_id": str(presented.grant.client_id), "scopes": presented.grant.scopes},
        )


async def _once(tx: Transaction, decided: Decided) -> None:
    if decided.assertion is not None and not await keep_assertion(tx, decided.assertion):
        raise InvalidClientError(status_code=401, description="The assertion was used before.")


async def _end(tx: Transaction, grant: Grant, reason: str) -> None:
    if await end_grant(tx, grant.grant_id, reason):
        tx.audit(
            "application.grant_ended",
            subject_type="account",
            subject_id=grant.account_id,
            reason=reason,
            after={"client_id": str(grant.client_id)},
        )
