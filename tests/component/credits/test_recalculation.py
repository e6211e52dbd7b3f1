"""What recalculation makes of facts, whatever way they came."""

from __future__ import annotations

import asyncio
from datetime import date
from decimal import Decimal
from uuid import uuid5

import msgspec
import pytest
from sqlalchemy.exc import DBAPIError
from tests.support.cases import load_case
from tests.support.credits_worker import HANDLERS, recalculate, standing_of, take_in
from tests.support.facts import approval_of, attendance_of, events_of, points_of, practitioner_of

from cec_chassis.clock import FixedClock
from cec_chassis.database import Database
from cec_chassis.ids import new_id
from cec_credits.recalculation.cases import FEW
from cec_credits.recalculation.lanes import BULK
from cec_credits.recalculation.store import Mark, claim, mark
from cec_credits.statements.facts import load_cases

E1 = load_case("e1-dental-technician")


async def test_the_dental_technician_of_2016_meets_the_standard(database: Database) -> None:
    person = new_id()
    await take_in(database, events_of(E1["case"], person))
    await recalculate(database)
    standing = await standing_of(database, person, "2")
    expected = {key: value for key, value in E1["expect"].items() if key != "window"}
    assert {key: standing[key] for key in expected} == expected


async def test_facts_in_reverse_and_twice_give_the_same_standing(database: Database) -> None:
    person = new_id()
    news = list(events_of(E1["case"], person))
    await take_in(database, [*reversed(news), *news])
    await recalculate(database)
    assert (await standing_of(database, person, "2"))["counted"] == "290.36"


async def test_a_withdrawn_approval_takes_its_points_from_everybody_on_the_roster(database: Database) -> None:
    first, second = new_id(), new_id()
    record = E1["case"]["records"][10]
    course = new_id()
    granted = approval_of(course, record, "2", Decimal("9.00"))
    await take_in(
        database,
        [
            practitioner_of(E1["case"], first),
            practitioner_of(E1["case"], second),
            granted,
            attendance_of(first, course, "2", "learner"),
            attendance_of(second, course, "2", "learner"),
        ],
    )
    await recalculate(database)
    assert (await standing_of(database, second, "2"))["valid"] == "9.00"
    await take_in(database, [approval_of(course, record, "2", Decimal("9.00"), 2, status="withdrawn")])
    await recalculate(database)
    for person in (first, second):
        standing = await standing_of(database, person, "2")
        assert (standing["valid"], standing["invalid"]) == ("0.00", "9.00")


async def test_what_was_recognised_in_breach_of_the_rules_counts_nothing_and_says_so(database: Database) -> None:
    person, course = new_id(), new_id()
    record = E1["case"]["records"][10]
    await take_in(
        database,
        [
            practitioner_of(E1["case"], person),
            approval_of(course, record, "2", Decimal("9.00")),
            attendance_of(person, course, "2", "learner"),
        ],
    )
    void = approval_of(course, record, "2", Decimal("9.00"), 2, status="withdrawn", article="18(2)")
    await take_in(database, [void])
    await recalculate(database)
    standing = await standing_of(database, person, "2")
    assert (standing["valid"], standing["invalid"]) == ("0.00", "9.00")
    async with database.reading() as tx:
        [[_, case]] = await load_cases(tx, [(person, "2")], date(2016, 7, 7))
    assert [one.void for one in case.records] == ["RECOGNITION_VOID"]


async def test_a_corrected_attendance_counts_in_proportion_to_the_minutes(database: Database) -> None:
    person, course = new_id(), new_id()
    record = E1["case"]["records"][10]
    await take_in(
        database,
        [
            practitioner_of(E1["case"], person),
            approval_of(course, record, "2", points_of(record)),
            attendance_of(person, course, "2", "learner"),
            attendance_of(person, course, "2", "learner", 2, minutes=225),
        ],
    )
    await recalculate(database)
    assert (await standing_of(database, person, "2"))["valid"] == "4.50"


async def test_a_withdrawn_attendance_counts_no_more_and_its_points_stand_among_the_invalid(database: Database) -> None:
    person, course = new_id(), new_id()
    record = E1["case"]["records"][10]
    await take_in(
        database,
        [
            practitioner_of(E1["case"], person),
            approval_of(course, record, "2", points_of(record)),
            attendance_of(person, course, "2", "learner", 2, status="withdrawn"),
            attendance_of(person, course, "2", "learner", 1),
        ],
    )
    await recalculate(database)
    standing = await standing_of(database, person, "2")
    assert (standing["valid"], standing["invalid"]) == ("0.00", "9.00")
    async with database.reading() as tx:
        assert len(await tx.all("SELECT 1 FROM ledger_entries")) == 2


