"""Stored standings held against the facts."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from tests.component.credits.town import CASE, Town, a_licence_from, also_a, later
from tests.support.facts import practitioner_of
from tests.support.tokens import an_actor

from cec_chassis.clock import taipei_date
from cec_chassis.ids import new_id
from cec_credits.recalculation.recalculate import mark_due
from cec_credits.recalculation.reconcile import reconcile
from cec_credits.rulesets.edition import PublishedRules

RULES = PublishedRules()


async def spoil(town: Town, person: UUID) -> None:
    """What no mark tells: somebody has laid hand on a stored standing."""
    async with town.database.transaction() as tx:
        await tx.execute(
            "UPDATE standings SET digest = 'x', summary = replace(summary, '3.60', '9.99') WHERE practitioner_id = :id",
            id=person,
        )


async def test_standings_that_are_those_of_the_facts_are_no_news(town: Town) -> None:
    for _ in range(3):
        await town.attend(await town.settle_in(), "根管治療")
    outcome = await reconcile(town.database, RULES)
    assert (outcome.checked, outcome.differences) == (3, [])
    view = await town.get("/reconciliation")
    assert view["reports"]["total"] == 0
    assert (view["progress"]["round"], view["progress"]["checked"]) == (2, 3)


async def test_a_standing_that_differs_is_reported_and_mended(town: Town) -> None:
    person = await town.settle_in()
    await town.attend(person, "根管治療")
    await town.attend(await town.settle_in(), "牙周病")
    await spoil(town, person)
    outcome = await reconcile(town.database, RULES)
    assert [(each.practitioner_id, each.profession) for each in outcome.differences] == [(person, "2")]
    assert {"valid", "counted"} <= set(outcome.differences[0].fields)
    view = await town.get("/reconciliation")
    [report] = view["reports"]["items"]
    assert (report["checked"], report["differing"]) == (2, 1)
    assert report["differences"][0]["practitioner_id"] == str(person)
    assert view["marked"] == 1
    await town.recalculate()
    assert (await town.get(f"/statements/{person}/2"))["valid"] == "3.60"


async def test_a_change_that_is_under_way_is_no_difference(town: Town) -> None:
    person = await town.settle_in()
    await town.attend(person, "根管治療")
    await spoil(town, person)
    async with town.database.transaction() as tx:
        await tx.execute("INSERT INTO dirty_standings (practitioner_id, profession) VALUES (:id, '2')", id=person)
    assert (await reconcile(town.database, RULES)).differences == []


async def test_a_sample_goes_on_where_the_last_one_ended(town: Town) -> None:
    people = sorted([await town.settle_in() for _ in range(5)])
    await spoil(town, people[3])
    assert [(await reconcile(town.database, RULES, sample=2)).checked for _ in range(3)] == [2, 2, 1]
    assert (await town.get("/reconciliation"))["progress"]["round"] == 2


async def test_only_administrators_see_it(town: Town) -> None:
    assert await town.refused("/reconciliation", an_actor("review_unit")) == (403, "forbidden")


async def test_the_next_licence_moves_the_window_on_its_day(town: Town) -> None:
    """The second licence begins while the first one still runs; no fact comes on that day."""
    person = new_id()
    first = practitioner_of(CASE, person)
    await town.tell(first, a_licence_from(first, date(2026, 3, 9), date(2032, 3, 8)))
    assert (await town.get(f"/statements/{person}/2"))["window"]["since"] == "2021-05-02"
    later(town, days=7)
    assert await mark_due(town.database) == 1
    await town.recalculate()
    assert (await town.get(f"/statements/{person}/2"))["window"]["since"] == "2026-03-09"


async def test_the_end_of_a_licence_closes_the_window_on_its_day(town: Town) -> None:
    person = await town.settle_in(valid_from="2020-03-06", valid_until="2026-03-06")
    await town.attend(person, "the day after", on="2026-03-07")
    later(town, days=4)
    assert await mark_due(town.database) == 0
    later(town, days=1)
    assert await mark_due(town.database) == 1
    await town.recalculate()
    statement = await town.get(f"/statements/{person}/2")
    assert (statement["pending"], statement["window"]["until"]) == ("0.00", "2026-03-06")


async def test_the_first_rules_of_a_profession_bring_its_first_standing_on_their_day(town: Town) -> None:
    """Optometrists came under the regulation on 2016-10-07; who was one the day before had no standing to fall due."""
    town.clock.set(town.clock.now().replace(year=2016, month=10, day=6))
    person = new_id()
    await town.tell(also_a("5", practitioner_of(CASE, person)))
    assert await town.refused(f"/statements/{person}/5", town.administrator, **{"X-Purpose": "audit"}) == (
        422,
        "no-rule-on-that-day",
    )
    town.clock.advance(timedelta(days=1))
    assert taipei_date(town.clock.now()) == date(2016, 10, 7)
    assert await mark_due(town.database) >= 1
    await town.recalculate()
    rows = await town.rows("SELECT profession FROM standings WHERE practitioner_id = :id", id=person)
    assert "5" in {row.profession for row in rows}


async def test_a_recalculation_that_succeeds_settles_the_failure_before_it(town: Town) -> None:
    person = await town.settle_in()
    async with town.database.transaction() as tx:
        await tx.execute(
            "INSERT INTO recalculation_failures VALUES (:id, '2', 'an error of yesterday', :now)", id=person, now=tx.now
        )
    assert (await town.get("/reconciliation"))["failures"][0]["error"] == "an error of yesterday"
    await town.attend(person, "根管治療")
    assert (await town.get("/reconciliation"))["failures_total"] == 0
