"""The whole way of a sign-in to another application, asked by authlib's client; then refresh, return and sign-out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast
from urllib.parse import parse_qsl, urlsplit

import msgspec
import pytest
from authlib.oidc.discovery import OpenIDProviderMetadata
from joserfc import jwt
from joserfc.jwk import KeySet
from tests.component.identity.conftest import Identity, good, refusal
from tests.component.identity_openid.conftest import (
    CALLBACK,
    GOODBYE,
    RelyingParty,
    an_application,
    registered,
    returned,
)

from cec_identity.openid.discovery import provider_metadata
from cec_identity.openid.forget_old_codes import KEPT
from cec_identity.openid.store import forget_codes

ISSUER = "http://127.0.0.1:8080/api/v1/identity"


async def test_an_application_signs_a_person_in_with_authlibs_client(party: RelyingParty) -> None:
    """As an application does it that has never heard of us: discovery, code with PKCE, ID token, userinfo."""
    metadata = good(await party.identity.client.get("/.well-known/openid-configuration"))
    assert metadata["issuer"] == ISSUER
    endpoints = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint")
    ours = {name: urlsplit(metadata[name]).path.removeprefix("/api/v1/identity") for name in endpoints}
    async with party.authlib_client() as client:
        address, state = client.create_authorization_url(
            ours["authorization_endpoint"], code_verifier=party.verifier, nonce=party.nonce
        )
        # The browser goes there; the portal's front end takes the query and asks the person.
        query = urlsplit(address).query
        seen = good(await party.identity.client.get(f"{ours['authorization_endpoint']}?{query}"))
        assert seen["application"] == "報表系統"
        assert [one["scope"] for one in seen["scopes"]] == ["openid", "profile"]
        answer = await party.identity.client.post(
            ours["authorization_endpoint"],
            json={"request": query, "decision": "allow"},
            headers={"Authorization": f"Bearer {party.access_token}"},
        )
        back = good(answer)["redirect_to"]
        assert returned(back) == {"code": returned(back)["code"], "state": state, "iss": ISSUER}
        token = await client.fetch_token(
            ours["token_endpoint"], authorization_response=back, state=state, code_verifier=party.verifier
        )
        assert (token["token_type"], token["expires_in"], token["scope"]) == ("Bearer", 600, "openid profile")

        keys = KeySet.import_key_set(cast("Any", good(await party.identity.client.get("/.well-known/jwks.json"))))
        said = jwt.decode(token["id_token"], keys, algorithms=["EdDSA"])
        at = int(party.identity.clock.now().timestamp())
        jwt.JWTClaimsRegistry(
            now=at,
            iss={"essential": True, "value": ISSUER},
            aud={"essential": True, "value": party.client_id},
            nonce={"essential": True, "value": party.nonce},
        ).validate(said.claims)
        assert said.header["typ"] == "JWT"
        assert (said.claims["auth_time"], said.claims["amr"]) == (at, ["pwd"])

        told = (await client.get(ours["userinfo_endpoint"])).json()
    assert told["sub"] == said.claims["sub"]
    assert (told["preferred_username"], told["role"]) == ("Administrator-1", "system_administrator")
    assert "application.signed_in" in await party.identity.audited()


class MetadataOfEdDsa(OpenIDProviderMetadata):  # type: ignore[misc]  # authlib has no types
    """The standard asks for RS256 as well; we sign with Ed25519 alone (decision on ID tokens)."""

    def validate_id_token_signing_alg_values_supported(self) -> None:
        assert self["id_token_signing_alg_values_supported"] == ["EdDSA"]


def test_the_discovery_document_keeps_to_the_standard() -> None:
    told = msgspec.json.encode(provider_metadata("https://cec.example/api/v1/identity"))
    MetadataOfEdDsa(msgspec.json.decode(told)).validate()


async def test_an_application_in_a_browser_needs_no_secret(identity: Identity) -> None:
    client = await registered(identity, an_application(authentication="none"))
    assert client["client_secret"] is None
    signed_in = good(await identity.sign_in())
    party = RelyingParty(identity, client["client_id"], None, signed_in["access_token"])
    assert (await party.tokens())["id_token"]


async def test_the_portals_own_application_asks_no_consent(identity: Identity) -> None:
    client = await registered(identity, an_application(trusted=True))
    signed_in = good(await identity.sign_in())
    party = RelyingParty(identity, client["client_id"], client["client_secret"], signed_in["access_token"])
    assert "code" in returned(good(await party.decide(None))["redirect_to"])
    assert good(await party.look())["consent_asked"] is False


async def test_consent_is_asked_once_and_again_for_more(party: RelyingParty) -> None:
    assert refusal(await party.decide(None))[:2] == (409, "consent-needed")
    good(await party.decide("allow"))
    assert "code" in returned(good(await party.decide(None))["redirect_to"])
    more = "openid profile credits:read"
    assert refusal(await party.decide(None, scope=more))[:2] == (409, "consent-needed")
    good(await party.decide("allow", scope=more))
    good(await party.decide(None, scope="openid"))
    assert refusal(await party.decide(None, prompt="consent"))[:2] == (409, "consent-needed")


async def test_a_no_goes_back_to_the_application(party: RelyingParty) -> None:
    back = returned(good(await party.decide("refuse"))["redirect_to"])
    assert (back["error"], back["state"], back["iss"]) == ("access_denied", party.state, ISSUER)
    before_signing_in = returned(good(await party.look())["if_refused"])
    assert (before_signing_in["error"], before_signing_in["state"]) == ("access_denied", party.state)


async def test_whose_role_is_not_the_applications_is_sent_back(identity: Identity) -> None:
    client = await registered(identity, an_application(roles=["practitioner"]))
    signed_in = good(await identity.sign_in())
    party = RelyingParty(identity, client["client_id"], client["client_secret"], signed_in["access_token"])
    assert returned(good(await party.decide())["redirect_to"])["error"] == "access_denied"


async def test_an_application_that_wants_no_page_gets_an_answer_at_once(party: RelyingParty) -> None:
    looked = good(await party.look(prompt="none"))
    assert looked["silent"] is True
    assert returned(looked["if_not_signed_in"])["error"] == "login_required"
    assert returned(good(await party.decide(None, prompt="none"))["redirect_to"])["error"] == "consent_required"
    good(await party.decide("allow"))
    assert "code" in returned(good(await party.decide(None, prompt="none"))["redirect_to"])
    party.identity.clock.advance(timedelta(minutes=5))
    old = good(await party.decide(None, prompt="none", max_age="60"))["redirect_to"]
    assert returned(old)["error"] == "login_required"


async def test_max_age_and_prompt_login_want_a_new_sign_in(party: RelyingParty) -> None:
    assert "code" in returned(good(await party.decide(max_age="300"))["redirect_to"])
    assert "code" in returned(good(await party.decide(prompt="login"))["redirect_to"])
    party.identity.clock.advance(timedelta(minutes=6))
    assert refusal(await party.decide(max_age="300"))[:2] == (403, "sign-in-again")
    assert refusal(await party.decide(prompt="login"))[:2] == (403, "sign-in-again")
    again = good(await party.identity.sign_in())["access_token"]
    assert "code" in returned(good(await party.decide(token=again, max_age="300"))["redirect_to"])
    assert good(await party.look(max_age="300"))["newest_sign_in_seconds"] == 300


async def test_scopes_the_application_may_not_have_are_left_out(party: RelyingParty) -> None:
    tokens = await party.tokens(scope="openid rules:read whatever")
    assert tokens["scope"] == "openid"
    told = good(await party.userinfo(tokens["access_token"]))
    assert list(told) == ["sub"]


async def test_a_refresh_token_is_good_once_and_a_copy_ends_what_was_granted(party: RelyingParty) -> None:
    first = await party.tokens()
    second = good(await party.refresh(first["refresh_token"]))
    assert second["refresh_token"] != first["refresh_token"]
    assert good(await party.userinfo(second["access_token"]))["sub"]

    copied = await party.refresh(first["refresh_token"])
    assert (copied.status_code, copied.json()["error"]) == (400, "invalid_grant")
    assert (await party.refresh(second["refresh_token"])).json()["error"] == "invalid_grant"
    assert refusal(await party.userinfo(second["access_token"]))[:2] == (401, "token-invalid")
    assert "application.grant_ended" in await party.identity.audited()


async def test_a_refresh_may_narrow_the_scopes_and_never_widen_them(party: RelyingParty) -> None:
    tokens = await party.tokens(scope="openid profile")
    wider = await party.refresh(tokens["refresh_token"], scope="openid profile credits:read")
    assert (wider.status_code, wider.json()["error"]) == (400, "invalid_scope")
    narrower = good(await party.refresh(tokens["refresh_token"], scope="openid"))
    assert narrower["scope"] == "openid"


async def test_a_refresh_token_given_back_counts_no_more(party: RelyingParty) -> None:
    tokens = await party.tokens()
    auth = (party.client_id, party.secret or "")
    given_back = {"token": tokens["refresh_token"], "token_type_hint": "refresh_token"}
    good(await party.identity.client.post("/oauth/revoke", data=given_back, auth=auth))
    assert (await party.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"
    assert refusal(await party.userinfo(tokens["access_token"]))[0] == 401
    good(await party.identity.client.post("/oauth/revoke", data={"token": "unknown"}, auth=auth))


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_an_application_signs_the_person_out_everywhere(party: RelyingParty, method: str) -> None:
    tokens = await party.tokens()
    asked = {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": GOODBYE, "state": "bye"}
    client = party.identity.client
    answer = await (
        client.get("/oauth/logout", params=asked) if method == "GET" else client.post("/oauth/logout", data=asked)
    )
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"{GOODBYE}?state=bye"
    assert (await party.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"
    assert refusal(await party.userinfo(tokens["access_token"]))[0] == 401


async def test_an_old_id_token_still_signs_out(party: RelyingParty) -> None:
    tokens = await party.tokens()
    party.identity.clock.advance(timedelta(hours=2))
    answer = await party.identity.client.get("/oauth/logout", params={"id_token_hint": tokens["id_token"]})
    assert good(answer) == {"signed_out": True}


NOT_IN_ORDER: list[dict[str, str]] = [
    {"id_token_hint": ""},
    {"id_token_hint": "a.b.c"},
    {"post_logout_redirect_uri": "https://evil.example/"},
    {"post_logout_redirect_uri": f"{GOODBYE}/more"},
    {"post_logout_redirect_uri": CALLBACK},
    {"client_id": "0199e5a0-0000-7000-8000-000000000001"},
]


async def test_a_sign_out_that_is_not_in_order_does_nothing_and_leads_nowhere(party: RelyingParty) -> None:
    tokens = await party.tokens()
    for changes in [*NOT_IN_ORDER, {"id_token_hint": tokens["access_token"]}]:
        asked = {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": GOODBYE, **changes}
        answer = await party.identity.client.get("/oauth/logout", params=asked)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request"), changes
        assert "Location" not in answer.headers
    good(await party.refresh(tokens["refresh_token"]))


async def test_when_the_portals_sign_in_ends_the_applications_ends_with_it(party: RelyingParty) -> None:
    signed_in = good(await party.identity.sign_in())
    party.access_token = signed_in["access_token"]
    tokens = await party.tokens()
    body = {"refresh_token": signed_in["refresh_token"]}
    assert (await party.identity.ask(None, "POST", "/sign-out", body)).status_code == 204
    assert (await party.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"
    assert refusal(await party.userinfo(tokens["access_token"]))[0] == 401
    # and its access token, which still has minutes to live, begins no new sign-in
    assert (await party.redeem(await party.code())).json()["error"] == "invalid_grant"


async def test_the_query_of_a_registered_address_is_kept(identity: Identity) -> None:
    uri = f"{CALLBACK}?tenant=7"
    client = await registered(identity, an_application(redirect_uris=[uri]))
    signed_in = good(await identity.sign_in())
    party = RelyingParty(identity, client["client_id"], client["client_secret"], signed_in["access_token"])
    back = good(await party.decide(redirect_uri=uri))["redirect_to"]
    assert dict(parse_qsl(urlsplit(back).query))["tenant"] == "7"


async def test_what_has_long_expired_is_forgotten_and_what_lives_is_not(party: RelyingParty) -> None:
    tokens = await party.tokens()
    tables = ("authorization_codes", "client_refresh_tokens", "client_grants")

    async def left() -> list[int]:
        return [len(await party.identity.rows(f"SELECT * FROM {table}")) for table in tables]

    async def forget() -> None:
        async with party.identity.database.transaction() as tx:
            await forget_codes(tx, tx.now - KEPT)

    party.identity.clock.advance(timedelta(hours=7))
    await forget()
    assert await left() == [1, 1, 1]
    party.identity.clock.advance(timedelta(hours=18))
    await forget()
    assert await left() == [0, 1, 1]
    party.identity.clock.advance(timedelta(hours=8))
    await forget()
    assert await left() == [0, 0, 0]
    assert (await party.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"