async def test_an_attendance_moved_to_another_profession_leaves_the_first_one(database: Database) -> None:
    person, course = new_id(), new_id()
    record = E1["case"]["records"][10]
    both = practitioner_of(E1["case"], person)
    second = msgspec.structs.replace(both.body.licences[0], licence_id=new_id(), profession="4")
    both.body.licences.append(second)
    approval = approval_of(course, record, "2", Decimal("9.00"))
    approval.body.awards.append(msgspec.structs.replace(approval.body.awards[0], profession="4"))
    await take_in(database, [both, approval, attendance_of(person, course, "2", "learner")])
    await recalculate(database)
    await take_in(database, [attendance_of(person, course, "4", "learner", 2)])
    await recalculate(database)
    assert (await standing_of(database, person, "2"))["valid"] == "0.00"
    assert (await standing_of(database, person, "4"))["valid"] == "9.00"


async def test_attendance_that_came_before_its_practitioner_counts_even_without_a_licence(database: Database) -> None:
    person, course = new_id(), new_id()
    record = E1["case"]["records"][10] | {
        "starts_at": "2016-03-01T09:00:00+08:00",
        "ends_at": "2016-03-01T17:00:00+08:00",
    }
    await take_in(
        database,
        [approval_of(course, record, "2", Decimal("9.00")), attendance_of(person, course, "2", "learner")],
    )
    await recalculate(database)
    late = practitioner_of(E1["case"], person)
    late.body.licences.clear()
    await take_in(database, [late])
    await recalculate(database)
    assert (await standing_of(database, person, "2"))["valid"] == "9.00"


async def test_nothing_in_the_ledger_can_be_changed_or_deleted(database: Database) -> None:
    person, course = new_id(), new_id()
    await take_in(database, [attendance_of(person, course, "2", "learner")])
    for statement in ("UPDATE ledger_entries SET minutes = 1", "DELETE FROM ledger_entries"):
        with pytest.raises(DBAPIError, match="append-only"):
            async with database.transaction() as tx:
                await tx.execute(statement)


async def test_an_unchanged_standing_is_no_news(database: Database) -> None:
    person = new_id()
    await take_in(database, events_of(E1["case"], person))
    await recalculate(database)
    async with database.transaction() as tx:
        await mark(tx, [Mark(person, "2")])
    await recalculate(database)
    async with database.reading() as tx:
        rows = await tx.all("SELECT type, sequence FROM outbox ORDER BY type")
    assert [tuple(row) for row in rows] == [
        ("cec.credits.standing_changed.v1", 1),
        ("cec.public.standing_changed.v1", 1),
    ]


async def test_a_course_that_ends_tomorrow_counts_tomorrow_by_itself(database: Database, clock: FixedClock) -> None:
    from datetime import timedelta

    from cec_credits.recalculation.recalculate import mark_due

    person, course = new_id(), new_id()
    record = E1["case"]["records"][10] | {
        "starts_at": "2016-07-08T09:00:00+08:00",
        "ends_at": "2016-07-08T17:00:00+08:00",
    }
    await take_in(
        database,
        [
            practitioner_of(E1["case"], person),
            approval_of(course, record, "2", Decimal("9.00")),
            attendance_of(person, course, "2", "learner"),
        ],
    )
    await recalculate(database)
    assert (await standing_of(database, person, "2"))["pending"] == "9.00"
    assert await mark_due(database) == 0
    clock.advance(timedelta(days=1))
    assert await mark_due(database) == 1
    await recalculate(database)
    standing = await standing_of(database, person, "2")
    assert (standing["valid"], standing["pending"], standing["version"]) == ("9.00", "0.00", 2)


async def test_a_fact_that_commits_while_the_worker_claims_is_not_forgotten(database: Database) -> None:
    """The two-connection interleaving: with ON CONFLICT DO NOTHING the second mark would be lost for ever."""
    person = new_id()
    async with database.transaction() as tx:
        await mark(tx, [Mark(person, "2")])
    async with database.engine.connect() as writer, database.engine.connect() as claimer:
        from cec_chassis.context import CommandContext
        from cec_chassis.database import Transaction

        now = database.clock.now()
        async with writer.begin() as writing:
            await mark(Transaction(writer, now, CommandContext()), [Mark(person, "2")])
            async with claimer.begin():
                claimed = await claim(Transaction(claimer, now, CommandContext()), BULK)
            assert claimed == [], "the worker must leave a mark that an open transaction holds"
            await writing.commit()
        async with claimer.begin():
            assert len(await claim(Transaction(claimer, now, CommandContext()), BULK)) == 1


