"""Clients over HTTP: for system administrators; and the launcher, for everybody who has signed in."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Meta

from cec_chassis.database import Database, Transaction
from cec_chassis.http import HttpRequest, Page, Paging, Request, needs, run_command
from cec_chassis.problems import NotFound
from cec_contracts.vocabulary import AccountRole
from cec_identity.clients.change_client import change_client, disable_client
from cec_identity.clients.domain import LONGEST_ADDRESS, ClientAuthentication, ClientDetails, ClientKind
from cec_identity.clients.queries import (
    ClientDetailView,
    ClientView,
    LauncherEntry,
    applications_for,
    client_detail,
    client_view,
    clients_page,
)
from cec_identity.clients.register_client import register_client
from cec_identity.clients.rotate_secret import rotate_secret
from cec_identity.clients.secrets import LONGEST_GRACE
from cec_identity.settings import IdentitySettings
from cec_identity.vault import Vault

READING = needs("identity.clients.read")
MANAGING = needs("identity.clients.manage")
_NOT_KEPT = {"Cache-Control": "no-store", "Pragma": "no-cache"}
Address = Annotated[str, Meta(max_length=LONGEST_ADDRESS)]
Addresses = Annotated[tuple[Address, ...], Meta(max_length=20)]
Reason = Annotated[str, Meta(min_length=1, max_length=400, description="事由")]


class ClientRequest(Request, kw_only=True):
    """What a client is called and may do. Machine accounts have audiences, applications addresses and roles."""

    name: Annotated[str, Meta(min_length=1, max_length=100, description="名稱")]
    scopes: Annotated[tuple[str, ...], Meta(min_length=1, max_length=40, description="授權範圍")]
    audiences: Annotated[tuple[Annotated[str, Meta(max_length=200)], ...], Meta(max_length=10)] = ()
    public_keys: dict[str, Any] | None = None
    redirect_uris: Addresses = ()
    post_logout_redirect_uris: Addresses = ()
    launch_url: Address = ""
    roles: Annotated[tuple[AccountRole, ...], Meta(max_length=10)] = ()
    trusted: bool = False

    def details(self) -> ClientDetails:
        """Not checked yet: what is acceptable depends on the kind of client."""
        return ClientDetails(
            name=self.name,
            scopes=self.scopes,
            audiences=self.audiences,
            public_keys=self.public_keys,
            redirect_uris=self.redirect_uris,
            post_logout_redirect_uris=self.post_logout_redirect_uris,
            launch_url=self.launch_url,
            roles=self.roles,
            trusted=self.trusted,
        )


class RegisterClientRequest(ClientRequest, kw_only=True):
    """A new client. Its kind and how it shows who it is are for ever."""

    kind: ClientKind
    authentication: ClientAuthentication = ClientAuthentication.SECRET
    organisation_id: UUID | None = None


class ChangeClientRequest(ClientRequest, kw_only=True):
    """The client as it shall be, whole."""

    reason: Reason


class RotateSecretRequest(Request):
    """Why, and for how long the secret before still counts."""

    reason: Reason
    grace_hours: Annotated[int, Meta(ge=0, le=int(LONGEST_GRACE.total_seconds()) // 3600)] = 24


class DisableClientRequest(Request):
    """Why."""

    reason: Reason


class RegisteredClient(ClientView, kw_only=True):
    """The new client. The secret is told this once and cannot be read again; lost, it is rotated."""

    client_secret: str | None

    def __repr__(self) -> str:
        """Without the secret."""
        return f"RegisteredClient(client_id={self.client_id})"


class RotatedSecret(msgspec.Struct, kw_only=True):
    """The new secret, told this once; the one before counts until `older_until`."""

    client_id: UUID
    client_secret: str
    older_until: datetime | None

    def __repr__(self) -> str:
        """Without the secret."""
        return f"RotatedSecret(client_id={self.client_id})"


class ClientController(Controller):
    path = "/clients"
    tags = ("clients",)

    @post("/", opt={"never_replayed": True}, guards=[MANAGING])
    async def register_client(
        self,
        request: HttpRequest,
        data: JSONBody[RegisterClientRequest],
        database: NamedDependency[Database],
        settings: NamedDependency[IdentitySettings],
        vault: NamedDependency[Vault],
    ) -> Response[RegisteredClient]:
        """Register another system or an application. 409 `client-name-taken`."""
        details = data.details().checked(data.kind, data.authentication, settings.token_audience)
        # Not a command that is answered again under its key: the answer holds a secret, and is kept nowhere.
        async with database.transaction(request.command_context()) as tx:
            client, secret = await register_client(
                tx, data.kind, data.authentication, details, data.organisation_id, vault.client_secret_key
            )
        view = RegisteredClient(**msgspec.structs.asdict(client_view(client)), client_secret=secret)
        return Response(view, status_code=201, headers=_NOT_KEPT)

    @put("/{client_id:uuid}", guards=[MANAGING])
    async def change_client(
        self,
        request: HttpRequest,
        client_id: FromPath[UUID],
        data: JSONBody[ChangeClientRequest],
        database: NamedDependency[Database],
        settings: NamedDependency[IdentitySettings],
    ) -> Response[ClientView]:
        """Change what a client may do. 404, 409 `client-disabled`, `client-name-taken`."""

        async def command(tx: Transaction) -> ClientView:
            return client_view(await change_client(tx, client_id, data.details(), settings.token_audience, data.reason))

        return await run_command(request, database, command)

    @post("/{client_id:uuid}/secrets", opt={"never_replayed": True}, guards=[MANAGING])
    async def rotate_client_secret(
        self,
        request: HttpRequest,
        client_id: FromPath[UUID],
        data: JSONBody[RotateSecretRequest],
        database: NamedDependency[Database],
        vault: NamedDependency[Vault],
    ) -> Response[RotatedSecret]:
        """A new secret; the one before counts for a while yet. 404, 409 `client-disabled`, `client-has-no-secret`."""
        grace = timedelta(hours=data.grace_hours)
        async with database.transaction(request.command_context()) as tx:
            _, secret, older = await rotate_secret(tx, client_id, grace, data.reason, vault.client_secret_key)
        view = RotatedSecret(client_id=client_id, client_secret=secret, older_until=older)
        return Response(view, status_code=201, headers=_NOT_KEPT)

    @post("/{client_id:uuid}/disable", status_code=200, guards=[MANAGING])
    async def disable_client(
        self,
        request: HttpRequest,
        client_id: FromPath[UUID],
        data: JSONBody[DisableClientRequest],
        database: NamedDependency[Database],
    ) -> Response[ClientView]:
        """Give it no more tokens, for ever. 404, 409 `client-disabled`."""

        async def command(tx: Transaction) -> ClientView:
            return client_view(await disable_client(tx, client_id, data.reason))

        return await run_command(request, database, command)

    @get("/", guards=[READING])
    async def list_clients(
        self,
        database: NamedDependency[Database],
        paging: NamedDependency[Paging],
        kind: FromQuery[ClientKind | None] = None,
    ) -> Page[ClientView]:
        """Clients by name, disabled ones too."""
        async with database.reading() as tx:
            return await clients_page(tx, paging, kind)

    @get("/{client_id:uuid}", guards=[READING])
    async def read_client(self, client_id: FromPath[UUID], database: NamedDependency[Database]) -> ClientDetailView:
        """One client, and how long its secrets count. 404."""
        async with database.reading() as tx:
            view = await client_detail(tx, client_id)
        if view is None:
            raise NotFound
        return view


class LauncherController(Controller):
    tags = ("clients",)

    @get("/portal/applications", guards=[needs("identity.launcher.read")])
    async def my_applications(self, request: HttpRequest, database: NamedDependency[Database]) -> list[LauncherEntry]:
        """The applications 應用系統 that the caller may use, the portal's own first."""
        async with database.reading() as tx:
            return await applications_for(tx, request.user.role)
