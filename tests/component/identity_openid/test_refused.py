"""What an attacker tries at the authorization and the token endpoint. Nothing leads to an address of somebody else."""

from __future__ import annotations

import asyncio
import base64
from datetime import timedelta

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from tests.component.identity.conftest import Identity, good, refusal
from tests.component.identity_openid.conftest import (
    CALLBACK,
    RelyingParty,
    a_machine,
    an_application,
    registered,
    returned,
)
from tests.support.tokens import an_actor

OTHERS = [
    "https://evil.example/callback",
    f"{CALLBACK}/",
    f"{CALLBACK}?x=1",
    CALLBACK.upper(),
    CALLBACK.replace("https", "http"),
    f"{CALLBACK}@evil.example",
    "https://reports.example.evil.example/callback",
    f"{CALLBACK}/../other",
    f"{CALLBACK}%2f..",
    "//evil.example",
    "/callback",
]


async def test_an_address_that_is_not_registered_is_never_gone_to(party: RelyingParty) -> None:
    for uri in [*OTHERS, None, ""]:
        looked = await party.look(redirect_uri=uri)
        assert (looked.status_code, looked.json()["error"]) == (400, "invalid_request"), uri
        assert "Location" not in looked.headers
        for decision in ("allow", "refuse"):
            decided = await party.decide(decision, redirect_uri=uri)
            assert refusal(decided)[:2] == (400, "authorization-request-invalid"), uri
            assert "redirect_to" not in decided.text


async def test_an_unknown_client_leads_nowhere(party: RelyingParty) -> None:
    # the last is a client's id in capitals: one client has one name
    for client_id in (None, "", "unknown", f"{party.client_id[:-4]}ffff", party.client_id.upper()):
        answer = await party.look(client_id=client_id)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client"), client_id
        assert "Location" not in answer.headers
        assert party.state not in answer.text, (
            "a state is repeated to the application that has sent it, and nobody else"
        )


OUT_OF_ORDER: list[tuple[dict[str, str | None], str]] = [
    ({"response_type": "token"}, "unsupported_response_type"),
    ({"response_type": "code id_token"}, "unsupported_response_type"),
    ({"response_type": None}, "unsupported_response_type"),
    ({"code_challenge": None}, "invalid_request"),
    ({"code_challenge_method": None}, "invalid_request"),
    ({"code_challenge_method": "plain"}, "invalid_request"),
    ({"code_challenge": "short"}, "invalid_request"),
    ({"code_challenge": "!" * 43}, "invalid_request"),
    ({"scope": "profile"}, "invalid_scope"),
    ({"scope": None}, "invalid_scope"),
    ({"prompt": "none login"}, "invalid_request"),
    ({"max_age": "-1"}, "invalid_request"),
    ({"max_age": "soon"}, "invalid_request"),
    ({"response_mode": "fragment"}, "invalid_request"),
    ({"request": "eyJhbGciOiJub25lIn0.e30."}, "request_not_supported"),
    ({"request_uri": "https://evil.example/request"}, "request_uri_not_supported"),
]


async def test_a_request_out_of_order_goes_back_to_the_application(party: RelyingParty) -> None:
    for changes, error in OUT_OF_ORDER:
        looked = await party.look(**changes)
        assert looked.status_code == 303, (changes, looked.text)
        back = returned(looked.headers["Location"])
        assert (back["error"], back["state"]) == (error, party.state), changes
        assert returned(good(await party.decide(**changes))["redirect_to"])["error"] == error


