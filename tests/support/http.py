"""A service application for tests of the mechanics, and a client that talks to it without a network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import httpx
from litestar import Litestar
from litestar.types import ControllerRouterHandler
from tests.support.tokens import AUDIENCE, ISSUER, TestKey

from cec_chassis.clock import Clock, SystemClock
from cec_chassis.database import Database
from cec_chassis.http import create_service_app
from cec_chassis.settings import ServiceSettings
from cec_chassis.tokens import SigningKey

NOWHERE = "postgresql://nobody:secret@127.0.0.1:1/none"
"""Where no database answers."""


def settings_of(service: str = "example", database_url: str = NOWHERE) -> ServiceSettings:
    """Settings as the environment would give them."""
    return ServiceSettings(
        service=service,
        database_url=database_url,
        amqp_url="amqp://127.0.0.1:1/",
        token_issuer=ISSUER,
        token_audience=AUDIENCE,
    )


def app_of(
    *routes: ControllerRouterHandler,
    keys: Sequence[TestKey] = (),
    database: Database | None = None,
    clock: Clock | None = None,
    **options: Any,
) -> Litestar:
    """An application of these routes. It trusts `keys`; without any it reads them from `database`."""
    clock = clock or SystemClock()

    async def load() -> list[SigningKey]:
        return [key.signing_key() for key in keys]

    return create_service_app(
        settings_of(),
        routes,
        title="Example",
        database=database or Database(NOWHERE, clock),
        clock=clock,
        keys=load if keys else None,
        **options,
    )


def client_of(app: Litestar) -> httpx.AsyncClient:
    """A client of the application, in the same event loop."""
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app, raise_app_exceptions=False),  # type: ignore[arg-type]
        base_url="http://service.test",
    )
