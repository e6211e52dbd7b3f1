"""Register a client."""

from __future__ import annotations

from uuid import UUID

from cec_chassis.database import Transaction
from cec_chassis.ids import new_id
from cec_chassis.problems import FieldError, ValidationFailed
from cec_identity.clients.domain import Client, ClientAuthentication, ClientDetails, ClientKind
from cec_identity.clients.queries import client_view
from cec_identity.clients.secrets import ClientSecret, digest_of, new_secret
from cec_identity.clients.store import insert_client, insert_secret
from cec_identity.organisations.store import organisation_in_use


async def register_client(
    tx: Transaction,
    kind: ClientKind,
    authentication: ClientAuthentication,
    details: ClientDetails,
    organisation_id: UUID | None,
    secret_key: bytes,
) -> tuple[Client, str | None]:
    """The new client, and its secret in plain, which is never seen again. `details` are checked.

    Raises:
        ValidationFailed: there is no such organisation in use.
        ClientNameTaken: names are what people who consent go by.
    """
    if organisation_id is not None:
        organisation = await organisation_in_use(tx, organisation_id)
        if organisation is None or not organisation.active:
            raise ValidationFailed(
                errors=[FieldError("body.organisation_id", "unknown-organisation", "查無此單位 / No such organisation")]
            )
    client = Client(
        client_id=new_id(),
        kind=kind,
        authentication=authentication,
        organisation_id=organisation_id,
        name=details.name,
        scopes=details.scopes,
        audiences=details.audiences,
        public_keys=details.public_keys,
        redirect_uris=details.redirect_uris,
        post_logout_redirect_uris=details.post_logout_redirect_uris,
        launch_url=details.launch_url,
        roles=frozenset(details.roles),
        trusted=details.trusted,
    )
    await insert_client(tx, client)
    secret = await give_secret(tx, client, secret_key) if authentication is ClientAuthentication.SECRET else None
    tx.audit("client.registered", subject_type="client", subject_id=client.client_id, after=client_view(client))
    return client, secret


async def give_secret(tx: Transaction, client: Client, secret_key: bytes) -> str:
    """A new secret of the client, in plain."""
    secret = new_secret()
    kept = ClientSecret(secret_id=new_id(), digest=digest_of(secret, secret_key), created_at=tx.now)
    await insert_secret(tx, client.client_id, kept)
    return secret
