"""Change what a client may do, or disable it."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from cec_chassis.database import Transaction
from cec_chassis.problems import NotFound
from cec_identity.clients.domain import Client, ClientDetails, ClientDisabled
from cec_identity.clients.queries import client_view
from cec_identity.clients.store import client_for_change, end_secrets, secrets_of, update_client
from cec_identity.openid.store import end_grants_of_client


async def change_client(
    tx: Transaction, client_id: UUID, details: ClientDetails, own_audience: str, reason: str
) -> Client:
    """The client as it now is. What it may do less it cannot do any more within the ten minutes of a token.

    Raises:
        NotFound, ClientDisabled, ClientNameTaken.
        ValidationFailed: the details do not go with the kind of client it is.
    """
    client = await _living(tx, client_id)
    checked = details.checked(client.kind, client.authentication, own_audience)
    changed = replace(
        client,
        name=checked.name,
        scopes=checked.scopes,
        audiences=checked.audiences,
        public_keys=checked.public_keys,
        redirect_uris=checked.redirect_uris,
        post_logout_redirect_uris=checked.post_logout_redirect_uris,
        launch_url=checked.launch_url,
        roles=frozenset(checked.roles),
        trusted=checked.trusted,
        version=client.version + 1,
    )
    await update_client(tx, changed)
    if not set(client.scopes) <= set(changed.scopes):
        await end_grants_of_client(tx, client_id, "client-changed")
    tx.audit(
        "client.changed",
        subject_type="client",
        subject_id=client_id,
        reason=reason,
        before=client_view(client),
        after=client_view(changed),
    )
    return changed


async def disable_client(tx: Transaction, client_id: UUID, reason: str) -> Client:
    """The client, which gets no token any more; its secrets and whatever people granted to it end.

    Raises:
        NotFound, ClientDisabled.
    """
    client = await _living(tx, client_id)
    disabled = replace(client, active=False, version=client.version + 1)
    await update_client(tx, disabled)
    await end_secrets(tx, [(secret.secret_id, tx.now) for secret in await secrets_of(tx, client_id)])
    await end_grants_of_client(tx, client_id, "client-disabled")
    tx.audit(
        "client.disabled",
        subject_type="client",
        subject_id=client_id,
        reason=reason,
        before=client_view(client),
        after=client_view(disabled),
    )
    return disabled


async def _living(tx: Transaction, client_id: UUID) -> Client:
    client = await client_for_change(tx, client_id)
    if client is None:
        raise NotFound
    if not client.active:
        raise ClientDisabled
    return client
