"""Publishing: who, when and why; taken up without a restart by everything that computes; refused as a whole or done."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID, uuid5

from tests.component.credits_rules.conftest import ADMIN, R2022, SOCIAL_WORKERS, RulesDesk, r2027
from tests.support.eventually import eventually
from tests.support.facts import News, approval_of, attendance_of, practitioner_of

from cec_chassis.ids import new_id
from cec_credits.recalculation.loop import keep_recalculating
from cec_credits.rulesets.edition import PublishedRules
from cec_credits.rulesets.store import hold_book

RECORD = {
    "method": "M01",
    "attribute": "ethics",
    "role": "learner",
    "infection_control": True,
    "gender": True,
    "starts_at": "2024-05-01T09:00:00+08:00",
    "ends_at": "2024-05-01T12:00:00+08:00",
    "minutes": 180,
}
STANDING = "SELECT practitioner_id, profession, version, book_generation FROM standings ORDER BY 1, 2"


def somebody(person: UUID, profession: str, points: str = "3.60", **record: Any) -> list[News]:
    """A practitioner of a profession with one attendance, licensed until 2028."""
    course = uuid5(person, profession)
    case = {
        "profession": profession,
        "licence": {"valid_from": "2022-07-01", "valid_until": "2028-06-30", "extended_until": None},
        "practice_areas": [],
    }
    return [
        practitioner_of(case, person),
        approval_of(course, RECORD | record, profession, Decimal(points)),
        attendance_of(person, course, profession, record.get("role", "learner")),
    ]


def line(statement: dict[str, Any], key: str) -> tuple[str, str, bool]:
    found = next(each for each in statement["requirements"] if each["key"] == key)
    return found["target"], found["current"], found["met"]


async def test_a_publication_says_who_when_and_why_and_never_changes_again(rules: RulesDesk) -> None:
    published = await rules.publish(r2027())
    assert (published["state"], published["version"], published["reason"]) == ("published", 1, "測試")
    assert (published["published_by"], published["published_at"]) == (str(ADMIN), "2026-03-02T04:00:00Z")
    assert (await rules.ask("GET", "/rule-sets/R2027")).json()["text"] == r2027()
    assert (await rules.ask("GET", "/rule-sets/drafts/R2027")).status_code == 404
    assert (await rules.ask("GET", "/rule-sets")).json()[-1]["rule_set"] == "R2027"
    assert (await rules.service.audited())[-2:] == ["rule_set.drafted", "rule_set.published"]


async def test_review_is_told_of_a_publication(rules: RulesDesk) -> None:
    await rules.publish(
        r2027(a='role = "learner", per = "hour", points = 1 -> role = "learner", per = "hour", points = 2')
    )
    told = (await rules.service.told())[-1]
    assert (told.type, told.subject, told.sequence) == ("cec.credits.rule_set_published.v1", "R2027", 1)
    rate = told.body.rates[0]
    assert (rate.method, rate.role, rate.points, told.body.effective_from) == (
        "M01",
        "learner",
        Decimal(2),
        date(2027, 1, 1),
    )


async def test_a_correction_is_the_next_version_and_the_old_one_is_kept_as_superseded(rules: RulesDesk) -> None:
    text = R2022.replace("points = 80", "points = 90")
    await rules.publish(text, waive=("takes-effect-in-the-past",))
    history = (await rules.ask("GET", "/rule-sets/R2022/history")).json()
    assert [(each["version"], each["state"]) for each in history] == [(2, "published"), (1, "superseded")]
    assert (await rules.ask("GET", "/rule-sets/R2022")).json()["text"] == text
    assert (await rules.ask("GET", "/rule-sets/R2022?version=1")).json()["text"] == R2022
    told = [each for each in await rules.service.told() if each.subject == "R2022"]
    assert [each.sequence for each in told] == [1, 2]


async def test_what_stands_against_it_refuses_the_whole_publication(rules: RulesDesk) -> None:
    await rules.draft(R2022.replace("points = 80", "points = 90"))
    told, rows = await rules.service.told(), await rules.service.rows("SELECT * FROM rule_set_versions ORDER BY 1, 2")
    answer = await rules.ask("POST", "/rule-sets/drafts/R2022/publish", {"revision": 1, "reason": "更正"})
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/rule-set-not-ready")
    assert [(error["path"], error["slug"]) for error in answer.json()["errors"]] == [
        ("document.effective_from", "takes-effect-in-the-past")
    ]
    assert await rules.service.rows("SELECT * FROM rule_set_versions ORDER BY 1, 2") == rows
    assert await rules.service.told() == told
    assert (await rules.service.rows("SELECT generation FROM rule_book"))[0].generation == 1


BAD_PUBLICATIONS: list[tuple[dict[str, Any], int, str]] = [
    ({"revision": 2, "reason": "x"}, 409, "draft-changed"),
    ({"revision": 1, "reason": ""}, 422, "validation-failed"),
    ({"revision": 1}, 422, "validation-failed"),
    ({"revision": 1, "reason": "x", "waive": ["everything"]}, 422, "validation-failed"),
]


async def test_a_publication_names_the_revision_and_a_reason(rules: RulesDesk) -> None:
    await rules.draft(r2027())
    for body, status, slug in BAD_PUBLICATIONS:
        answer = await rules.ask("POST", "/rule-sets/drafts/R2027/publish", body)
        assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{slug}"), body


async def test_some_findings_cannot_be_waived(rules: RulesDesk) -> None:
    await rules.draft(R2022)
    waive = ["takes-effect-in-the-past", "nothing-changed"]
    body = {"revision": 1, "reason": "x", "waive": waive}
    answer = await rules.ask("POST", "/rule-sets/drafts/R2022/publish", body)
    assert [error["slug"] for error in answer.json()["errors"]] == ["nothing-changed"]


async def test_a_draft_is_published_once_however_often_it_is_asked(rules: RulesDesk) -> None:
    await rules.draft(r2027())
    body = {"revision": 1, "reason": "x"}
    answers = await asyncio.gather(*(rules.ask("POST", "/rule-sets/drafts/R2027/publish", body) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [200, 404, 404]
    assert (await rules.service.rows("SELECT generation FROM rule_book"))[0].generation == 2


async def test_a_statement_follows_a_publication_at_once_and_the_stored_standing_after_it(rules: RulesDesk) -> None:
    person, other = new_id(), new_id()
    await rules.take_in(*somebody(person, "J"), *somebody(other, "K"))
    await rules.work()
    assert line(await rules.statement(person, "J"), "total")[0] == "120.00"

    changed = R2022.replace("points = 120", "points = 100").replace("points = 72", "points = 70")
    await rules.publish(changed, waive=("takes-effect-in-the-past",))
    # before the worker has come to it: the stored answer is known to be outdated
    assert line(await rules.statement(person, "J"), "total")[0] == "100.00"
    assert {row.book_generation for row in await rules.service.rows(STANDING)} == {1}

    await rules.work()
    rows = await rules.service.rows(STANDING)
    assert [(row.version, row.book_generation) for row in rows] == [(2, 2), (2, 2)]
    assert line(await rules.statement(other, "K"), "total")[0] == "70.00"
    assert await rules.service.rows("SELECT * FROM dirty_standings") == []
    assert await rules.service.rows("SELECT * FROM rule_changes WHERE marked_through IS NOT NULL") == []


async def test_approved_points_stay_as_approved_when_the_rates_are_doubled(rules: RulesDesk) -> None:
    """R2022 is published again, an hour of M01 paying twice as much; what review units have given says what it said."""
    person = new_id()
    await rules.take_in(*somebody(person, "J"))
    await rules.work()
    stored = "SELECT version FROM standings"
    said, standings = await rules.statement(person, "J"), await rules.service.rows(stored)
    assert said["valid"] == "3.60"
    told = await rules.service.told()

    m01, doubled = R2022.index('code = "M01"'), R2022
    for role, once, twice in (("learner", 1, 2), ("lecturer", 5, 10)):
        rate = f'{{ role = "{role}", per = "hour", points = {once} }}'
        assert rate in doubled[m01:]
        doubled = doubled[:m01] + doubled[m01:].replace(rate, rate.replace(f"{once} }}", f"{twice} }}"), 1)
    await rules.publish(doubled, waive=("takes-effect-in-the-past",))

    assert changed_in(await rules.statement(person, "J"), said) <= {
        "computed_at",
        "version",
        "freshness",
        "freshness_text",
    }
    await rules.work()
    assert changed_in(await rules.statement(person, "J"), said) <= {"computed_at"}
    assert [row.version for row in await rules.service.rows(stored)] == [row.version for row in standings]
    [published] = (await rules.service.told())[len(told) :]
    assert (published.type, published.body.rates[0].points) == ("cec.credits.rule_set_published.v1", Decimal(2))


def changed_in(after: dict[str, Any], before: dict[str, Any]) -> set[str]:
    """The fields that differ, but for the version of the rule set that they cite."""
    after, before = unversioned(after), unversioned(before)
    return {key for key in after.keys() | before.keys() if after.get(key) != before.get(key)}


def unversioned(value: Any) -> Any:
    """The same, every source without the version of its rule set."""
    if isinstance(value, list):
        return [unversioned(each) for each in value]
    if isinstance(value, dict):
        source = {"rule_set", "article"} <= value.keys()
        return {key: unversioned(each) for key, each in value.items() if not (source and key == "version")}
    return value


async def test_a_worker_that_runs_takes_up_a_publication_without_a_restart(rules: RulesDesk) -> None:
    person, stop = new_id(), asyncio.Event()
    worker = asyncio.create_task(keep_recalculating(rules.service.runtime, stop))
    await rules.take_in(*somebody(person, "J"))

    async def computed_with(generation: int) -> bool:
        return [row.book_generation for row in await rules.service.rows(STANDING)] == [generation]

    await eventually(partial(computed_with, 1), what="the first standing")
    for generation, points in ((2, "100"), (3, "90")):
        text = R2022.replace("points = 120", f"points = {points}")
        await rules.publish(text, waive=("takes-effect-in-the-past",))
        await eventually(partial(computed_with, generation), what="everybody recalculated")
    assert line(await rules.statement(person, "J"), "total")[0] == "90.00"
    stop.set()
    await worker


async def test_the_past_is_answered_by_the_rules_as_they_were_published_then(rules: RulesDesk) -> None:
    person = new_id()
    await rules.take_in(*somebody(person, "J"))
    before = rules.service.clock.now()
    rules.service.clock.advance(timedelta(hours=1))
    await rules.publish(R2022.replace("points = 120", "points = 100"), waive=("takes-effect-in-the-past",))
    then = {"known_by": before.isoformat()}
    assert line(await rules.statement(person, "J", then), "total")[0] == "120.00"
    assert line(await rules.statement(person, "J"), "total")[0] == "100.00"


async def test_only_those_whose_rules_changed_are_marked(rules: RulesDesk) -> None:
    person, nurse = new_id(), new_id()
    await rules.take_in(*somebody(person, "J"), *somebody(nurse, "F"))
    await rules.work()
    await rules.publish(SOCIAL_WORKERS, waive=("takes-effect-in-the-past",))
    await rules.work()
    assert {row.book_generation for row in await rules.service.rows(STANDING)} == {1}


async def test_a_future_rule_set_moves_the_day_on_which_an_answer_changes(rules: RulesDesk) -> None:
    person = new_id()
    await rules.take_in(*somebody(person, "J"))
    await rules.work()
    await rules.publish(r2027(a="points = 120 -> points = 100"))
    await rules.work()
    (row,) = await rules.service.rows("SELECT changes_on, version FROM standings")
    assert (row.changes_on, row.version) == (date(2027, 1, 1), 1)
    rules.service.clock.set(datetime(2027, 1, 1, 4, tzinfo=UTC))
    assert line(await rules.statement(person, "J"), "total")[0] == "100.00"


async def test_a_recalculation_under_way_ends_before_a_publication_commits(rules: RulesDesk) -> None:
    await rules.draft(r2027())
    publication = None
    async with rules.service.runtime.database("worker").transaction() as tx:
        assert (await PublishedRules().held(tx)).generation == 1
        publication = asyncio.create_task(
            rules.ask("POST", "/rule-sets/drafts/R2027/publish", {"revision": 1, "reason": "x"})
        )
        await asyncio.sleep(0.2)
        assert not publication.done()
        assert await tx.scalar("SELECT generation FROM rule_book") == 1
    assert (await publication).status_code == 200
    async with rules.service.database.reading() as tx:
        assert (await rules.rules.edition(tx)).generation == 2


async def test_readers_do_not_wait_for_one_another(rules: RulesDesk) -> None:
    worker = rules.service.runtime.database("worker")
    async with worker.transaction() as one, worker.transaction() as two:
        await hold_book(one)
        await asyncio.wait_for(hold_book(two), 2)


async def test_a_social_worker_is_counted_by_the_regulation_of_another_ministry(rules: RulesDesk) -> None:
    """No code knows of it: the rule set is published through the API, even after the attendance has come."""
    person = new_id()
    await rules.take_in(*somebody(person, "SW", "24.00", minutes=1440))
    await rules.work()
    assert (await rules.look(person, "SW")).json()["type"] == "/problems/profession-not-covered"

    await rules.publish(SOCIAL_WORKERS, waive=("takes-effect-in-the-past",))
    await rules.work()

    statement = await rules.statement(person, "SW")
    assert line(statement, "total") == ("120.00", "24.00", False)
    assert line(statement, "limited") == ("18.00", "24.00", True)
    assert statement["rule_set"] == "SW2020"
    (row,) = await rules.service.rows(STANDING)
    assert (row.profession, row.version, row.book_generation) == ("SW", 1, 2)
    told = (await rules.service.told())[-2:]
    assert {each.type for each in told} == {"cec.credits.standing_changed.v1", "cec.public.standing_changed.v1"}
    assert {each.body.profession for each in told} == {"SW"}
