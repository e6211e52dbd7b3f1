"""Rotate a client's secret: a new one counts at once, the one before it for a while yet."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from cec_chassis.database import Transaction
from cec_chassis.problems import NotFound
from cec_identity.clients.domain import Client, ClientAuthentication, ClientDisabled, NoSecretToRotate
from cec_identity.clients.register_client import give_secret
from cec_identity.clients.secrets import expiries_after_rotation
from cec_identity.clients.store import client_for_change, end_secrets, secrets_of


async def rotate_secret(
    tx: Transaction, client_id: UUID, grace: timedelta, reason: str, secret_key: bytes
) -> tuple[Client, str, datetime | None]:
    """The client, its new secret in plain, and until when the one before still counts. At most two ever do.

    Raises:
        NotFound, ClientDisabled.
        NoSecretToRotate: the client has none.
    """
    client = await client_for_change(tx, client_id)
    if client is None:
        raise NotFound
    if not client.active:
        raise ClientDisabled
    if client.authentication is not ClientAuthentication.SECRET:
        raise NoSecretToRotate
    ends = expiries_after_rotation(await secrets_of(tx, client_id), tx.now, grace)
    await end_secrets(tx, ends.items())
    secret = await give_secret(tx, client, secret_key)
    older = max(ends.values(), default=None)
    tx.audit(
        "client.secret_rotated",
        subject_type="client",
        subject_id=client_id,
        reason=reason,
        after={"older_until": older},
    )
    return client, secret, older
