"""One's own password is changed: by whoever knows the old one, in a session of one's own."""

from __future__ import annotations

from datetime import timedelta

import httpx
from tests.component.identity.conftest import Identity, good, refusal
from tests.component.identity.strangers import NEW_PASSWORD, activated, delivered, recover, recovery_token
from tests.support.mail_server import MailServer
from tests.support.tokens import an_actor

NEWER = "yet another battery staple"


async def change(identity: Identity, token: str, current: str = NEW_PASSWORD, new: str = NEWER) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"}
    body = {"current_password": current, "new_password": new}
    return await identity.client.post("/accounts/me/password", json=body, headers=headers)


async def test_the_session_goes_on_the_others_end_and_a_mail_tells(identity: Identity, server: MailServer) -> None:
    await activated(identity, server)
    link = await recovery_token(identity, server)
    other, mine = [good(await identity.sign_in("mei-ling", NEW_PASSWORD)) for _ in range(2)]
    assert (await change(identity, mine["access_token"])).status_code == 204
    assert refusal(await identity.refresh(other["refresh_token"]))[1] == "session-ended"
    good(await identity.refresh(mine["refresh_token"]))
    good(await identity.sign_in("mei-ling", NEWER))
    assert any("密碼已於" in mail for mail in await delivered(identity, server))
    assert refusal(await recover(identity, link, "one more staple"))[:2] == (410, "link-invalid")
    (row,) = await identity.rows("SELECT after::text AS after FROM audit_log WHERE action = 'password.changed'")
    assert '"sessions_ended": 1' in row.after


async def test_the_old_password_is_asked_for_ten_times_in_a_quarter_of_an_hour(
    identity: Identity, server: MailServer
) -> None:
    await activated(identity, server)
    token = good(await identity.sign_in("mei-ling", NEW_PASSWORD))["access_token"]
    for _ in range(10):
        assert refusal(await change(identity, token, "not my password"))[:2] == (403, "current-password-wrong")
    assert refusal(await change(identity, token))[:2] == (429, "too-many-requests")
    identity.clock.advance(timedelta(minutes=15))
    token = good(await identity.sign_in("mei-ling", NEW_PASSWORD))["access_token"]
    assert (await change(identity, token)).status_code == 204


async def test_the_new_password_is_held_to_the_rules_and_is_a_new_one(identity: Identity, server: MailServer) -> None:
    await activated(identity, server)
    token = good(await identity.sign_in("mei-ling", NEW_PASSWORD))["access_token"]
    for new, slug in (
        ("short", "password-length"),
        ("xMEI-LINGx", "password-contains-name"),
        (NEW_PASSWORD, "password-unchanged"),
    ):
        assert refusal(await change(identity, token, new=new))[2] == [("body.new_password", slug)]


async def test_a_disabled_account_and_a_machine_change_nothing(identity: Identity, server: MailServer) -> None:
    await activated(identity, server)
    token = good(await identity.sign_in("mei-ling", NEW_PASSWORD))["access_token"]
    account = (await identity.rows("SELECT id FROM accounts WHERE role = 'practitioner'"))[0].id
    good(await identity.ask(identity.administrator, "POST", f"/accounts/{account}/disable", {"reason": "離職"}))
    assert (await change(identity, token)).status_code == 403
    body = {"current_password": NEW_PASSWORD, "new_password": NEWER}
    assert (await identity.ask(an_actor("other_system"), "POST", "/accounts/me/password", body)).status_code == 403
    assert (await identity.ask(None, "POST", "/accounts/me/password", body)).status_code == 401
