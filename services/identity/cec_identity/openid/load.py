"""The first of the three steps: everything that a request names, as the database knows it."""

from __future__ import annotations

import base64
from uuid import UUID

import msgspec

from cec_chassis.database import Transaction
from cec_identity.clients.store import client_by_id, secrets_of
from cec_identity.openid.asked import Asked
from cec_identity.openid.issuing import digest_of
from cec_identity.openid.models import ClientModel
from cec_identity.openid.server import Loaded
from cec_identity.openid.store import presented_code, presented_refresh_token


class Signer(msgspec.Struct):
    """The one claim that is read before the signature is."""

    sub: str


async def loaded_for(tx: Transaction, asked: Asked, secret_key: bytes) -> Loaded:
    """Clients, code and refresh token that the request names. What is not there, or out of use, is not loaded."""
    parameters = asked.parameters
    code = parameters.get("code")
    refresh = parameters.get("refresh_token") or parameters.get("token")
    return Loaded(
        clients=await _clients(tx, asked, secret_key),
        code=await presented_code(tx, digest_of(code)) if code else None,
        refresh=await presented_refresh_token(tx, digest_of(refresh)) if refresh else None,
    )


async def _clients(tx: Transaction, asked: Asked, secret_key: bytes) -> dict[str, ClientModel]:
    found: dict[str, ClientModel] = {}
    for name in {asked.claimed_client(), asked.parameters.get("client_id"), _signer(asked)} - {None}:
        client_id = client_id_of(str(name))
        client = await client_by_id(tx, client_id) if client_id is not None else None
        if client is not None and client.active:
            found[str(name)] = ClientModel(client, await secrets_of(tx, client.client_id), secret_key, tx.now)
    return found


def _signer(asked: Asked) -> str | None:
    """Who signed the assertion, by its own word."""
    parts = asked.parameters.get("client_assertion", "").split(".")
    if len(parts) != 3:
        return None
    try:
        return msgspec.json.decode(_unpacked(parts[1]), type=Signer).sub
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def _unpacked(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def client_id_of(text: str) -> UUID | None:
    """Only in the one form that we give out, so that one client has one name."""
    try:
        value = UUID(text)
    except ValueError:
        return None
    return value if str(value) == text else None
