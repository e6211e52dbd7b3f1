"""Every event twice and in any order comes to what the pure engine makes of the facts as they are in the end."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.component.credits.stories import Key, Story, stories
from tests.support.credits_worker import HANDLERS, recalculate
from tests.support.facts import News

from cec_chassis.bus.subscription import Handler, Received
from cec_chassis.database import Database
from cec_chassis.ids import new_id
from cec_credits.statements.summary import summary_of

PUBLISHERS = ("identity", "review", "enrolment")
EXAMPLES = settings.default.max_examples * 5 // 8 if settings.default else 25
"""25, and many in the long profile."""


async def take_in(database: Database, batch: Iterable[News]) -> None:
    """As the consumer does it: one transaction, each handler once, with its events in the order of arrival."""
    groups: dict[Handler, list[Received[Any]]] = {}
    for news in batch:
        groups.setdefault(HANDLERS[news.event.name], []).append(news.received())
    async with database.transaction() as tx:
        for handler, events in groups.items():
            await handler(tx, events)


async def stored(database: Database, story: Story) -> dict[Key, str]:
    """The summaries of this story's people, as they would be served."""
    people = [versions[0].subject for versions in story.practitioners]
    async with database.reading() as tx:
        rows = await tx.all(
            "SELECT practitioner_id, profession, summary FROM standings WHERE practitioner_id = ANY(:people)",
            people=people,
        )
    return {(row.practitioner_id, row.profession): row.summary for row in rows}


@pytest.mark.timeout(600)  # a failure is made small first, and that takes minutes
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.data(), st.randoms(use_true_random=False), st.integers(1, 30), st.sampled_from(["", *PUBLISHERS]))
async def test_twice_shuffled_in_batches_with_recalculations_between_gives_the_engines_totals(
    database: Database, data: st.DataObject, chance: random.Random, largest_batch: int, late: str
) -> None:
    """Now and then all news of one publisher is late: whatever comes last must by itself set right what it touches."""
    story = data.draw(stories(new_id()))
    events = story.told() * 2
    chance.shuffle(events)
    events.sort(key=lambda news: news.event.publisher == late)
    while events:
        size = chance.randint(1, largest_batch)
        await take_in(database, events[:size])
        events = events[size:]
        if chance.random() < 0.3:
            await recalculate(database)
    await recalculate(database)

    found = await stored(database, story)
    assert found.keys() >= story.keys()
    for key, summary in found.items():
        assert summary == msgspec.json.encode(summary_of(story.ends(key))).decode(), key
    async with database.reading() as tx:
        assert not await tx.scalar("SELECT count(*) FROM recalculation_failures")
