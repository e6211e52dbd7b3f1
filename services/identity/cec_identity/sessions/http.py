"""Sessions over HTTP: everybody's own, and any account's for system administrators."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from cec_chassis.database import Database, Transaction
from cec_chassis.http import HttpRequest, Page, Paging, Request, needs, run_command
from cec_identity.sessions.end_sessions import end_all, end_one
from cec_identity.sessions.queries import SessionList, SessionPanel, open_sessions, session_panel
from cec_identity.sign_in.history import SignInLine, sign_in_history_page


class EndSessionsRequest(Request):
    """Why."""

    reason: Annotated[str, Meta(min_length=1, max_length=400, description="結束登入之原因")]


class SessionsEnded(msgspec.Struct, kw_only=True):
    """How many sessions were ended."""

    ended: int


class SessionController(Controller):
    tags = ("sessions",)

    @get("/sessions/current", guards=[needs("identity.sessions.own")])
    async def read_panel(self, request: HttpRequest, database: NamedDependency[Database]) -> SessionPanel:
        """Who is signed in: name, masked e-mail, since when the account stands, the sign-in before."""
        async with database.reading() as tx:
            return await session_panel(tx, request.user.account_id, request.user.session_id)

    @get("/sessions", guards=[needs("identity.sessions.own")])
    async def list_own_sessions(self, request: HttpRequest, database: NamedDependency[Database]) -> SessionList:
        """One's own open sessions, the one used last first."""
        async with database.reading() as tx:
            return await open_sessions(tx, request.user.account_id, request.user.session_id)

    @get("/sessions/history", guards=[needs("identity.sessions.own")])
    async def list_own_sign_ins(
        self, request: HttpRequest, database: NamedDependency[Database], paging: NamedDependency[Paging]
    ) -> Page[SignInLine]:
        """Attempts to sign in to one's own account within a year, the newest first."""
        async with database.reading() as tx:
            return await sign_in_history_page(tx, paging, request.user.account_id)

    @post("/sessions/{session_id:uuid}/end", status_code=204, guards=[needs("identity.sessions.own")])
    async def end_own_session(
        self, request: HttpRequest, session_id: FromPath[UUID], database: NamedDependency[Database]
    ) -> None:
        """End one of one's own sessions. 404 when it is not one's own."""
        async with database.transaction(request.command_context()) as tx:
            await end_one(tx, request.user.account_id, session_id, "ended by its owner")

    @post("/sessions/end", status_code=200, guards=[needs("identity.sessions.own")])
    async def end_own_sessions(
        self, request: HttpRequest, database: NamedDependency[Database]
    ) -> Response[SessionsEnded]:
        """Sign out everywhere, here too; no device is known any more."""

        async def command(tx: Transaction) -> SessionsEnded:
            return SessionsEnded(ended=await end_all(tx, request.user.account_id, "signed out everywhere"))

        return await run_command(request, database, command)

    @get("/accounts/{account_id:uuid}/sessions", guards=[needs("identity.sessions.end")])
    async def list_sessions(
        self, request: HttpRequest, account_id: FromPath[UUID], database: NamedDependency[Database]
    ) -> SessionList:
        """The open sessions of an account. 404."""
        async with database.transaction(request.command_context()) as tx:
            await session_panel(tx, account_id, None)
            tx.look("sessions.read", subject_type="account", subject_id=account_id, purpose="administration")
            return await open_sessions(tx, account_id, request.user.session_id)

    @post("/accounts/{account_id:uuid}/sessions/end", status_code=200, guards=[needs("identity.sessions.end")])
    async def end_sessions(
        self,
        request: HttpRequest,
        account_id: FromPath[UUID],
        data: JSONBody[EndSessionsRequest],
        database: NamedDependency[Database],
    ) -> Response[SessionsEnded]:
        """End all sessions of an account. 404."""

        async def command(tx: Transaction) -> SessionsEnded:
            return SessionsEnded(ended=await end_all(tx, account_id, data.reason))

        return await run_command(request, database, command)
