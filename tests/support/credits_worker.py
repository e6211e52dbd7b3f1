"""Credits' worker without the bus: events go into its handlers as the consumer would give them, inbox aside."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import msgspec
from tests.support.facts import News

from cec_chassis.database import Database
from cec_credits.recalculation.loop import drain
from cec_credits.rulesets.edition import GivenRules
from cec_credits.rulesets.load import bundled
from cec_credits.subscribes import SUBSCRIPTIONS

HANDLERS = {subscription.event.name: subscription.handler for subscription in SUBSCRIPTIONS}


async def take_in(database: Database, news: Iterable[News], *, batch: int = 50) -> None:
    """In the order given, in batches, each in one transaction."""
    waiting = list(news)
    while waiting:
        async with database.transaction() as tx:
            for each in waiting[:batch]:
                await HANDLERS[each.event.name](tx, [each.received()])
        waiting = waiting[batch:]


async def recalculate(database: Database) -> None:
    """Until nothing is marked."""
    await drain(database, GivenRules(bundled()), asyncio.Event())


async def standing_of(database: Database, practitioner_id: UUID, profession: str) -> dict[str, Any]:
    """The stored summary, and its version."""
    async with database.reading() as tx:
        row = await tx.one(
            "SELECT summary, version FROM standings WHERE practitioner_id = :id AND profession = :profession",
            id=practitioner_id,
            profession=profession,
        )
    return {**msgspec.json.decode(row.summary), "version": row.version}