async def test_parameters_that_are_there_twice_or_unreadable_lead_nowhere(party: RelyingParty) -> None:
    query = str(party.identity.client.build_request("GET", "/", params=party.asking()).url.query, "ascii")
    for spoilt in (
        f"{query}&redirect_uri=https%3A%2F%2Fevil.example%2F",
        f"{query}&state=again",
        f"{query}&login=%ff" + "&code=%C3%A9",
        f"{query}&prompt=%22",
        f"{query}&" + "&".join(f"a{n}=1" for n in range(50)),
    ):
        answer = await party.identity.client.get(f"/oauth/authorize?{spoilt}")
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_parameters_that_nobody_knows_are_ignored(party: RelyingParty) -> None:
    good(await party.look(display="page", login_hint="王醫師", claims="{}"))


async def test_a_disabled_application_signs_nobody_in(party: RelyingParty) -> None:
    tokens, code = await party.tokens(), await party.code()
    path = f"/clients/{party.client_id}/disable"
    good(await party.identity.ask(party.identity.administrator, "POST", path, {"reason": "停用"}))
    assert (await party.look()).json()["error"] == "invalid_client"
    assert (await party.redeem(code)).json()["error"] == "invalid_client"
    assert (await party.refresh(tokens["refresh_token"])).json()["error"] == "invalid_client"
    assert refusal(await party.userinfo(tokens["access_token"]))[0] == 401


