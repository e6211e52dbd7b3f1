"""Signing keys over HTTP: the public set for everybody, rotation for system administrators."""

from __future__ import annotations

from typing import Annotated

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta

from cec_chassis.database import Database, Transaction
from cec_chassis.http import HttpRequest, Request, needs, run_command
from cec_identity.settings import IdentitySettings
from cec_identity.signing_keys.queries import JsonWebKeySet, SigningKeysView, json_web_key_set, signing_keys_view
from cec_identity.signing_keys.rotate_signing_keys import rotate_signing_keys
from cec_identity.signing_keys.store import keys_in_set
from cec_identity.vault import Vault


class RotateRequest(Request):
    """Why."""

    reason: Annotated[str, Meta(min_length=1, max_length=400, description="更換原因")]


class SigningKeyController(Controller):
    tags = ("signing keys",)

    @get("/.well-known/jwks.json", guards=[needs("identity.signing_keys.read")])
    async def read_key_set(self, database: NamedDependency[Database]) -> Response[JsonWebKeySet]:
        """The public keys that verify access tokens (RFC 7517)."""
        async with database.reading() as tx:
            keys = await keys_in_set(tx)
        return Response(json_web_key_set(keys), headers={"Cache-Control": "public, max-age=60"})

    @post("/signing-keys/rotate", status_code=200, guards=[needs("identity.signing_keys.rotate")])
    async def rotate_keys(
        self,
        request: HttpRequest,
        data: JSONBody[RotateRequest],
        database: NamedDependency[Database],
        settings: NamedDependency[IdentitySettings],
        vault: NamedDependency[Vault],
    ) -> Response[SigningKeysView]:
        """Let the next key sign from now on. Tokens in hand stay good. 409 `next-key-too-young`."""

        async def command(tx: Transaction) -> SigningKeysView:
            keys = await rotate_signing_keys(tx, vault.signing_keys, settings.signing_key_settle, data.reason)
            return signing_keys_view(keys)

        return await run_command(request, database, command)
