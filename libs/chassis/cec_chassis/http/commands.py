"""From a request to a command and back: one transaction, one answer, and the same answer when asked again."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar, cast

import msgspec
import structlog
from litestar import Response
from sqlalchemy.exc import DBAPIError

from cec_chassis.database import Database, Transaction
from cec_chassis.failpoints import hit
from cec_chassis.http.idempotency import REPLAYED_HEADER, StoredAnswer, claim, hash_of, key_of, remember
from cec_chassis.http.requests import HttpRequest, refuse_ignored_body

log = structlog.get_logger(__name__)

Result = TypeVar("Result")
Command = Callable[[Transaction], Awaitable[Result]]

TRIES = 3
_LOST_A_RACE = frozenset({"40001", "40P01"})
"""serialization failure, deadlock: PostgreSQL rolled this one back so that another could go on; it may simply run again"""


async def run_command(
    request: HttpRequest, database: Database, command: Command[Result], status: int = 200
) -> Response[Result]:
    """Run `command` in one transaction and answer with what it returns, as JSON with `status`.

    With an `Idempotency-Key` of an authenticated caller the answer is stored in the same transaction, and given again
    (with `Idempotency-Replayed: true`) to the same request under the same key. A key without a caller is ignored:
    strangers must not be able to ask for one another's answers.

    `command` may run up to three times when the transaction loses a deadlock; it must act through the transaction only.

    Raises:
        Refusal: whatever the command refuses; nothing is kept then, not even the key.
        IdempotencyKeyReused: the key belongs to a different request.
        ValidationFailed: fields were sent to a route that reads none.
    """
    await refuse_ignored_body(request)
    await hit("command.before_transaction")
    for attempt in range(1, TRIES + 1):
        try:
            answer, replayed = await _once(request, database, command, status)
        except DBAPIError as error:
            if attempt == TRIES or getattr(error.orig, "sqlstate", None) not in _LOST_A_RACE:
                raise
            log.info("command_repeated", path=request.scope["path"], attempt=attempt)
            await asyncio.sleep(random.uniform(0.01, 0.05) * attempt)  # noqa: S311 - jitter, no secret
        else:
            break
    await hit("command.after_commit")
    # Already encoded, inside the transaction; the answer is typed by what was encoded.
    return Response(
        cast("Result", answer.body),
        status_code=answer.status,
        media_type=answer.content_type,
        headers={REPLAYED_HEADER: "true"} if replayed else {},
    )


async def _once(
    request: HttpRequest, database: Database, command: Command[Result], status: int
) -> tuple[StoredAnswer, bool]:
    context = request.command_context()
    key = key_of(request) if context.actor is not None else None
    request_hash = await hash_of(request) if key is not None else b""
    async with database.transaction(context) as tx:
        if key is None or context.actor is None:
            return _answer(await command(tx), status), False
        account_id = context.actor.account_id
        known = await claim(tx, account_id, key, request_hash)
        if known is not None:
            return known, True
        answer = _answer(await command(tx), status)
        await remember(tx, account_id, key, answer)
        return answer, False


def _answer(result: object, status: int) -> StoredAnswer:
    body = b"" if status == 204 else msgspec.json.encode(result)
    return StoredAnswer(status, "application/json", body)
