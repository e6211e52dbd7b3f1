"""Two records of one person: the facts of both count for the survivor, in whatever order the news comes; nothing is erased."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.component.credits.town import CASE, Town, a_record, later
from tests.support.facts import News, approval_of, attendance_of, practitioner_of
from tests.support.one_service import News as Brought
from tests.support.tokens import an_actor

from cec_chassis.ids import new_id
from cec_contracts import credits as contract
from cec_contracts import identity
from cec_contracts.public import PUBLIC_STANDING_CHANGED
from cec_credits.practitioners.merges import ends_of
from cec_credits.recalculation.rebuild.run import rebuild
from cec_credits.recalculation.reconcile import reconcile
from cec_credits.rulesets.edition import PublishedRules

POINTS = Decimal("3.60")
A_MORNING = a_record()


def merged(person: UUID, into: UUID | None, sequence: int) -> News:
    """News of a record that was merged into another one, or stands for itself again."""
    first = practitioner_of(CASE, person, sequence)
    body = msgspec.structs.replace(first.body, merged_into=into)
    return News(identity.PRACTITIONER_CHANGED, person, sequence, body)


def went(person: UUID, course: UUID | None = None) -> tuple[UUID, list[News]]:
    """A course, and that the person was there."""
    course = course or new_id()
    return course, [approval_of(course, A_MORNING, "2", POINTS), attendance_of(person, course, "2", "learner")]


async def statement(town: Town, person: UUID, query: str = "") -> dict[str, Any]:
    return await town.get(f"/statements/{person}/2{query}")


async def valid(town: Town, person: UUID) -> Decimal:
    return Decimal((await statement(town, person))["valid"])


async def test_what_stood_under_the_former_record_counts_for_the_survivor_and_comes_back(town: Town) -> None:
    survivor, former = await town.settle_in(), await town.settle_in()
    for person, courses in ((survivor, 2), (former, 1)):
        for _ in range(courses):
            await town.tell(*went(person)[1])
    await town.tell(merged(former, survivor, 2))
    assert (await valid(town, survivor), await valid(town, former)) == (3 * POINTS, Decimal(0))
    await town.tell(merged(former, None, 3))
    assert (await valid(town, survivor), await valid(town, former)) == (2 * POINTS, POINTS)
    assert await town.rows("SELECT practitioner_id FROM ledger_entries WHERE practitioner_id = :id", id=former) == [
        (former,)
    ]


async def test_both_statements_explain_themselves(town: Town) -> None:
    survivor, former = await town.settle_in(), await town.settle_in()
    await town.tell(*went(survivor)[1], *went(former)[1], merged(former, survivor, 2))
    of_survivor, of_former = await statement(town, survivor), await statement(town, former)
    assert (of_survivor["merged_from"], of_survivor["merged_into"]) == ([str(former)], None)
    assert (of_former["merged_from"], of_former["merged_into"]) == ([], str(survivor))
    assert "merged_into" in of_former["merged_text"]["en"]
    entries = (await town.get(f"/statements/{survivor}/2/entries"))["entries"]
    assert sorted(str(entry["recorded_under"]) for entry in entries) == sorted(["None", str(former)])
    assert (await town.get(f"/statements/{former}/2/entries"))["entries"] == []


async def test_the_others_and_other_systems_are_told_under_which_id_the_points_are_now(town: Town) -> None:
    survivor, former = await town.settle_in(), await town.settle_in()
    await town.tell(*went(former)[1])
    await town.tell(merged(former, survivor, 2))
    for event in (contract.STANDING_CHANGED.name, PUBLIC_STANDING_CHANGED.name):
        told = [each.body for each in await town.told() if each.type == event]
        last = {body.practitioner_id: body for body in told}
        assert (last[former].valid, last[former].merged_into) == (0, survivor)
        assert (last[survivor].valid, last[survivor].merged_into) == (POINTS, None)


async def test_one_course_under_both_records_counts_once(town: Town) -> None:
    survivor, former = await town.settle_in(), await town.settle_in()
    course, there = went(survivor)
    await town.tell(*there, *went(former, course)[1], merged(former, survivor, 2))
    assert await valid(town, survivor) == POINTS
    entries = (await town.get(f"/statements/{survivor}/2/entries"))["entries"]
    assert sorted(entry["state"] for entry in entries) == ["invalid", "valid"]


async def test_what_was_known_before_the_merge_is_still_told_as_it_was_known(town: Town) -> None:
    survivor, former = await town.settle_in(), await town.settle_in()
    await town.tell(*went(survivor)[1], *went(former)[1])
    before = town.clock.now().isoformat().replace("+", "%2B")
    later(town, days=1)
    await town.tell(merged(former, survivor, 2))
    for person in (survivor, former):
        then = await statement(town, person, f"?known_by={before}")
        assert (Decimal(then["valid"]), then["merged_into"], then["merged_from"]) == (POINTS, None, [])
    assert await valid(town, survivor) == 2 * POINTS


async def test_late_attendance_under_a_former_id_lands_with_the_survivor(town: Town) -> None:
    survivor, former = await town.settle_in(), await town.settle_in()
    await town.tell(merged(former, survivor, 2))
    await town.tell(*went(former)[1])
    assert (await valid(town, survivor), await valid(town, former)) == (POINTS, Decimal(0))


async def test_a_practitioner_reads_the_former_record_as_the_own_and_nobody_elses(town: Town) -> None:
    survivor, former, other = await town.settle_in(), await town.settle_in(), await town.settle_in()
    await town.tell(merged(former, survivor, 2))
    for own, asked in ((survivor, former), (former, survivor)):
        me = an_actor("practitioner", practitioner_id=own)
        assert (await town.ask(me, "GET", f"/statements/{asked}/2")).status_code == 200
        assert (await town.refused(f"/statements/{other}/2", me))[0] == 403


async def test_a_rebuild_and_a_reconciliation_know_of_merges(town: Town) -> None:
    people = [await town.settle_in() for _ in range(4)]
    for person in people:
        await town.tell(*went(person)[1])
    await town.tell(merged(people[0], people[3], 2), merged(people[3], people[1], 2))
    assert await valid(town, people[1]) == 3 * POINTS
    assert (await reconcile(town.database, PublishedRules())).differences == []
    result = await rebuild(town.database, size=1)
    assert (result.differing, result.failed) == (0, 0)


def test_a_circle_that_news_out_of_order_may_make_has_no_end() -> None:
    a, b, c, d = (UUID(int=at) for at in range(1, 5))
    assert ends_of({a: b, b: c}) == {a: c, b: c}
    assert ends_of({a: b, b: a, c: d}) == {c: d}


@pytest.mark.timeout(600)
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.sampled_from([None, 0, 1, 2, 3])), max_size=6),
    st.randoms(use_true_random=False),
)
async def test_in_any_order_and_twice_it_comes_to_the_same(
    town: Town, happened: list[tuple[int, int | None]], chance: random.Random
) -> None:
    """Merges and separations of four people, as identity allows them, beside the courses they went to."""
    people = [new_id() for _ in range(4)]
    into: dict[int, int] = {}
    sequences = [1, 1, 1, 1]
    news = [practitioner_of(CASE, person) for person in people]
    for person in people:
        news += went(person)[1]
    for former, survivor in happened:
        allowed = former in into if survivor is None else survivor != former and not {survivor, former} & into.keys()
        if not allowed:
            continue
        into.pop(former, None)
        if survivor is not None:
            into[former] = survivor
        sequences[former] += 1
        news.append(merged(people[former], None if survivor is None else people[survivor], sequences[former]))
    told = news * 2
    chance.shuffle(told)
    while told:
        size = chance.randint(1, len(told))
        for fact in told[:size]:
            await hear(town, fact)
        told = told[size:]
        if chance.random() < 0.5:
            await town.recalculate()
    await town.recalculate()
    ends = ends_of(into)  # type: ignore[arg-type]
    for at, person in enumerate(people):
        count = 0 if at in into else 1 + sum(end == at for end in ends.values())
        assert await valid(town, person) == count * POINTS
    assert (await reconcile(town.database, PublishedRules())).differences == []


async def hear(town: Town, fact: News) -> None:
    """As the bus brings it, without working it in."""
    await town.hear(Brought(event=fact.event, subject=fact.subject, sequence=fact.sequence, body=fact.body))
