"""What strangers do: prove work, activate, follow links, ask for a way back into an account."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from altcha import Challenge, Payload, solve_challenge
from sqlalchemy import event
from tests.component.identity.conftest import Identity, good
from tests.component.identity.mails import delivery, settings_of
from tests.support.mail_server import MailServer, text_of

from cec_identity.recovery.mail_links import answer_requests
from cec_identity.vault import Vault

MEI = "A123456789,陳美玲,P0003,D,牙醫字第049465號,2005/3/1,2024-01-01,2029-12-31,,592202A296,臺南市,,"
FACTS = {
    "national_id": "A123456789",
    "practising": True,
    "institution_code": "592202A296",
    "certificate_number": "049465",
}
CONSENT = "2026-01-01"
WISH = {
    "name": "mei-ling",
    "email": "mei@example.org",
    "email_again": "mei@example.org",
    "consent_version": CONSENT,
}
NEW_PASSWORD = "a staple for the battery"


@contextmanager
def statements(identity: Identity) -> Iterator[list[str]]:
    """What the API asks the database within the block: time on a busy machine says little, this says all."""
    asked: list[str] = []

    def remember(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement)

    engine = identity.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", remember)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", remember)


async def proof(identity: Identity, purpose: str) -> str:
    """A solved challenge."""
    challenge = Challenge.from_dict(good(await identity.ask(None, "POST", "/proof-of-work", {"purpose": purpose})))
    solution = solve_challenge(challenge)
    assert solution is not None
    return Payload(challenge, solution).to_base64()


async def check(identity: Identity, **changes: Any) -> httpx.Response:
    """The first step, by default of somebody who knows everything about Mei."""
    body = FACTS | {"proof_of_work": await proof(identity, "activation")} | changes
    return await identity.ask(None, "POST", "/activation/checks", body)


async def ticket(identity: Identity, **changes: Any) -> str:
    """The ticket of a first step that was good; Mei is registered if she was not before."""
    await identity.imported(MEI)
    found = good(await check(identity, **changes))
    assert found["status"] == "not-activated"
    return str(found["ticket"])


async def send(identity: Identity, ticket: str, **changes: Any) -> httpx.Response:
    """The third step."""
    return await identity.ask(None, "POST", "/activation", {**WISH, "ticket": ticket, **changes})


async def delivered(identity: Identity, server: MailServer) -> list[str]:
    """Delivers what waits; the texts of what has arrived since the test began."""
    while await delivery(identity, server).batch():
        pass
    return [text_of(mail) for mail in server.arrived]


async def token_of_last_mail(identity: Identity, server: MailServer) -> str:
    """The token in the link of the newest mail."""
    found = re.search(r"#verify=([\w-]+)", (await delivered(identity, server))[-1])
    assert found is not None
    return found[1]


async def open_account(identity: Identity, token: str, password: str = NEW_PASSWORD) -> httpx.Response:
    """The last step."""
    return await identity.ask(None, "POST", "/activation/password", {"token": token, "password": password})


async def activated(identity: Identity, server: MailServer, **changes: Any) -> None:
    """Mei has an account: `mei-ling` with NEW_PASSWORD."""
    good(await send(identity, await ticket(identity), **changes), 202)
    good(await open_account(identity, await token_of_last_mail(identity, server)), 201)


async def ask_for_recovery(identity: Identity, who: str, **changes: Any) -> httpx.Response:
    """`I cannot sign in`."""
    body = {"who": who, "proof_of_work": await proof(identity, "recovery")} | changes
    return await identity.ask(None, "POST", "/recovery", body)


async def requests_answered(identity: Identity) -> int:
    """What the worker does with the requests that wait; how many there were."""
    settings = settings_of(identity)
    async with identity.database.transaction() as tx:
        return await answer_requests(tx, settings, Vault.of(settings))


async def recovery_token(identity: Identity, server: MailServer, who: str = "mei-ling") -> str:
    """The token of a link that was asked for."""
    good(await ask_for_recovery(identity, who), 202)
    assert await requests_answered(identity) == 1
    return await token_of_last_mail(identity, server)


async def recover(identity: Identity, token: str, password: str) -> httpx.Response:
    """Sets a new password by a link."""
    return await identity.ask(None, "POST", "/recovery/password", {"token": token, "password": password})
