"""The identity service on its own, with its own signing keys and a first administrator."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

import httpx
import msgspec
import pytest
from litestar import Litestar
from tests.conftest import MakeDatabase
from tests.support.mail_server import MailServer, mail_server
from tests.support.one_service import NOON, OneService
from tests.support.tokens import TestKey, an_actor

from cec_chassis.clock import FixedClock
from cec_chassis.context import Actor
from cec_chassis.http import RequireSession
from cec_chassis.service import Runtime
from cec_identity.service import SERVICE
from cec_identity.settings import IdentitySettings
from cec_identity.signing_keys.store import current_key
from cec_identity.vault import Vault

PASSWORD = "correct horse battery"  # four classes or not, it is long
HEADER = (
    "national_id,name,number,profession,certificate_number,certificate_issued_on,licence_valid_from,"
    "licence_valid_until,licence_extended_until,institution_code,county,area,area_since"
)
LIN = "R121351632,林技師,P0001,2,牙技字第000001號,2010-05-01,2011-04-15,2016-12-05,,,臺北市,ordinary,2000-01-01"
WANG = "A123456789,王醫師,P0002,D,牙醫字第000002號,2005/3/1,2015-01-01,2020-12-31,2021-12-31,592202A296,台南市,,"


def a_file(*rows: str) -> str:
    """A registry file of these rows."""
    return "\r\n".join([HEADER, *rows, ""])


def settings_for(database_url: str, **changes: Any) -> IdentitySettings:
    """As the environment would give them."""
    settings = IdentitySettings(
        service="identity",
        database_url=database_url,
        amqp_url="amqp://127.0.0.1:1/",
        secret_key="a secret key of thirty-two bytes or more",
        national_id_index_key="an index key of thirty-two bytes or more",
        bootstrap_admin_name="Administrator-1",
        bootstrap_admin_password=PASSWORD,
        proof_of_work_cost=1,  # solved in a moment
    )
    return msgspec.structs.replace(settings, **changes)


@dataclass
class Identity(OneService):
    """What administrators and everybody else do with identity."""

    administrator: ClassVar[Actor] = an_actor("system_administrator")

    @classmethod
    async def on(cls, database_url: str, settings: IdentitySettings | None = None) -> Identity:
        """Prepared as `migrate` does it; tokens of tests are signed by its own current key."""
        clock = FixedClock(NOON)
        runtime = Runtime(SERVICE, settings or settings_for(database_url), clock)
        for prepare in SERVICE.prepare:
            await prepare(runtime)
        app = SERVICE.create_app(runtime)
        cls._believe_tokens_of_tests(app)
        transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
        client = httpx.AsyncClient(transport=transport, base_url="http://identity")
        handlers = {subscription.event.name: subscription.handler for subscription in SERVICE.subscriptions}
        return cls(SERVICE, runtime, clock, await cls._signing_key(runtime), client, handlers)

    @staticmethod
    def _believe_tokens_of_tests(app: Litestar) -> None:
        """The tokens that tests make name no session, as those of people always do. What happens to a token whose session
        has ended is shown with real ones (`test_ended_sessions.py`)."""
        require_session: RequireSession = app.state.require_session

        async def require_session_if_named(actor: Actor) -> None:
            if actor.session_id is not None:
                await require_session(actor)

        app.state.require_session = require_session_if_named

    @staticmethod
    async def _signing_key(runtime: Runtime) -> TestKey:
        assert isinstance(runtime.settings, IdentitySettings)
        async with runtime.database().reading() as tx:
            key = await current_key(tx, Vault.of(runtime.settings).signing_keys)
        return TestKey(key.kid, key.private_jwk)

    async def upload(
        self, content: str | bytes, *, query: str = "", actor: Actor | None = None, media_type: str = "text/csv"
    ) -> httpx.Response:
        """A registry file."""
        headers = self.headers_of(actor or self.administrator) | {"Content-Type": media_type}
        sent = content.encode() if isinstance(content, str) else content
        return await self.client.post(f"/registry/imports?{query}", content=sent, headers=headers)

    async def imported(self, *rows: str) -> dict[str, Any]:
        """The report on a file that was taken."""
        return good(await self.upload(a_file(*rows)))

    async def practitioner_id(self, row: str = LIN) -> UUID:
        """Of somebody who is registered by this row, if not before."""
        return UUID((await self.imported(row))["results"][0]["practitioner_id"])

    async def organisation(self, code: str = "A01", **changes: Any) -> dict[str, Any]:
        """A registered offering and review unit."""
        body = {
            "code": code,
            "name": "某某學會",
            "kind": "學會",
            "county": "臺北市",
            "offers_courses": True,
            "reviews_courses": True,
            "reviews_professions": ["2", "D"],
        } | changes
        return good(await self.ask(self.administrator, "POST", "/organisations", body), 201)

    async def account(self, name: str = "unit-one", **changes: Any) -> dict[str, Any]:
        """An opened account, of an administrator unless said otherwise."""
        body = {"name": name, "password": PASSWORD, "role": "system_administrator"} | changes
        return good(await self.ask(self.administrator, "POST", "/accounts", body), 201)

    async def sign_in(self, name: str = "Administrator-1", password: str = PASSWORD) -> httpx.Response:
        return await self.ask(None, "POST", "/sign-in", {"name": name, "password": password})

    async def refresh(self, token: str) -> httpx.Response:
        return await self.ask(None, "POST", "/token/refresh", {"refresh_token": token})

    async def with_token(self, token: str, path: str = "/organisations") -> httpx.Response:
        """A request with an access token that identity itself gave out."""
        return await self.client.get(path, headers={"Authorization": f"Bearer {token}"})


def good(response: httpx.Response, status: int = 200) -> dict[str, Any]:
    """The answer of a request that must have succeeded."""
    assert response.status_code == status, response.text
    answer: dict[str, Any] = response.json()
    return answer


def refusal(response: httpx.Response) -> tuple[int, str, list[tuple[str, str]]]:
    """Status, slug, and path and slug of each field error."""
    assert response.headers["content-type"].startswith("application/problem+json"), response.text
    problem = response.json()
    errors = [(error["path"], error["slug"]) for error in problem.get("errors", ())]
    return response.status_code, problem["type"].removeprefix("/problems/"), errors


@pytest.fixture
def server() -> Iterator[MailServer]:
    """A mail server that takes everything unless told otherwise."""
    with mail_server() as running:
        yield running


@pytest.fixture
async def identity(make_database: MakeDatabase) -> AsyncIterator[Identity]:
    """The service, prepared: signing keys exist, and the administrator `Administrator-1`."""
    service = await Identity.on(await make_database("identity"))
    yield service
    await service.close()
