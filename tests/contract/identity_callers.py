"""Who asks identity, and what there is in it that their requests can find: one of everything that an address names."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from altcha import Challenge, Payload, solve_challenge
from tests.component.identity.applying import applied
from tests.component.identity.authenticator import Authenticator
from tests.component.identity.conftest import LIN, PASSWORD, WANG, Identity, a_file, good
from tests.component.identity.test_announcement_files import with_file
from tests.component.identity.test_passkeys import Owner
from tests.component.identity.test_recognitions import recognised, society
from tests.component.identity_openid.conftest import RelyingParty, a_machine, an_application, registered
from tests.support.tokens import an_actor

from cec_chassis.context import Actor
from cec_identity.accounts.profile import Profile
from cec_identity.accounts.profile_store import insert_profile
from cec_identity.announcements.unsubscribe import unsubscribe_url
from cec_identity.registry import http as registry
from cec_identity.settings import settings_of
from cec_identity.vault import Vault

ADMINISTRATOR = "Administrator-1"
ANYBODY = "anybody"
MACHINE = "other_system"
SYSTEM_SCOPES = ["organisations:read", "registry:write"]


@dataclass
class Caller:
    """Somebody who asks, with a token as long as it lasts; anybody has none."""

    role: str
    url: str
    name: str = ""
    account_id: str = ""
    secret: str = PASSWORD
    open_again: Callable[[str], Coroutine[Any, Any, None]] | None = None
    loop: asyncio.AbstractEventLoop | None = None
    device_token: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    session_id: str = ""
    renewed: int = 0

    def renew(self) -> None:
        """A token, by signing in; an account that was closed by what it asked is opened again. Called in a thread."""
        self.renewed += 1
        if self.role == ANYBODY:
            return
        if self.role == MACHINE:
            sent = {"grant_type": "client_credentials"}
            answer = httpx.post(f"{self.url}/oauth/token", data=sent, auth=(self.name, self.secret), timeout=60)
        else:
            answer = self._sign_in()
            if answer.status_code == 403 and answer.json()["type"] == "/problems/account-disabled":
                assert self.open_again is not None
                assert self.loop is not None
                asyncio.run_coroutine_threadsafe(self.open_again(self.account_id), self.loop).result(60)
                answer = self._sign_in()
        assert answer.status_code == 200, f"{self.role} cannot sign in any more: {answer.text}"
        self.device_token = answer.json().get("device_token") or self.device_token
        self.session_id = answer.json().get("session_id", "")
        self.headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}

    def _sign_in(self) -> httpx.Response:
        """With a proof of work, which is due when many have failed, and the token of the device."""
        given = httpx.post(f"{self.url}/proof-of-work", json={"purpose": "sign-in"}, timeout=60)
        challenge = Challenge.from_dict(given.json())
        solution = solve_challenge(challenge)
        assert solution is not None
        who = {"name": self.name, "password": self.secret, "proof_of_work": Payload(challenge, solution).to_base64()}
        if self.device_token:
            who["device_token"] = self.device_token
        return httpx.post(f"{self.url}/sign-in", json=who, timeout=60)


@dataclass
class Seeded:
    """The callers, and what their addresses may name."""

    identity: Identity
    callers: list[Caller]
    in_paths: dict[str, str]
    """By the name of the parameter."""
    in_queries: dict[str, dict[str, str]]
    """By method and address: what its required parameters may be."""

    async def open_again(self, account_id: str) -> None:
        """What the operator does for somebody who has closed their own account."""
        await _now(self.identity)
        path = f"/accounts/{account_id}/resume"
        good(await self.identity.ask(self.identity.administrator, "POST", path, {"reason": "誤停"}))

    def of(self, caller: Caller) -> Mapping[str, str]:
        """What an address of this caller's may name: sessions are their own."""
        return self.in_paths | ({"session_id": caller.session_id} if caller.session_id else {})


