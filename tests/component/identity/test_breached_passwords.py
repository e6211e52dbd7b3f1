"""A service that has the list of breached passwords asks it wherever somebody chooses a password."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from tests.component.identity.conftest import PASSWORD, Identity, good, refusal, settings_for
from tests.component.identity.strangers import (
    NEW_PASSWORD,
    activated,
    open_account,
    recover,
    recovery_token,
    send,
    ticket,
    token_of_last_mail,
)
from tests.conftest import MakeDatabase
from tests.support.mail_server import MailServer
from tests.support.one_service import NOON

from cec_chassis.clock import FixedClock
from cec_chassis.problems import ValidationFailed
from cec_chassis.service import Runtime
from cec_identity.service import SERVICE
from cec_identity.worker import prepare_administrator

LISTED = "an umbrella in the rain"
UNLISTED = "an umbrella in the train"


@pytest.fixture
def breached(tmp_path: Path) -> str:
    """A list of three."""
    known = (LISTED, "another one that got out", "and one more of them")
    lines = sorted(hashlib.sha1(each.encode()).hexdigest().upper() for each in known)
    path = tmp_path / "hashes.txt"
    path.write_text("".join(f"{line}:7\r\n" for line in lines), newline="")
    return str(path)


@pytest.fixture
async def identity(make_database: MakeDatabase, breached: str) -> AsyncIterator[Identity]:
    """The service with the list."""
    url = await make_database("identity")
    service = await Identity.on(url, settings_for(url, breached_passwords_file=breached))
    yield service
    await service.close()


def is_breached(answer: httpx.Response, field: str = "body.password") -> bool:
    assert "umbrella" not in answer.text
    return refusal(answer) == (422, "validation-failed", [(field, "password-breached")])


async def test_an_administrator_cannot_give_it_to_a_new_account(identity: Identity) -> None:
    body = {"name": "unit-one", "password": LISTED, "role": "system_administrator"}
    assert is_breached(await identity.ask(identity.administrator, "POST", "/accounts", body))
    assert (await identity.sign_in("unit-one", LISTED)).status_code == 401
    await identity.account("unit-one", password=UNLISTED)


async def test_a_practitioner_cannot_choose_it_at_activation_and_the_link_stays_good(
    identity: Identity, server: MailServer
) -> None:
    good(await send(identity, await ticket(identity)), 202)
    token = await token_of_last_mail(identity, server)
    assert is_breached(await open_account(identity, token, LISTED))
    good(await open_account(identity, token, UNLISTED), 201)


async def test_nobody_can_choose_it_at_recovery_and_the_link_stays_good(identity: Identity, server: MailServer) -> None:
    await activated(identity, server)
    token = await recovery_token(identity, server)
    assert is_breached(await recover(identity, token, LISTED))
    good(await identity.sign_in("mei-ling", NEW_PASSWORD))
    assert (await recover(identity, token, UNLISTED)).is_success


async def test_nobody_can_change_their_own_to_it(identity: Identity) -> None:
    headers = {"Authorization": f"Bearer {good(await identity.sign_in())['access_token']}"}

    async def change(new: str) -> httpx.Response:
        body = {"current_password": PASSWORD, "new_password": new}
        return await identity.client.post("/accounts/me/password", json=body, headers=headers)

    assert is_breached(await change(LISTED), "body.new_password")
    good(await identity.sign_in())
    assert (await change(UNLISTED)).status_code == 204


async def test_the_first_administrator_does_not_get_it_either(make_database: MakeDatabase, breached: str) -> None:
    url = await make_database("identity")
    settings = settings_for(url, breached_passwords_file=breached, bootstrap_admin_password=LISTED)
    runtime = Runtime(SERVICE, settings, FixedClock(NOON))
    with pytest.raises(ValidationFailed) as refused:
        await prepare_administrator(runtime)
    await runtime.close()
    assert [error.slug for error in refused.value.errors] == ["password-breached"]