async def test_a_mark_set_while_its_predecessor_is_being_worked_in_waits_and_survives(database: Database) -> None:
    person = new_id()
    async with database.transaction() as tx:
        await mark(tx, [Mark(person, "2")])
    async with database.transaction() as working:
        assert len(await claim(working, BULK)) == 1

        async def another_fact() -> None:
            async with database.transaction() as tx:
                await mark(tx, [Mark(person, "2")])

        marking = asyncio.create_task(another_fact())
        await asyncio.sleep(0.1)
        assert not marking.done()
    await marking
    async with database.transaction() as tx:
        assert len(await claim(tx, BULK)) == 1


async def test_an_attendance_that_commits_after_an_approval_looked_is_still_recalculated(database: Database) -> None:
    """The approval waits for the attendance that is being written, and so cannot miss it when it marks."""
    person = new_id()
    record = E1["case"]["records"][10]
    course = uuid5(person, "course")
    await take_in(database, [practitioner_of(E1["case"], person), approval_of(course, record, "2", Decimal("9.00"))])
    withdrawal = approval_of(course, record, "2", Decimal("9.00"), 2, status="withdrawn")

    async with database.transaction() as tx:
        attended = attendance_of(person, course, "2", "learner")
        await HANDLERS[attended.event.name](tx, [attended.received()])
        withdrawing = asyncio.create_task(take_in(database, [withdrawal]))
        await asyncio.sleep(0.1)
        assert not withdrawing.done()
    await withdrawing
    await recalculate(database)
    assert (await standing_of(database, person, "2"))["invalid"] == "9.00"


@pytest.mark.parametrize(
    ("points", "minutes"), [("NaN", None), ("sNaN", 30), ("Infinity", 30), ("1E+40", 30), ("1E+999999", 30)]
)
async def test_one_persons_broken_data_stops_nobody_else(database: Database, points: str, minutes: int | None) -> None:
    broken, whole = new_id(), new_id()
    await take_in(database, [*events_of(E1["case"], whole), practitioner_of(E1["case"], broken)])
    record = E1["case"]["records"][10]
    course = new_id()
    await take_in(
        database,
        [
            approval_of(course, record, "2", Decimal(points)),
            attendance_of(broken, course, "2", "learner", minutes=minutes),
        ],
    )
    await recalculate(database)
    assert (await standing_of(database, whole, "2"))["counted"] == "290.36"
    async with database.reading() as tx:
        failed = await tx.all("SELECT practitioner_id, error FROM recalculation_failures")
    assert [row.practitioner_id for row in failed] == [broken]


async def test_broken_data_among_many_stops_nobody_else(database: Database) -> None:
    """Many are read in another way than a few."""
    broken, course, record = new_id(), new_id(), E1["case"]["records"][10]
    crowd = [new_id() for _ in range(2 * FEW)]
    people = [practitioner_of(E1["case"], each) for each in (broken, *crowd)]
    await take_in(database, [*people, *(attendance_of(each, course, "2", "learner") for each in crowd)])
    await take_in(database, [approval_of(course, record, "2", Decimal("9.00"))])
    for points in ("sNaN", "1E+999999"):
        another = new_id()
        await take_in(database, [approval_of(another, record, "2", Decimal(points))])
        await take_in(database, [attendance_of(broken, another, "2", "learner", minutes=30)])
    await recalculate(database)
    assert [(await standing_of(database, each, "2"))["valid"] for each in crowd] == ["9.00"] * len(crowd)
    async with database.reading() as tx:
        failed = await tx.all("SELECT practitioner_id FROM recalculation_failures")
    assert [row.practitioner_id for row in failed] == [broken]


async def test_the_news_says_until_when_the_window_stays_open(database: Database) -> None:
    """So that whoever sums up by month of renewal knows it years ahead."""
    await take_in(database, events_of(E1["case"], new_id()))
    await recalculate(database)
    async with database.reading() as tx:
        told = (await tx.one("SELECT data FROM outbox WHERE type = 'cec.credits.standing_changed.v1'")).data
    assert told["window_end"] == E1["case"]["licence"]["valid_until"]
    assert told["window_until"] <= told["window_end"]
