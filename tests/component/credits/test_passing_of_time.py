"""What changes by the passing of time alone: to the minute, for moving windows too, and when a licence is renewed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

from tests.component.credits.town import CASE, Town, a_licence_from
from tests.support.facts import practitioner_of

from cec_chassis.ids import new_id
from cec_contracts.credits import STANDING_CHANGED
from cec_contracts.public import PUBLIC_STANDING_CHANGED
from cec_credits.recalculation.recalculate import mark_due


async def somebody_without_a_licence(town: Town) -> UUID:
    """They hold the certificate; whoever has no licence yet or any more looks back six years from any day."""
    person = new_id()
    news = practitioner_of(CASE, person)
    news.body.licences.clear()
    await town.tell(news)
    return person


async def standings_told(town: Town, person: UUID) -> list[tuple[str, int, str]]:
    """Type, sequence and valid points of every standing that was told of a person, in order."""
    return [
        (each.type, each.sequence, str(each.body.valid))
        for each in await town.told()
        if each.subject == f"{person}:2" and each.type in {STANDING_CHANGED.name, PUBLIC_STANDING_CHANGED.name}
    ]


async def test_a_record_that_leaves_a_moving_window_is_due_at_midnight_in_taipei_and_told(town: Town) -> None:
    person = await somebody_without_a_licence(town)
    await town.attend(person, "old", on="2020-03-10")
    await town.attend(person, "new", on="2025-03-10")
    before = await town.get(f"/statements/{person}/2")
    assert (before["window"]["since"], before["valid"]) == ("2020-03-03", "7.20")
    told = await standings_told(town, person)

    town.clock.set(datetime(2026, 3, 8, 16, tzinfo=UTC))  # the 9th begins in Taipei
    assert await mark_due(town.database) == 1, "its days move every day"
    await town.recalculate()
    day_before = await town.get(f"/statements/{person}/2")
    assert (day_before["window"]["since"], day_before["version"]) == ("2020-03-10", before["version"])
    assert await standings_told(town, person) == told, "and a day on which no point moves is no news"

    town.clock.set(datetime(2026, 3, 9, 15, 59, 59, tzinfo=UTC))  # 23:59:59 in Taipei
    assert await mark_due(town.database) == 0
    assert (await town.get(f"/statements/{person}/2"))["valid"] == "7.20"
    town.clock.set(datetime(2026, 3, 9, 16, tzinfo=UTC))  # midnight in Taipei, the 9th everywhere west of it
    assert (await town.get(f"/statements/{person}/2"))["valid"] == "3.60", "who asks does not wait for the worker"
    assert await mark_due(town.database) == 1
    assert await mark_due(town.database) == 0, "it is marked already"
    await town.recalculate()

    after = await town.get(f"/statements/{person}/2")
    assert (after["window"]["since"], after["valid"], after["version"]) == ("2020-03-11", "3.60", before["version"] + 1)
    news = (await standings_told(town, person))[len(told) :]
    assert sorted(news) == [
        (STANDING_CHANGED.name, before["version"] + 1, "3.60"),
        (PUBLIC_STANDING_CHANGED.name, before["version"] + 1, "3.60"),
    ]
    assert await mark_due(town.database) == 0


async def test_a_course_that_ends_on_a_day_counts_from_midnight_in_taipei(town: Town) -> None:
    person = await town.settle_in()
    await town.attend(person, "tomorrow", on="2026-03-03")
    town.clock.set(datetime(2026, 3, 2, 15, 59, tzinfo=UTC))
    assert await mark_due(town.database) == 0
    assert (await town.get(f"/statements/{person}/2"))["pending"] == "3.60"
    town.clock.set(datetime(2026, 3, 2, 16, 0, tzinfo=UTC))
    assert await mark_due(town.database) == 1


async def test_after_a_renewal_nothing_of_the_old_cycle_counts_and_nothing_is_carried_over(town: Town) -> None:
    """However many points there were beyond the standard."""
    person = await town.settle_in()
    await town.attend(person, "plenty", "300.00", on="2025-03-01")
    old = await town.get(f"/statements/{person}/2")
    assert (old["counted"], old["valid"]) == ("300.00", "300.00")

    licensed = practitioner_of(CASE, person)
    renewed = a_licence_from(licensed, date(2027, 5, 2), date(2033, 5, 1))
    town.clock.set(datetime(2027, 4, 1, 4, tzinfo=UTC))
    await town.tell(renewed)
    still = await town.get(f"/statements/{person}/2")
    assert (still["counted"], still["licence"]["valid_until"]) == ("300.00", "2027-05-01"), "the old licence runs on"

    town.clock.set(datetime(2027, 5, 1, 16, 0, tzinfo=UTC))
    assert await mark_due(town.database) == 1
    await town.recalculate()
    new = await town.get(f"/statements/{person}/2")
    assert (new["licence"]["valid_until"], new["window"]["since"]) == ("2033-05-01", "2027-05-02")
    assert {new[total] for total in ("counted", "valid", "invalid", "pending")} == {"0.00"}
    assert new["met"] is False
    [entry] = (await town.get(f"/statements/{person}/2/entries"))["entries"]
    assert (entry["state"], entry["points"], entry["counted"], entry["valid"]) == (
        "out_of_window",
        "300.00",
        "0.00",
        "0.00",
    )
    assert [loss["reason"] for loss in entry["losses"]] == ["OUT_OF_WINDOW_BEFORE"]
    (_, _, internal), (_, _, public) = (await standings_told(town, person))[-2:]
    assert (internal, public) == ("0.00", "0.00")
    then = await town.get(f"/statements/{person}/2?as_of=2027-05-01")
    assert (then["counted"], then["window"]["since"]) == ("300.00", "2021-05-02"), "of its own cycle it is kept"


async def test_the_points_of_the_new_cycle_begin_from_nothing(town: Town) -> None:
    person = await town.settle_in()
    await town.attend(person, "before", "9.00", on="2025-03-01")
    town.clock.set(datetime(2027, 6, 1, 4, tzinfo=UTC))
    await town.tell(a_licence_from(practitioner_of(CASE, person), date(2027, 5, 2), date(2033, 5, 1)))
    await town.attend(person, "last day", "2.00", on="2027-05-01")
    await town.attend(person, "first day", "1.00", on="2027-05-02")
    statement = await town.get(f"/statements/{person}/2")
    assert (statement["counted"], statement["valid"]) == ("1.00", "1.00")
