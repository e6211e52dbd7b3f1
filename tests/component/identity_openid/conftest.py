"""Identity with a relying party before it: registering clients, walking through a sign-in, reading what comes back."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from tests.component.identity.conftest import Identity, good
from tests.conftest import MakeDatabase

CALLBACK = "https://reports.example/callback"
GOODBYE = "https://reports.example/goodbye"
PEOPLE = ["practitioner", "offering_unit", "review_unit", "committee_member", "system_administrator"]


@dataclass
class RelyingParty:
    """An application of the portal, spoken for by authlib's client, and the front end that asks the person."""

    identity: Identity
    client_id: str
    secret: str | None
    access_token: str
    """Of the person who is signed in at the portal."""
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    state: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(16))

    def asking(self, **changes: str | None) -> dict[str, str]:
        """The parameters that the application sends the browser with; None leaves one out."""
        usual = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": CALLBACK,
            "scope": "openid profile",
            "state": self.state,
            "nonce": self.nonce,
            "code_challenge": create_s256_code_challenge(self.verifier),
            "code_challenge_method": "S256",
        }
        return {name: value for name, value in {**usual, **changes}.items() if value is not None}

    async def look(self, **changes: str | None) -> httpx.Response:
        """The front end asks what it is about."""
        return await self.identity.client.get("/oauth/authorize", params=self.asking(**changes))

    async def decide(
        self, decision: str | None = "allow", *, token: str | None = None, **changes: str | None
    ) -> httpx.Response:
        """The front end says what the person decided."""
        body = {"request": urlencode(self.asking(**changes))} | ({"decision": decision} if decision else {})
        headers = {"Authorization": f"Bearer {token or self.access_token}"}
        return await self.identity.client.post("/oauth/authorize", json=body, headers=headers)

    async def code(self, **changes: str | None) -> str:
        """An authorization code that came back to the application."""
        return returned(good(await self.decide(**changes))["redirect_to"])["code"]

    async def token(self, **form: str | None) -> httpx.Response:
        """The application asks at the token endpoint; None leaves a field out."""
        usual: dict[str, str | None] = {"client_id": self.client_id, "client_secret": self.secret}
        sent = {name: value for name, value in {**usual, **form}.items() if value is not None}
        return await self.identity.client.post("/oauth/token", data=sent)

    async def redeem(self, good_code: str, **changes: str | None) -> httpx.Response:
        """The application redeems a code."""
        usual = {
            "grant_type": "authorization_code",
            "code": good_code,
            "redirect_uri": CALLBACK,
            "code_verifier": self.verifier,
        }
        return await self.token(**{**usual, **changes})

    async def tokens(self, **changes: str | None) -> dict[str, Any]:
        """The tokens of a sign-in."""
        return good(await self.redeem(await self.code(**changes)))

    async def refresh(self, refresh_token: str, **changes: str | None) -> httpx.Response:
        return await self.token(grant_type="refresh_token", refresh_token=refresh_token, **changes)

    async def userinfo(self, token: str) -> httpx.Response:
        return await self.identity.client.get("/oauth/userinfo", headers={"Authorization": f"Bearer {token}"})

    def authlib_client(self) -> AsyncOAuth2Client:
        """As an application would have it, talking to the real service."""
        return AsyncOAuth2Client(
            client_id=self.client_id,
            client_secret=self.secret,
            token_endpoint_auth_method="client_secret_basic" if self.secret else "none",
            redirect_uri=CALLBACK,
            scope="openid profile",
            code_challenge_method="S256",
            transport=httpx.ASGITransport(app=self.identity.client._transport.app),  # type: ignore[attr-defined]
            base_url="http://identity",
        )


def returned(address: str, to: str = CALLBACK) -> dict[str, str]:
    """What came back to the application in the query of its address."""
    parts = urlsplit(address)
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == to
    return dict(parse_qsl(parts.query))


def an_application(**changes: Any) -> dict[str, Any]:
    """An application of somebody else: consent is asked."""
    return {
        "kind": "application",
        "name": "報表系統",
        "scopes": ["openid", "profile", "credits:read"],
        "redirect_uris": [CALLBACK],
        "post_logout_redirect_uris": [GOODBYE],
        "launch_url": "https://reports.example/",
        "roles": PEOPLE,
        **changes,
    }


def a_machine(**changes: Any) -> dict[str, Any]:
    """A machine account of another system."""
    return {"kind": "machine", "name": "健保署", "scopes": ["credits:read", "rules:read"], **changes}


async def registered(identity: Identity, body: Mapping[str, Any]) -> dict[str, Any]:
    """The client as it is shown once, with its secret."""
    return good(await identity.ask(identity.administrator, "POST", "/clients", dict(body)), 201)


@pytest.fixture
async def identity(make_database: MakeDatabase) -> AsyncIterator[Identity]:
    """The service, prepared."""
    service = await Identity.on(await make_database("identity"))
    yield service
    await service.close()


@pytest.fixture
async def party(identity: Identity) -> RelyingParty:
    """A confidential application, and `Administrator-1` signed in at the portal."""
    client = await registered(identity, an_application())
    signed_in = good(await identity.sign_in())
    return RelyingParty(identity, client["client_id"], client["client_secret"], signed_in["access_token"])
