"""After a publication: everybody is marked in steps that each commit, by whichever replica is there."""

from __future__ import annotations

import asyncio
from uuid import UUID

from tests.component.credits_rules.conftest import R2022, SOCIAL_WORKERS, RulesDesk
from tests.component.credits_rules.test_publishing import somebody

from cec_chassis.ids import new_id
from cec_credits.rulesets.mark_affected import MARK_STEP, mark_affected

MARKED = "SELECT practitioner_id, profession FROM dirty_standings ORDER BY 1"
WAITING = "SELECT profession FROM rule_changes WHERE marked_through IS NOT NULL ORDER BY 1"
IN_THE_PAST = ("takes-effect-in-the-past",)


async def marked(rules: RulesDesk) -> list[tuple[UUID, str]]:
    return [(row.practitioner_id, row.profession) for row in await rules.service.rows(MARKED)]


async def five_people(rules: RulesDesk, profession: str = "J") -> list[UUID]:
    """Who have their standings, computed with the newest rules."""
    people = sorted(new_id() for _ in range(5))
    await rules.take_in(*(news for person in people for news in somebody(person, profession)))
    await rules.work()
    return people


async def test_marking_goes_on_where_it_was_left(rules: RulesDesk) -> None:
    people = await five_people(rules)
    await rules.publish(R2022.replace("points = 80", "points = 90"), IN_THE_PAST)
    async with rules.service.database.transaction() as tx:
        await tx.execute(MARK_STEP, step=2)
    assert await marked(rules) == [(person, "J") for person in people[:2]]

    # two more with somebody in them, and one that finds nobody left
    assert await mark_affected(rules.service.database, asyncio.Event(), step=2) == 3
    assert await marked(rules) == [(person, "J") for person in people]
    assert await rules.service.rows(WAITING) == []
    assert await mark_affected(rules.service.database, asyncio.Event()) == 0


async def test_a_step_that_does_not_commit_has_not_happened(rules: RulesDesk) -> None:
    people = await five_people(rules)
    await rules.publish(R2022.replace("points = 80", "points = 90"), IN_THE_PAST)
    connection = await rules.service.database.engine.connect()
    transaction = await connection.begin()
    await connection.exec_driver_sql("UPDATE rule_changes SET generation = generation")
    # another replica is at it: it is left alone
    assert await mark_affected(rules.service.runtime.database("worker"), asyncio.Event()) == 0
    await transaction.rollback()
    await connection.close()
    await mark_affected(rules.service.database, asyncio.Event())
    assert await marked(rules) == [(person, "J") for person in people]


async def test_a_second_publication_begins_anew_for_its_professions(rules: RulesDesk) -> None:
    people = await five_people(rules)
    await rules.publish(R2022.replace("points = 80", "points = 90"), IN_THE_PAST)
    async with rules.service.database.transaction() as tx:
        await tx.execute(MARK_STEP, step=4)
    await rules.publish(SOCIAL_WORKERS, IN_THE_PAST)
    assert len(await rules.service.rows(WAITING)) == 28
    await rules.publish(R2022.replace("points = 80", "points = 95"), IN_THE_PAST)
    await rules.work()
    rows = await rules.service.rows("SELECT book_generation FROM standings")
    assert [row.book_generation for row in rows] == [4] * len(people)
    assert await rules.service.rows(WAITING) == []


async def test_people_without_a_standing_are_found_by_certificate_or_attendance(rules: RulesDesk) -> None:
    """A practitioner of J whose attendance stands under SW, and one who only holds a certificate of SW."""
    visitor, holder = sorted(new_id() for _ in range(2))
    of_j, approval, _ = somebody(visitor, "J")
    _, approval_sw, attendance_sw = somebody(visitor, "SW")
    only_certificate, *_ = somebody(holder, "SW")
    await rules.take_in(of_j, approval, approval_sw, attendance_sw, only_certificate)
    await rules.work()
    await rules.publish(SOCIAL_WORKERS, IN_THE_PAST)
    await mark_affected(rules.service.database, asyncio.Event())
    assert await marked(rules) == [(visitor, "SW"), (holder, "SW")]