async def test_a_code_is_good_once_and_a_copy_ends_what_came_of_it(party: RelyingParty) -> None:
    code = await party.code()
    tokens = good(await party.redeem(code))
    copied = await party.redeem(code)
    assert (copied.status_code, copied.json()["error"]) == (400, "invalid_grant")
    assert (await party.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"
    assert refusal(await party.userinfo(tokens["access_token"]))[0] == 401


async def test_of_many_who_present_one_code_at_once_one_gets_tokens(party: RelyingParty) -> None:
    code = await party.code()
    answers = await asyncio.gather(*(party.redeem(code) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 400, 400, 400, 400]


async def test_a_code_lives_a_minute(party: RelyingParty) -> None:
    code = await party.code()
    party.identity.clock.advance(timedelta(seconds=60))
    assert (await party.redeem(code)).json()["error"] == "invalid_grant"


WITHOUT_THE_REST: list[tuple[dict[str, str | None], str]] = [
    ({"code_verifier": "x" * 43}, "invalid_grant"),
    ({"code_verifier": None}, "invalid_request"),
    ({"code_verifier": "short"}, "invalid_request"),
    ({"redirect_uri": "https://reports.example/other"}, "invalid_grant"),
    ({"redirect_uri": None}, "invalid_grant"),
    ({"code": "made-up"}, "invalid_grant"),
    ({"code": None}, "invalid_request"),
    ({"grant_type": "password"}, "unsupported_grant_type"),
    ({"grant_type": None}, "unsupported_grant_type"),
    ({"grant_type": "client_credentials"}, "unauthorized_client"),
    ({"client_secret": "cec_wrong"}, "invalid_client"),
    ({"client_secret": None}, "invalid_client"),
    ({"client_id": None}, "invalid_client"),
]


async def test_a_code_without_the_rest_is_worth_nothing(party: RelyingParty) -> None:
    for changes, error in WITHOUT_THE_REST:
        answer = await party.redeem(await party.code(), **changes)
        assert answer.status_code == (401 if error == "invalid_client" else 400), changes
        if error == "invalid_client":
            told = answer.json()["error_description"]
            assert told.startswith("The client is not known, is disabled, or has not shown who it is. Check client_id")
            assert "client_secret_basic, client_secret_post, private_key_jwt, none;" in told
        assert answer.json()["error"] == error, changes
        assert answer.headers["Cache-Control"] == "no-store"


async def test_a_code_that_was_tried_with_a_wrong_verifier_is_used_up(party: RelyingParty) -> None:
    code = await party.code()
    await party.redeem(code, code_verifier="x" * 43)
    assert (await party.redeem(code)).json()["error"] == "invalid_grant"


async def test_a_code_of_another_application_is_worth_nothing_and_stays_good(party: RelyingParty) -> None:
    other = await registered(party.identity, an_application(name="別的系統"))
    code = await party.code()
    stolen = await party.redeem(code, client_id=other["client_id"], client_secret=other["client_secret"])
    assert stolen.json()["error"] == "invalid_grant"
    good(await party.redeem(code))


async def test_a_refresh_token_of_another_application_is_worth_nothing_and_stays_good(party: RelyingParty) -> None:
    other = await registered(party.identity, an_application(name="別的系統"))
    tokens = await party.tokens()
    stolen = await party.refresh(
        tokens["refresh_token"], client_id=other["client_id"], client_secret=other["client_secret"]
    )
    assert stolen.json()["error"] == "invalid_grant"
    auth = (other["client_id"], other["client_secret"])
    revoked = await party.identity.client.post("/oauth/revoke", data={"token": tokens["refresh_token"]}, auth=auth)
    assert revoked.json()["error"] == "invalid_grant"
    good(await party.refresh(tokens["refresh_token"]))


async def test_a_machine_account_signs_nobody_in_and_an_application_is_no_machine(party: RelyingParty) -> None:
    machine = await registered(party.identity, a_machine())
    looked = await party.look(client_id=machine["client_id"])
    assert (looked.status_code, looked.json()["error"]) == (400, "invalid_request")
    answer = await party.token(grant_type="client_credentials")
    assert (answer.status_code, answer.json()["error"]) == (400, "unauthorized_client")


UNREADABLE = [
    "Basic",
    "Basic !!!",
    "Basic " + base64.b64encode(b"no colon").decode(),
    "Basic " + base64.b64encode("碼:碼".encode()).decode(),
    "Basic " + base64.b64encode(b"\xff\xfe:x").decode(),
    "Basic \u00e9",
    "Bearer token",
    "",
]


async def test_credentials_that_cannot_be_read_are_401_and_nothing_worse(identity: Identity) -> None:
    for header in UNREADABLE:
        headers = {b"Authorization": header.encode("latin-1")}
        answer = await identity.client.post("/oauth/token", data={"grant_type": "client_credentials"}, headers=headers)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client"), header
        assert answer.headers["WWW-Authenticate"].startswith("Basic")


async def test_a_client_that_shows_who_it_is_in_two_ways_is_refused(party: RelyingParty) -> None:
    form = {"grant_type": "client_credentials", "client_secret": party.secret or ""}
    answer = await party.identity.client.post("/oauth/token", data=form, auth=(party.client_id, party.secret or ""))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_the_token_endpoint_reads_forms_alone(identity: Identity) -> None:
    answer = await identity.client.post("/oauth/token", json={"grant_type": "client_credentials"})
    assert refusal(answer)[:2] == (415, "unsupported-media-type")
    huge = await identity.client.post("/oauth/token", data={"grant_type": "x" * 30_000})
    assert huge.status_code == 413


async def test_nobody_decides_for_somebody_who_is_not_signed_in(party: RelyingParty) -> None:
    answer = await party.identity.client.post("/oauth/authorize", json={"request": "client_id=x", "decision": "allow"})
    assert refusal(answer)[:2] == (401, "unauthenticated")


async def test_an_application_cannot_decide_for_the_person_it_has_a_token_of(party: RelyingParty) -> None:
    """Else it could grant itself, or others, more."""
    tokens = await party.tokens()
    assert refusal(await party.decide(token=tokens["access_token"]))[:2] == (403, "forbidden")


async def test_a_token_without_a_sign_in_behind_it_begins_none(party: RelyingParty) -> None:
    token = party.identity.key.token(an_actor("system_administrator"), now=party.identity.clock.now())
    assert refusal(await party.decide(token=token))[:2] == (403, "sign-in-again")


async def test_the_challenge_is_of_the_verifier(party: RelyingParty) -> None:
    """That the tests above fail for the right reason: this is what passes."""
    assert len(create_s256_code_challenge(party.verifier)) == 43
    good(await party.redeem(await party.code()))
