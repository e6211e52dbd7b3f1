"""What is told about clients."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from cec_chassis.database import Transaction
from cec_chassis.http import Page, Paging
from cec_contracts.vocabulary import AccountRole
from cec_identity.clients.domain import Client, ClientAuthentication, ClientKind
from cec_identity.clients.secrets import ClientSecret
from cec_identity.clients.store import COLUMNS, client_by_id, client_of, secrets_of

_FILTER = "WHERE (CAST(:kind AS text) IS NULL OR kind = :kind)"
_MINE = f"""
SELECT {COLUMNS} FROM clients WHERE kind = :kind AND active AND :role = ANY(roles) ORDER BY trusted DESC, name
"""


class ClientView(msgspec.Struct, kw_only=True):
    """A client as administrators see it; no secret."""

    client_id: UUID
    kind: ClientKind
    name: str
    organisation_id: UUID | None
    authentication: ClientAuthentication
    scopes: tuple[str, ...]
    audiences: tuple[str, ...]
    public_keys: dict[str, Any] | None
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...]
    launch_url: str
    roles: tuple[AccountRole, ...]
    trusted: bool
    active: bool
    version: int


class SecretView(msgspec.Struct, kw_only=True):
    """That there is a secret, and how long it counts; never the secret."""

    secret_id: UUID
    created_at: datetime
    expires_at: datetime | None


class ClientDetailView(ClientView, kw_only=True):
    """A client with its secrets, the oldest first: two while one is being replaced."""

    secrets: tuple[SecretView, ...]


class LauncherEntry(msgspec.Struct, kw_only=True):
    """An application that the caller may use. Without `launch_url` it is granted and not open yet."""

    client_id: UUID
    name: str
    launch_url: str
    granted_by_default: bool


def client_view(client: Client) -> ClientView:
    """The view of a value in hand."""
    return ClientView(**_facts(client))


def secret_view(secret: ClientSecret) -> SecretView:
    return SecretView(secret_id=secret.secret_id, created_at=secret.created_at, expires_at=secret.expires_at)


async def client_detail(tx: Transaction, client_id: UUID) -> ClientDetailView | None:
    """One client, or None."""
    client = await client_by_id(tx, client_id)
    if client is None:
        return None
    secrets = tuple(secret_view(secret) for secret in await secrets_of(tx, client_id))
    return ClientDetailView(**_facts(client), secrets=secrets)


async def clients_page(tx: Transaction, paging: Paging, kind: ClientKind | None) -> Page[ClientView]:
    """Clients by name; disabled ones too."""
    wanted = {"kind": kind.value if kind else None}
    total = await tx.scalar(f"SELECT count(*) FROM clients {_FILTER}", **wanted)
    rows = await tx.all(
        f"SELECT {COLUMNS} FROM clients {_FILTER} ORDER BY name LIMIT :limit OFFSET :offset",
        **wanted,
        limit=paging.limit,
        offset=paging.offset,
    )
    return paging.of([client_view(client_of(row)) for row in rows], total)


async def applications_for(tx: Transaction, role: str) -> list[LauncherEntry]:
    """Applications whose users have this role: the portal's own first."""
    rows = await tx.all(_MINE, kind=ClientKind.APPLICATION.value, role=role)
    return [
        LauncherEntry(
            client_id=client.client_id,
            name=client.name,
            launch_url=client.launch_url,
            granted_by_default=client.trusted,
        )
        for client in map(client_of, rows)
    ]


def _facts(client: Client) -> dict[str, Any]:
    return {
        "client_id": client.client_id,
        "kind": client.kind,
        "name": client.name,
        "organisation_id": client.organisation_id,
        "authentication": client.authentication,
        "scopes": client.scopes,
        "audiences": client.audiences,
        "public_keys": client.public_keys,
        "redirect_uris": client.redirect_uris,
        "post_logout_redirect_uris": client.post_logout_redirect_uris,
        "launch_url": client.launch_url,
        "roles": tuple(sorted(client.roles)),
        "trusted": client.trusted,
        "active": client.active,
        "version": client.version,
    }
