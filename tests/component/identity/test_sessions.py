"""Sessions as their owner and administrators see them, the panel, and the history of sign-ins."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
from tests.component.identity.conftest import PASSWORD, Identity, good, refusal
from tests.component.identity.test_sign_in import claims_of

from cec_chassis.ids import new_id

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0"


async def enter(
    identity: Identity, name: str = "Administrator-1", *, agent: str = "", address: str = "203.0.113.7", **more: Any
) -> httpx.Response:
    body = {"name": name, "password": PASSWORD} | more
    return await identity.ask(None, "POST", "/sign-in", body, {"User-Agent": agent, "X-Real-IP": address})


async def ask(identity: Identity, tokens: dict[str, Any], method: str, path: str, body: Any = None) -> httpx.Response:
    return await identity.ask(None, method, path, body, {"Authorization": f"Bearer {tokens['access_token']}"})


async def test_ones_own_sessions_are_listed_as_one_knows_them(identity: Identity) -> None:
    first = good(await enter(identity, agent=FIREFOX))
    identity.clock.advance(timedelta(minutes=1))
    second = good(await enter(identity, agent="secret agent", address="2001:db8:1:2::3"))
    identity.clock.advance(timedelta(minutes=1))
    await identity.account("another-one")
    good(await enter(identity, "another-one"))
    first = good(await identity.refresh(first["refresh_token"]))
    items = good(await ask(identity, first, "GET", "/sessions"))["items"]
    assert [item["session_id"] for item in items] == [first["session_id"], second["session_id"]]
    assert [item["device"] for item in items] == ["Firefox · Linux", "其他裝置 / another device"]
    assert [item["address_masked"] for item in items] == ["203.0.113.*", "2001:db8:1:*"]
    assert [item["current"] for item in items] == [True, False]
    assert items[0]["last_used_at"] > items[0]["started_at"]
    assert items[0]["methods"] == ["pwd"]
    everything = await identity.rows("SELECT CAST(s AS text) AS line FROM sessions s")
    assert not any("203.0.113.7" in row.line or "secret" in row.line for row in everything)


async def test_one_session_is_ended_and_the_others_go_on(identity: Identity) -> None:
    first, second = good(await enter(identity)), good(await enter(identity))
    path = f"/sessions/{first['session_id']}/end"
    for _ in range(2):
        assert (await ask(identity, second, "POST", path)).status_code == 204
    assert refusal(await identity.refresh(first["refresh_token"]))[1] == "session-ended"
    good(await identity.refresh(second["refresh_token"]))
    assert len(good(await ask(identity, second, "GET", "/sessions"))["items"]) == 1
    assert (await identity.audited()).count("session.ended") == 1


async def test_nobody_ends_anothers_session_but_administrators(identity: Identity) -> None:
    unit = await identity.organisation()
    account = await identity.account(role="offering_unit", organisation_id=unit["organisation_id"])
    admin, victim = good(await enter(identity)), good(await enter(identity, "unit-one"))
    assert (await ask(identity, victim, "POST", f"/sessions/{admin['session_id']}/end")).status_code == 404
    of_unit = f"/accounts/{account['account_id']}/sessions"
    assert (await ask(identity, victim, "GET", of_unit)).status_code == 403
    assert (await ask(identity, victim, "POST", f"{of_unit}/end", {"reason": "x"})).status_code == 403
    assert [each["session_id"] for each in good(await ask(identity, admin, "GET", of_unit))["items"]] == [
        victim["session_id"]
    ]
    assert good(await ask(identity, admin, "POST", f"{of_unit}/end", {"reason": "裝置遺失"})) == {"ended": 1}
    assert refusal(await identity.refresh(victim["refresh_token"]))[1] == "session-ended"
    for method, path, body in (("GET", "", None), ("POST", "/end", {"reason": "x"})):
        assert (await ask(identity, admin, method, f"/accounts/{new_id()}/sessions{path}", body)).status_code == 404
    entry = (await identity.rows("SELECT reason, account_id FROM audit_log WHERE action = 'sessions.ended'"))[0]
    assert (entry.reason, str(entry.account_id)) == ("裝置遺失", admin["account_id"])


async def test_signing_out_everywhere_ends_all_and_forgets_the_devices(identity: Identity) -> None:
    first = good(await enter(identity))
    second = good(await enter(identity, device_token=first["device_token"]))
    assert second["device_token"] is None
    assert good(await ask(identity, second, "POST", "/sessions/end")) == {"ended": 2}
    for tokens in (first, second):
        assert refusal(await identity.refresh(tokens["refresh_token"]))[1] == "session-ended"
    third = good(await enter(identity, device_token=first["device_token"]))
    assert third["device_token"] not in {None, first["device_token"]}


async def test_a_refresh_keeps_the_session_and_the_time_of_the_sign_in(identity: Identity) -> None:
    tokens = good(await enter(identity))
    begun = claims_of(tokens)
    identity.clock.advance(timedelta(minutes=30))
    refreshed = claims_of(good(await identity.refresh(tokens["refresh_token"])))
    assert (begun["sid"], begun["auth_time"]) == (refreshed["sid"], refreshed["auth_time"])
    assert begun["sid"] == tokens["session_id"]
    assert refreshed["iat"] - refreshed["auth_time"] == 1800
    assert refreshed["amr"] == ["pwd"]


async def test_the_panel_says_who_is_signed_in_and_when_before(identity: Identity) -> None:
    tokens = good(await enter(identity))
    panel = good(await ask(identity, tokens, "GET", "/sessions/current"))
    assert (panel["account_name"], panel["role"]) == ("Administrator-1", "system_administrator")
    assert panel["last_sign_in_at"] is panel["last_failure_at"] is panel["email_masked"] is None
    started = panel["authenticated_at"]
    identity.clock.advance(timedelta(hours=1))
    await enter(identity, password="wrong password")
    failed = identity.clock.now()
    identity.clock.advance(timedelta(hours=1))
    second = good(await enter(identity))
    async with identity.database.transaction() as tx:
        await tx.execute(
            """
            INSERT INTO account_profiles (account_id, person_name, email, email_key, language, version, changed_at)
            VALUES (:id, '王小明', 'xiaoming@example.org', 'xiaoming@example.org', 'zh-Hant', 1, now())
            """,
            id=tokens["account_id"],
        )
    panel = good(await ask(identity, second, "GET", "/sessions/current"))
    assert panel["last_sign_in_at"] == started
    assert panel["last_failure_at"].startswith(failed.strftime("%Y-%m-%dT%H:%M"))
    assert (panel["person_name"], panel["email_masked"]) == ("王小明", "x***@example.org")
    assert panel["active_since"]


async def test_the_history_tells_successes_and_failures_of_ones_own_account_only(identity: Identity) -> None:
    await enter(identity, password="wrong password", agent=FIREFOX)
    identity.clock.advance(timedelta(minutes=1))
    tokens = good(await enter(identity, agent=FIREFOX))
    await enter(identity, "nobody-at-all")
    await identity.account("another-one")
    good(await enter(identity, "another-one"))
    page = good(await ask(identity, tokens, "GET", "/sessions/history"))
    assert page["total"] == 2
    assert [(line["outcome"], line["device"]) for line in page["items"]] == [
        ("succeeded", "Firefox · Linux"),
        ("refused", "Firefox · Linux"),
    ]
    assert page["items"][0]["session_id"] == tokens["session_id"]


async def test_the_panel_of_a_foreign_account_is_not_found(identity: Identity) -> None:
    assert (await identity.ask(identity.administrator, "GET", "/sessions/current")).status_code == 404
