"""Tables of clients and their secrets."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    Row,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from cec_chassis.database import Transaction
from cec_contracts.vocabulary import AccountRole
from cec_identity.clients.domain import Client, ClientAuthentication, ClientKind, ClientNameTaken
from cec_identity.clients.secrets import ClientSecret
from cec_identity.tables import metadata

clients = Table(
    "clients",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False, unique=True),
    Column("organisation_id", Uuid, ForeignKey("organisations.id")),
    Column("authentication", Text, nullable=False),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("audiences", ARRAY(Text), nullable=False),
    Column("public_keys", JSONB),
    Column("redirect_uris", ARRAY(Text), nullable=False),
    Column("post_logout_redirect_uris", ARRAY(Text), nullable=False),
    Column("launch_url", Text, nullable=False),
    Column("roles", ARRAY(Text), nullable=False),
    Column("trusted", Boolean, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("registered_at", DateTime(timezone=True), nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
)
client_secrets = Table(
    "client_secrets",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("client_id", Uuid, ForeignKey("clients.id"), nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True)),
    Index("client_secrets_by_client", "client_id"),
)

COLUMNS = """id, kind, name, organisation_id, authentication, scopes, audiences, CAST(public_keys AS text) AS public_keys,
redirect_uris, post_logout_redirect_uris, launch_url, roles, trusted, active, version"""
INSERT = """
INSERT INTO clients (id, kind, name, organisation_id, authentication, scopes, audiences, public_keys, redirect_uris,
                     post_logout_redirect_uris, launch_url, roles, trusted, active, version, registered_at, changed_at)
VALUES (:id, :kind, :name, :organisation_id, :authentication, CAST(:scopes AS text[]), CAST(:audiences AS text[]),
        CAST(:public_keys AS jsonb), CAST(:redirect_uris AS text[]), CAST(:post_logout_redirect_uris AS text[]),
        :launch_url, CAST(:roles AS text[]), :trusted, :active, :version, :now, :now)
ON CONFLICT DO NOTHING RETURNING id
"""
UPDATE = """
UPDATE clients
SET name = :name, scopes = CAST(:scopes AS text[]), audiences = CAST(:audiences AS text[]),
    public_keys = CAST(:public_keys AS jsonb), redirect_uris = CAST(:redirect_uris AS text[]),
    post_logout_redirect_uris = CAST(:post_logout_redirect_uris AS text[]), launch_url = :launch_url,
    roles = CAST(:roles AS text[]), trusted = :trusted, active = :active, version = :version, changed_at = :now
WHERE id = :id AND NOT EXISTS (SELECT FROM clients other WHERE other.name = :name AND other.id <> :id)
"""
SELECT_SECRETS = """
SELECT id, digest, created_at, expires_at FROM client_secrets
WHERE client_id = :client_id AND (expires_at IS NULL OR expires_at > :now) ORDER BY created_at, id
"""


def client_of(row: Row[Any]) -> Client:
    """A row with COLUMNS as the value."""
    return Client(
        client_id=row.id,
        kind=ClientKind(row.kind),
        name=row.name,
        organisation_id=row.organisation_id,
        authentication=ClientAuthentication(row.authentication),
        scopes=tuple(row.scopes),
        audiences=tuple(row.audiences),
        public_keys=None if row.public_keys is None else msgspec.json.decode(row.public_keys),
        redirect_uris=tuple(row.redirect_uris),
        post_logout_redirect_uris=tuple(row.post_logout_redirect_uris),
        launch_url=row.launch_url,
        roles=frozenset(AccountRole(role) for role in row.roles),
        trusted=row.trusted,
        active=row.active,
        version=row.version,
    )


async def client_by_id(tx: Transaction, client_id: UUID) -> Client | None:
    """The client as it is at this moment."""
    row = await tx.one_or_none(f"SELECT {COLUMNS} FROM clients WHERE id = :id", id=client_id)
    return None if row is None else client_of(row)


async def client_for_change(tx: Transaction, client_id: UUID) -> Client | None:
    """The client, which nobody else can change until `tx` ends."""
    row = await tx.one_or_none(f"SELECT {COLUMNS} FROM clients WHERE id = :id FOR UPDATE", id=client_id)
    return None if row is None else client_of(row)


async def insert_client(tx: Transaction, client: Client) -> None:
    """Raises ClientNameTaken."""
    if await tx.one_or_none(INSERT, **_columns(client), now=tx.now) is None:
        raise ClientNameTaken


async def update_client(tx: Transaction, client: Client) -> None:
    """Raises ClientNameTaken. The row is held by `client_for_change`."""
    columns = _columns(client)
    for fixed in ("kind", "organisation_id", "authentication"):
        del columns[fixed]
    if (await tx.execute(UPDATE, **columns, now=tx.now)).rowcount != 1:
        raise ClientNameTaken


async def secrets_of(tx: Transaction, client_id: UUID) -> list[ClientSecret]:
    """Those that count now, the oldest first."""
    return [
        ClientSecret(secret_id=row.id, digest=row.digest, created_at=row.created_at, expires_at=row.expires_at)
        for row in await tx.all(SELECT_SECRETS, client_id=client_id, now=tx.now)
    ]


async def insert_secret(tx: Transaction, client_id: UUID, secret: ClientSecret) -> None:
    await tx.execute(
        "INSERT INTO client_secrets (id, client_id, digest, created_at) VALUES (:id, :client_id, :digest, :now)",
        id=secret.secret_id,
        client_id=client_id,
        digest=secret.digest,
        now=secret.created_at,
    )


async def end_secrets(tx: Transaction, ends: Iterable[tuple[UUID, datetime]]) -> None:
    """Each secret stops counting at its moment."""
    listed = list(ends)
    await tx.execute(
        """
        UPDATE client_secrets SET expires_at = news.at
        FROM unnest(CAST(:ids AS uuid[]), CAST(:ats AS timestamptz[])) AS news (id, at)
        WHERE client_secrets.id = news.id
        """,
        ids=[secret_id for secret_id, _ in listed],
        ats=[at for _, at in listed],
    )


def _columns(client: Client) -> dict[str, Any]:
    return {
        "id": client.client_id,
        "kind": client.kind.value,
        "name": client.name,
        "organisation_id": client.organisation_id,
        "authentication": client.authentication.value,
        "scopes": list(client.scopes),
        "audiences": list(client.audiences),
        "public_keys": None if client.public_keys is None else msgspec.json.encode(client.public_keys).decode(),
        "redirect_uris": list(client.redirect_uris),
        "post_logout_redirect_uris": list(client.post_logout_redirect_uris),
        "launch_url": client.launch_url,
        "roles": sorted(role.value for role in client.roles),
        "trusted": client.trusted,
        "active": client.active,
        "version": client.version,
    }