async def seeded(identity: Identity, url: str) -> Seeded:
    """One of everything, made through the same routes in another process of the service."""
    await _now(identity)
    unit = (await identity.organisation())["organisation_id"]
    people = {
        "offering_unit": {"organisation_id": unit},
        "review_unit": {"organisation_id": unit},
        "committee_member": {"organisation_id": unit},
        "practitioner": {"practitioner_id": str(await identity.practitioner_id(LIN))},
    }
    administrator = (await identity.rows("SELECT id FROM accounts"))[0].id
    accounts = {"system_administrator": (ADMINISTRATOR, str(administrator))}
    for role, tie in people.items():
        name = f"person-{len(accounts)}"
        accounts[role] = (name, (await identity.account(name, role=role, **tie))["account_id"])
    async with identity.database.transaction() as tx:
        for name, account_id in accounts.values():
            mailbox = f"{name.lower()}@example.org"
            await insert_profile(tx, Profile(account_id=UUID(account_id), person_name="王小明", email=mailbox))
    machine = await registered(identity, a_machine(scopes=SYSTEM_SCOPES))

    seeds = Seeded(identity, [], {}, {})
    for role, (name, account_id) in accounts.items():
        caller = Caller(role, url, name, account_id, open_again=seeds.open_again, loop=asyncio.get_running_loop())
        seeds.callers.append(caller)
    seeds.callers.append(Caller(MACHINE, url, machine["client_id"], secret=machine["client_secret"]))
    seeds.callers.append(Caller(ANYBODY, url))
    for caller in seeds.callers:
        await asyncio.to_thread(caller.renew)
    await _things(seeds, unit)
    return seeds


async def _things(seeds: Seeded, unit: str) -> None:
    identity = seeds.identity
    first = seeds.callers[0]
    # not those who ask: what is done to it does not keep them from asking
    colleague = (await identity.account("colleague", role="offering_unit", organisation_id=unit))["account_id"]
    session = good(await identity.sign_in("colleague"))["session_id"]
    client = await registered(identity, an_application())
    token = first.headers["Authorization"].removeprefix("Bearer ")
    application = RelyingParty(identity, client["client_id"], client["client_secret"], token)
    announcement, file_id = await with_file(identity, public=True, audience=["practitioner"])
    to = await society(identity, "S01")
    today = str(datetime.now(UTC).date() - timedelta(days=1))
    recognition = await recognised(identity, to, applied_on=today, valid_from=today)
    asker = an_actor("offering_unit", account_id=UUID(seeds.callers[1].account_id), organisation_id=UUID(unit))
    wish = {"role": "review_unit", "organisation_id": unit, "justification": "承辦審查"}
    passkey = await Owner(identity, {"access_token": token}).register(Authenticator())
    vault = Vault.of(settings_of(identity.runtime))
    link = unsubscribe_url("", vault.proof_key, UUID(colleague))
    seeds.in_paths |= {
        "account_id": colleague,
        "organisation_id": to,
        "practitioner_id": str(await identity.practitioner_id(WANG)),
        "session_id": session,
        "client_id": client["client_id"],
        "announcement_id": announcement,
        "file_id": file_id,
        "recognition_id": recognition["recognition_id"],
        "application_id": await applied(identity),
        "request_id": await _asked_for_rights(identity, asker, wish),
        "passkey_id": passkey["passkey_id"],
        "mail_id": str((await identity.rows("SELECT id FROM mails"))[0].id),
        "import_id": await _large_import(identity),
        "kind": "activation",
        "profession": "D",
    }
    seeds.in_queries |= {
        "GET /apply/organisations": {"code": "A01"},
        "GET /oauth/authorize": application.asking(),
        "GET /oauth/logout": {"id_token_hint": (await application.tokens())["id_token"]},
        "GET /announcement-mails/unsubscribe": {"token": link.split("token=")[1]},
        "POST /announcement-mails/unsubscribe": {"token": link.split("token=")[1]},
    }


async def _asked_for_rights(identity: Identity, actor: Actor, wish: dict[str, Any]) -> str:
    return str(good(await identity.ask(actor, "POST", "/profile/rights", wish), 201)["request_id"])


async def _large_import(identity: Identity) -> str:
    """One that is a job, though it is small; nobody works on it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "AT_ONCE", 0)
        return str(good(await identity.upload(a_file(WANG)), 202)["import_id"])


async def _now(identity: Identity) -> None:
    """The clock of this process is set by the clock of the one that is asked."""
    identity.clock.advance(datetime.now(UTC) - identity.clock.now())
