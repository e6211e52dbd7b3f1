"""Two lanes of recalculation: single facts do not wait for imports, and neither waits for ever."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import msgspec
import pytest
from tests.support.cases import load_case
from tests.support.credits_worker import HANDLERS, take_in
from tests.support.facts import approval_of, attendance_of, practitioner_of

from cec_chassis.clock import SystemClock
from cec_chassis.context import CommandContext
from cec_chassis.database import Database
from cec_chassis.ids import new_id
from cec_chassis.service import Runtime
from cec_chassis.settings import ServiceSettings
from cec_credits.recalculation import loop
from cec_credits.recalculation.lanes import BULK, FLOOD, SINGLES, Lane, nudge
from cec_credits.recalculation.loop import drain
from cec_credits.recalculation.recalculate import Outcome
from cec_credits.recalculation.store import Mark, claim, mark
from cec_credits.rulesets.edition import GivenRules, Rules
from cec_credits.rulesets.load import bundled
from cec_credits.service import SERVICE

E1 = load_case("e1-dental-technician")


async def test_a_single_fact_does_not_wait_for_an_import_of_thousands(database: Database) -> None:
    """However many of an import were marked before and come after it, it has a lane of its own; the import has the other."""
    person, course = new_id(), new_id()
    crowd = [new_id() for _ in range(60)]
    await take_in(database, [attendance_of(each, course, "2", "learner") for each in [person, *crowd]])
    async with database.transaction() as tx:
        await tx.execute("DELETE FROM dirty_standings")
        await mark(tx, [Mark(each, "2") for each in crowd[:30]])
    single = attendance_of(person, course, "2", "learner", 2)
    await take_in(database, [single])
    async with database.transaction() as tx:
        await mark(tx, [Mark(each, "2") for each in crowd[30:]])
        assert [each.practitioner_id for each in await claim(tx, Lane(in_bulk=False, batch=10))] == [person]
        first = {each.practitioner_id for each in await claim(tx, Lane(in_bulk=True, batch=10))}
    assert len(first) == 10
    assert first <= set(crowd[:30]), "the oldest first"


@pytest.mark.parametrize(("roster", "lane"), [(FLOOD - 1, SINGLES), (FLOOD, BULK)])
async def test_an_approval_of_few_is_worked_in_like_a_single_fact(database: Database, roster: int, lane: Lane) -> None:
    course, record = new_id(), E1["case"]["records"][10]
    await take_in(database, [attendance_of(new_id(), course, "2", "learner") for _ in range(roster)])
    async with database.transaction() as tx:
        await tx.execute("DELETE FROM dirty_standings")
    await take_in(database, [approval_of(course, record, "2", Decimal("9.00"))])
    async with database.transaction() as tx:
        assert len(await claim(tx, lane)) == roster


async def test_an_approval_that_comes_in_bulk_is_bulk_however_few_it_concerns(database: Database) -> None:
    course = new_id()
    approval = approval_of(course, E1["case"]["records"][10], "2", Decimal("9.00"))
    await take_in(database, [attendance_of(new_id(), course, "2", "learner")])
    async with database.transaction() as tx:
        await tx.execute("DELETE FROM dirty_standings")
    async with database.transaction(CommandContext(in_bulk=True)) as tx:
        await HANDLERS[approval.event.name](tx, [approval.received()])
    async with database.transaction() as tx:
        assert (len(await claim(tx, SINGLES)), len(await claim(tx, BULK))) == (0, 1)


async def test_in_a_flood_a_mark_waits_for_more_of_its_practitioner_and_no_longer_than_half_a_second(
    database: Database,
) -> None:
    person, lane = new_id(), Lane(in_bulk=False, batch=10)
    lane.told(FLOOD)
    for _ in range(3):
        await take_in(database, [attendance_of(person, new_id(), "2", "learner")])
    async with database.transaction() as tx:
        assert await claim(tx, lane) == []
        await tx.execute("UPDATE dirty_standings SET since = since - interval '1 second'")
        assert len(await claim(tx, lane)) == 1, "one recalculation for three facts"


async def test_after_a_flood_nobody_waits(database: Database) -> None:
    lane = Lane(in_bulk=False, batch=10)
    lane.told(FLOOD)
    lane.told(FLOOD - 1)
    await take_in(database, [attendance_of(new_id(), new_id(), "2", "learner")])
    async with database.transaction() as tx:
        assert len(await claim(tx, lane)) == 1


def test_an_approval_between_does_not_end_a_flood() -> None:
    SINGLES.told(FLOOD)
    nudge()
    assert SINGLES.patience
    SINGLES.told(1)
    assert not SINGLES.patience


async def test_the_lanes_take_turns_however_much_waits_in_either(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that was away for long has hundreds of thousands of single facts; what a new day changes goes on meanwhile."""
    order: list[bool] = []
    stop = asyncio.Event()

    async def always_full(_database: Database, _rules: Rules, lane: Lane) -> Outcome:
        order.append(lane.in_bulk)
        if len(order) == 40:
            stop.set()
        await asyncio.sleep(0)
        return Outcome(claimed=lane.batch, changed=0)

    monkeypatch.setattr(loop, "recalculate_marked", always_full)
    settings = ServiceSettings(service="credits", database_url=database.dsn, amqp_url="amqp://nobody")
    runtime = Runtime(SERVICE, settings, SystemClock())
    await asyncio.wait_for(loop.keep_recalculating(runtime, stop), 30)
    await runtime.close()
    assert order.count(True) >= 10


async def test_many_marked_at_once_are_all_worked_in(database: Database) -> None:
    """More than two full batches, so that two work side by side."""
    course, record = new_id(), E1["case"]["records"][10]
    people = [new_id() for _ in range(30)]
    await take_in(
        database,
        [
            *(practitioner_of(E1["case"], each) for each in people),
            approval_of(course, record, "2", Decimal("9.00")),
            *(attendance_of(each, course, "2", "learner") for each in people),
        ],
    )
    lane = Lane(in_bulk=False, batch=10)
    async with database.transaction() as tx:
        await tx.execute("UPDATE dirty_standings SET in_bulk = false")
    await drain(database, GivenRules(bundled()), asyncio.Event(), [lane])
    async with database.reading() as tx:
        rows = await tx.all("SELECT summary FROM standings")
        assert await tx.scalar("SELECT count(*) FROM dirty_standings") == 0
    assert [msgspec.json.decode(row.summary)["valid"] for row in rows] == ["9.00"] * 30
