"""What is kept about signing in goes when its time is over, and not a moment sooner: the loops are run on both sides."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import timedelta
from typing import Final

import pytest
from tests.component.identity.conftest import Identity, good
from tests.support.eventually import eventually

from cec_chassis.database import Transaction
from cec_chassis.service import Loop
from cec_identity.personal_data.enforce_retention import enforce_retention
from cec_identity.sign_in.forget_old_sessions import forget_old_sessions

SECOND: Final = timedelta(seconds=1)
LIMITS: Final = {
    "sessions": timedelta(days=30),
    "refresh_tokens": timedelta(days=30),
    "sign_in_history": timedelta(days=365),
    "sign_in_challenges": timedelta(0),
    "sign_in_failures": timedelta(0),
    "known_devices": timedelta(days=180),
    "email_changes": timedelta(0),
}
"""How long a row is kept after the moment that counts for it: the end of a session, an attempt, the last use of a device, and
of what expires the moment when it does. Written down once more: whoever changes a limit changes a promise."""

FILL: Final = {
    "sessions": """
        INSERT INTO sessions (id, account_id, started_at, ends_at, authenticated_at, methods, last_used_at, device,
                              address_masked)
        VALUES (CAST(md5(:which) AS uuid), :account, :at, :at, :at, '{pwd}', :at, :which, '203.0.113.0')
    """,
    "refresh_tokens": """
        INSERT INTO refresh_tokens (digest, session_id, issued_at, expires_at)
        VALUES (convert_to(:which, 'UTF8'), CAST(md5(:which) AS uuid), :at, :at)
    """,
    "sign_in_history": """
        INSERT INTO sign_in_history (id, account_id, at, outcome, methods, device, address_masked)
        VALUES (gen_random_uuid(), :account, :at, 'refused', '{pwd}', :which, '203.0.113.0')
    """,
    "sign_in_challenges": """
        INSERT INTO sign_in_challenges (digest, purpose, account_id, failures, expires_at)
        VALUES (convert_to(:which, 'UTF8'), 'card_sign_in', :account, 0, :at)
    """,
    "sign_in_failures": """
        INSERT INTO sign_in_failures (kind, subject, failures, forget_at)
        VALUES ('account', convert_to(:which, 'UTF8'), 3, :at)
    """,
    "known_devices": """
        INSERT INTO known_devices (digest, account_id, device, known_since, last_used_at)
        VALUES (convert_to(:which, 'UTF8'), :account, :which, :at, :at)
    """,
    "email_changes": """
        INSERT INTO email_changes (account_id, email, token_digest, expires_at, asked_at)
        VALUES (:account, :which || '@example.org', convert_to(:which, 'UTF8'), :at, :at)
    """,
}
LEFT: Final = {
    "sessions": "SELECT device FROM sessions",
    "refresh_tokens": "SELECT convert_from(digest, 'UTF8') FROM refresh_tokens",
    "sign_in_history": "SELECT device FROM sign_in_history",
    "sign_in_challenges": "SELECT convert_from(digest, 'UTF8') FROM sign_in_challenges",
    "sign_in_failures": "SELECT convert_from(subject, 'UTF8') FROM sign_in_failures",
    "known_devices": "SELECT device FROM known_devices",
    "email_changes": "SELECT split_part(email, '@', 1) FROM email_changes",
}


@pytest.fixture
async def filled(identity: Identity) -> Identity:
    """In each table a row whose time is over since a second, and one with a second to go."""
    accounts = {which: (await identity.account(f"account-{which}"))["account_id"] for which in ("old", "young")}
    async with identity.database.transaction() as tx:
        for table, kept in LIMITS.items():
            for which, at in (("old", tx.now - kept - SECOND), ("young", tx.now - kept + SECOND)):
                await _fill(tx, table, account=accounts[which], at=at, which=which)
    return identity


async def _fill(tx: Transaction, table: str, **row: object) -> None:
    sql = FILL[table].replace(":account", "CAST(:account AS uuid)").replace(":which", "CAST(:which AS text)")
    await tx.execute(sql, **{name: value for name, value in row.items() if f":{name}" in FILL[table]})


async def left(identity: Identity, tables: Iterable[str]) -> dict[str, list[str]]:
    return {table: sorted(row[0] for row in await identity.rows(LEFT[table])) for table in tables}


async def ran_once(identity: Identity, loop: Loop, told: str) -> None:
    """The loop as the worker runs it, stopped after its first round; `told` is the table by which one sees that it is over."""
    stop, before = asyncio.Event(), await left(identity, [told])
    running = asyncio.ensure_future(loop(identity.runtime, stop))

    async def done() -> bool:
        return running.done() or await left(identity, [told]) != before

    await eventually(done, what=f"{loop.__name__} takes something away")
    stop.set()
    async with asyncio.timeout(10):
        await running


async def test_everything_about_signing_in_goes_on_its_day_and_what_is_younger_stays(filled: Identity) -> None:
    await ran_once(filled, forget_old_sessions, "sign_in_history")
    assert await left(filled, LIMITS) == {table: ["young"] for table in LIMITS} | {"email_changes": ["old", "young"]}
    filled.clock.advance(2 * SECOND)
    await ran_once(filled, forget_old_sessions, "sign_in_history")
    assert await left(filled, LIMITS) == {table: [] for table in LIMITS} | {"email_changes": ["old", "young"]}


async def test_an_address_that_was_never_confirmed_goes_when_its_link_is_worth_nothing(filled: Identity) -> None:
    others = LIMITS.keys() - {"email_changes"}
    await ran_once(filled, enforce_retention, "email_changes")
    assert await left(filled, ["email_changes"]) == {"email_changes": ["young"]}
    filled.clock.advance(2 * SECOND)
    await ran_once(filled, enforce_retention, "email_changes")
    assert await left(filled, ["email_changes"]) == {"email_changes": []}
    assert await left(filled, others) == {table: ["old", "young"] for table in others}


async def test_a_session_that_somebody_uses_is_not_forgotten(identity: Identity) -> None:
    """Nor what belongs to it, while another's is."""
    tokens = good(await identity.sign_in())
    async with identity.database.transaction() as tx:
        at, account = tx.now - LIMITS["sessions"] - SECOND, tokens["account_id"]
        await _fill(tx, "sessions", account=account, at=at, which="old")
        await _fill(tx, "sign_in_challenges", account=account, at=tx.now, which="old")
    await ran_once(identity, forget_old_sessions, "sign_in_challenges")
    good(await identity.refresh(tokens["refresh_token"]))
    assert len(await identity.rows("SELECT id FROM sessions")) == 1
