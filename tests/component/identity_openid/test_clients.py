"""Machine accounts and applications: registered, changed, their secrets rotated, disabled."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from joserfc.jwk import OKPKey
from tests.component.identity.conftest import Identity, good, refusal
from tests.component.identity_openid.conftest import PEOPLE, RelyingParty, a_machine, an_application, registered
from tests.support.tokens import an_actor

SIGNER = OKPKey.generate_key("Ed25519")
PUBLIC = {"keys": [SIGNER.as_dict(private=False)]}


async def token_status(identity: Identity, client: dict[str, Any], secret: str) -> int:
    """What the token endpoint says to this secret."""
    answer = await identity.client.post(
        "/oauth/token", data={"grant_type": "client_credentials"}, auth=(client["client_id"], secret)
    )
    return answer.status_code


async def rotated(identity: Identity, client: dict[str, Any], **body: Any) -> dict[str, Any]:
    path = f"/clients/{client['client_id']}/secrets"
    return good(await identity.ask(identity.administrator, "POST", path, {"reason": "例行更換", **body}), 201)


async def test_the_secret_is_shown_once_and_kept_nowhere(identity: Identity) -> None:
    client = await registered(identity, a_machine())
    secret = client["client_secret"]
    assert secret.startswith("cec_")
    assert len(secret) > 40
    seen = good(await identity.ask(identity.administrator, "GET", f"/clients/{client['client_id']}"))
    assert [sorted(one) for one in seen["secrets"]] == [["created_at", "expires_at", "secret_id"]]
    assert secret not in str(seen)
    for table in ("client_secrets", "clients", "audit_log", "outbox", "idempotency_keys"):
        assert secret not in str(await identity.rows(f"SELECT * FROM {table}"))
    assert await identity.audited() == [*(await identity.audited())[:-1], "client.registered"]


async def test_an_answer_with_a_secret_is_not_kept_for_an_idempotency_key(identity: Identity) -> None:
    headers = {"Idempotency-Key": "register-once"}
    good(await identity.ask(identity.administrator, "POST", "/clients", a_machine(), headers), 201)
    again = await identity.ask(identity.administrator, "POST", "/clients", a_machine(), headers)
    assert refusal(again)[:2] == (409, "client-name-taken")
    assert await identity.rows("SELECT * FROM idempotency_keys") == []


async def test_after_a_rotation_two_secrets_count_until_the_grace_is_over(identity: Identity) -> None:
    client = await registered(identity, a_machine())
    first = client["client_secret"]
    second = (await rotated(identity, client, grace_hours=2))["client_secret"]
    assert [await token_status(identity, client, secret) for secret in (first, second)] == [200, 200]
    identity.clock.advance(timedelta(hours=2))
    assert [await token_status(identity, client, secret) for secret in (first, second)] == [401, 200]


async def test_never_more_than_two_secrets_count(identity: Identity) -> None:
    client = await registered(identity, a_machine())
    secrets = [client["client_secret"]]
    for _ in range(3):
        identity.clock.advance(timedelta(minutes=1))
        secrets.append((await rotated(identity, client))["client_secret"])
    assert [await token_status(identity, client, secret) for secret in secrets] == [401, 401, 200, 200]


async def test_a_secret_that_leaked_ends_at_once_when_it_is_rotated_without_grace(identity: Identity) -> None:
    client = await registered(identity, a_machine())
    new = (await rotated(identity, client, grace_hours=0))["client_secret"]
    assert await token_status(identity, client, client["client_secret"]) == 401
    assert await token_status(identity, client, new) == 200


async def test_a_disabled_client_gets_no_token_and_changes_no_more(identity: Identity) -> None:
    client = await registered(identity, a_machine())
    path = f"/clients/{client['client_id']}"
    good(await identity.ask(identity.administrator, "POST", f"{path}/disable", {"reason": "合約終止"}))
    assert await token_status(identity, client, client["client_secret"]) == 401
    for method, rest, body in (
        ("POST", "/disable", {"reason": "x"}),
        ("POST", "/secrets", {"reason": "x"}),
        ("PUT", "", {"name": "x", "scopes": ["credits:read"], "reason": "x"}),
    ):
        assert refusal(await identity.ask(identity.administrator, method, path + rest, body))[:2] == (
            409,
            "client-disabled",
        )


async def test_what_a_client_may_no_longer_do_its_next_token_does_not_say(identity: Identity) -> None:
    client = await registered(identity, a_machine())
    body = {"name": "健保署", "scopes": ["rules:read"], "reason": "縮減"}
    good(await identity.ask(identity.administrator, "PUT", f"/clients/{client['client_id']}", body))
    answer = await identity.client.post(
        "/oauth/token", data={"grant_type": "client_credentials"}, auth=(client["client_id"], client["client_secret"])
    )
    assert good(answer)["scope"] == "rules:read"


WRONG: list[tuple[dict[str, Any], str, str]] = [
    (a_machine(scopes=["everything"]), "body.scopes[0]", "unknown-scope"),
    (a_machine(scopes=["openid"]), "body.scopes[0]", "unknown-scope"),
    (a_machine(redirect_uris=["https://a.example/"]), "body.redirect_uris", "not-for-machines"),
    (a_machine(trusted=True), "body.trusted", "not-for-machines"),
    (a_machine(roles=["practitioner"]), "body.roles", "not-for-machines"),
    (a_machine(authentication="none"), "body.authentication", "not-for-machines"),
    (a_machine(audiences=["with space"]), "body.audiences[0]", "audience-format"),
    (a_machine(name="a\u0007b"), "body.name", "bad-character"),
    (a_machine(name="\u3000"), "body.name", "missing-value"),
    (a_machine(public_keys=PUBLIC), "body.public_keys", "keys-and-authentication-differ"),
    (a_machine(authentication="private_key_jwt"), "body.public_keys", "keys-and-authentication-differ"),
    (
        a_machine(authentication="private_key_jwt", public_keys={"keys": [SIGNER.as_dict(private=True)]}),
        "body.public_keys",
        "not-a-public-key-set",
    ),
    (
        a_machine(authentication="private_key_jwt", public_keys={"keys": [{"kty": "oct", "k": "AAAA"}]}),
        "body.public_keys",
        "not-a-public-key-set",
    ),
    (an_application(scopes=["profile"]), "body.scopes", "openid-missing"),
    (an_application(roles=[]), "body.roles", "missing-value"),
    (an_application(roles=["other_system"]), "body.roles", "not-a-person"),
    (an_application(audiences=["cec"]), "body.audiences", "not-for-applications"),
]
NO_PAGES = [
    "http://reports.example/callback",
    "https://reports.example/callback#part",
    "https://*.example/callback",
    "https://user@reports.example/",
    "https:///callback",
    "javascript:alert(1)",
    "//reports.example/callback",
    "https://reports.example/\u0441allback",
    "https://reports.example/a b",
    "https://[::1",
    "http://127.0.0.1.evil.example/",
    "data:text/html,x",
]


async def test_what_does_not_go_together_is_refused(identity: Identity) -> None:
    for body, path, slug in WRONG:
        status, name, errors = refusal(await identity.ask(identity.administrator, "POST", "/clients", body))
        assert (status, name) == (422, "validation-failed"), body
        assert (path, slug) in errors


async def test_an_address_that_is_no_page_of_somebody_is_refused(identity: Identity) -> None:
    for address in NO_PAGES:
        for where in ("redirect_uris", "post_logout_redirect_uris"):
            body = an_application(**{where: [address]})
            answer = await identity.ask(identity.administrator, "POST", "/clients", body)
            assert (f"body.{where}[0]", "address-format") in refusal(answer)[2], address
        answer = await identity.ask(identity.administrator, "POST", "/clients", an_application(launch_url=address))
        assert ("body.launch_url", "address-format") in refusal(answer)[2], address


async def test_a_developer_may_have_the_answer_on_their_own_machine(identity: Identity) -> None:
    uris = ["http://127.0.0.1:9999/callback", "http://localhost/callback", "http://[::1]:1/x"]
    client = await registered(identity, an_application(redirect_uris=uris))
    assert client["redirect_uris"] == uris


async def test_a_name_in_full_width_letters_is_the_same_name(identity: Identity) -> None:
    await registered(identity, a_machine(name="NHI 2026"))
    answer = await identity.ask(identity.administrator, "POST", "/clients", a_machine(name="ＮＨＩ\u30002026"))
    assert refusal(answer)[:2] == (409, "client-name-taken")


async def test_a_client_that_signs_has_no_secret(identity: Identity) -> None:
    client = await registered(identity, a_machine(authentication="private_key_jwt", public_keys=PUBLIC))
    assert client["client_secret"] is None
    path = f"/clients/{client['client_id']}/secrets"
    answer = await identity.ask(identity.administrator, "POST", path, {"reason": "x"})
    assert refusal(answer)[:2] == (409, "client-has-no-secret")


async def test_only_administrators_manage_clients(identity: Identity) -> None:
    client = await registered(identity, a_machine())
    for role in [*PEOPLE[:-1], "other_system"]:
        for method, path in (
            ("GET", "/clients"),
            ("POST", "/clients"),
            ("GET", f"/clients/{client['client_id']}"),
            ("PUT", f"/clients/{client['client_id']}"),
            ("POST", f"/clients/{client['client_id']}/secrets"),
            ("POST", f"/clients/{client['client_id']}/disable"),
        ):
            assert refusal(await identity.ask(an_actor(role), method, path))[:2] == (403, "forbidden")


async def test_the_launcher_shows_what_the_role_may_use_the_portals_own_first(party: RelyingParty) -> None:
    identity = party.identity
    await registered(identity, an_application(name="審查專用", roles=["review_unit"]))
    seen: Any = good(await identity.ask(an_actor("practitioner"), "GET", "/portal/applications"))
    assert [(one["name"], one["granted_by_default"]) for one in seen] == [
        ("報備支援系統", True),
        ("積分管理系統", True),
        ("報表系統", False),
    ]
    assert "審查專用" in str(good(await identity.ask(an_actor("review_unit"), "GET", "/portal/applications")))
    assert "審查專用" not in str(seen)


async def test_a_list_of_clients_is_of_one_kind_when_asked_so(party: RelyingParty) -> None:
    await registered(party.identity, a_machine())
    machines = good(await party.identity.ask(party.identity.administrator, "GET", "/clients?kind=machine"))
    assert [one["name"] for one in machines["items"]] == ["健保署"]
