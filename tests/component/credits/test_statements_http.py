"""A statement is the same whether it is read from the stored standing or computed from the facts, on every day."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.component.credits.stories import TODAY, Story, stories
from tests.component.credits.town import Town
from tests.conftest import MakeDatabase
from tests.support.tokens import an_actor

from cec_chassis.ids import new_id
from cec_credits.rulesets.load_bundled import load_bundled
from cec_credits.service import SERVICE

EXAMPLES = settings.default.max_examples // 4 if settings.default else 10
OF_THE_ANSWER = {"version", "computed_at", "known_by", "known_by_roc", "freshness", "freshness_text"}
"""What an answer says of itself and not of the points."""
MORNING = datetime(TODAY.year, TODAY.month, TODAY.day, 1, tzinfo=UTC)


@pytest.fixture
async def old_town(make_database: MakeDatabase) -> AsyncIterator[Town]:
    """On the day on which the stories end."""
    service = await Town.start(SERVICE, await make_database("credits"), MORNING)
    assert isinstance(service, Town)
    await load_bundled(service.runtime)
    yield service
    await service.close()


async def tell(town: Town, story: Story) -> None:
    await town.tell(*story.told())


def points_of(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name not in OF_THE_ANSWER}


settled = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.mark.timeout(600)
@settled
@given(st.data(), st.lists(st.integers(-1500, 500), max_size=4))
async def test_the_stored_answer_is_the_computed_one_on_every_day(
    old_town: Town, data: st.DataObject, distances: list[int]
) -> None:
    """`known_by` now asks for the same facts and is never answered from what is stored."""
    story = data.draw(stories(new_id()))
    await tell(old_town, story)
    now = quote(old_town.clock.now().isoformat())
    for person, profession in sorted(story.keys()):
        path = f"/statements/{person}/{profession}"
        changes_on = await stored_until(old_town, person, profession)
        days = {TODAY, TODAY + timedelta(days=1), *(TODAY + timedelta(days=distance) for distance in distances)}
        days |= {changes_on - timedelta(days=1), changes_on} if changes_on else set()
        for day in sorted(days):
            read = await answer_of(old_town, f"{path}?as_of={day}")
            computed = await answer_of(old_town, f"{path}?as_of={day}&known_by={now}")
            assert read == computed, day


async def answer_of(town: Town, path: str) -> dict[str, Any]:
    """The points; where no rule covers the day, the refusal."""
    response = await town.ask(town.administrator, "GET", path, headers={"X-Purpose": "audit"})
    if response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY:
        refusal = response.json()
        assert refusal["type"] == "/problems/no-rule-on-that-day"
        assert " / No rule set covers the profession " in refusal["detail"]
        assert "'" not in refusal["detail"]
        return {"refused": refusal["detail"]}
    assert response.status_code == HTTPStatus.OK, response.text
    return points_of(response.json())


async def stored_until(town: Town, person: UUID, profession: str) -> date | None:
    (row,) = await town.rows(
        "SELECT changes_on FROM standings WHERE practitioner_id = :person AND profession = :profession",
        person=person,
        profession=profession,
    )
    found: date | None = row.changes_on
    return found


@pytest.mark.timeout(600)
@settled
@given(st.data())
async def test_the_entries_explain_every_point_of_the_statement(old_town: Town, data: st.DataObject) -> None:
    story = data.draw(stories(new_id()))
    await tell(old_town, story)
    for person, profession in sorted(story.keys()):
        statement = await old_town.get(f"/statements/{person}/{profession}")
        explained = await old_town.get(f"/statements/{person}/{profession}/entries?page_size=200")
        entries = explained["entries"]
        assert len(entries) == explained["total"]
        for entry in entries:
            lost = sum((Decimal(loss["amount"]) for loss in entry["losses"]), Decimal(0))
            assert Decimal(entry["counted"]) + lost == Decimal(entry["points"])
            assert all(loss["detail"]["zh"] and loss["detail"]["en"] for loss in entry["losses"])
        for total in ("counted", "valid"):
            assert sum((Decimal(entry[total]) for entry in entries), Decimal(0)) == Decimal(statement[total])
        invalid = sum(
            (Decimal(e["points"]) - Decimal(e["valid"]) for e in entries if e["state"] in INVALID), Decimal(0)
        )
        assert invalid == Decimal(statement["invalid"])


INVALID = {"invalid", "partly_valid"}


REFUSED = {
    "{person}/L": (422, "profession-not-covered", ["path.profession"]),
    "{person}/nonsense": (422, "profession-not-covered", ["path.profession"]),
    "{person}/2?as_of=1990-01-01": (422, "no-rule-on-that-day", ["query.as_of"]),
    "{person}/2?as_of=2016-02-30": (422, "validation-failed", ["query.as_of"]),
    "{person}/F": (404, "no-statement", ["path.profession"]),
    "{nobody}/2": (404, "no-statement", ["path.practitioner_id"]),
    "not-an-id/2": (404, "not-found", []),
}


@pytest.mark.parametrize("part", ["", "/entries", "/course-records"])
async def test_where_there_is_no_statement_the_answer_says_why_and_where_it_went_wrong(town: Town, part: str) -> None:
    person, nobody = await town.settle_in(), new_id()
    for path, answer in REFUSED.items():
        address, _, query = path.format(person=person, nobody=nobody).partition("?")
        asker = an_actor("practitioner", practitioner_id=nobody if "{nobody}" in path else person)
        refused = await town.ask(asker, "GET", f"/statements/{address}{part}?{query}")
        assert told_of(refused) == answer, path


async def test_before_the_first_rules_the_list_of_professions_says_so_like_each_of_them(town: Town) -> None:
    person = await town.settle_in()
    refused = await town.ask(
        an_actor("practitioner", practitioner_id=person), "GET", f"/statements/{person}?as_of=1990-01-01"
    )
    assert told_of(refused) == (422, "no-rule-on-that-day", ["query.as_of"])


async def test_no_part_of_ones_own_address_is_at_fault_when_nothing_is_known_of_one(town: Town) -> None:
    nobody = new_id()
    asker = an_actor("practitioner", practitioner_id=nobody)
    assert told_of(await town.ask(asker, "GET", "/statements/mine")) == (404, "no-statement", [])
    answer = told_of(await town.ask(asker, "GET", f"/statements/{nobody}"))
    assert answer == (404, "no-statement", ["path.practitioner_id"])


def told_of(refused: httpx.Response) -> tuple[int, str, list[str]]:
    """Status, slug and the paths of what is at fault."""
    problem = refused.json()
    paths = [error["path"] for error in problem.get("errors", [])]
    return refused.status_code, problem["type"].removeprefix("/problems/"), paths


async def test_a_day_before_the_last_change_is_computed_and_not_the_stored_one(town: Town) -> None:
    person = await town.settle_in()
    await town.attend(person, "first", on="2025-03-01")
    await town.attend(person, "second", on="2025-09-01")
    path = f"/statements/{person}/2"
    valid = {
        day: (await town.get(f"{path}?as_of={day}"))["valid"] for day in ("2025-02-28", "2025-03-01", "2026-03-02")
    }
    assert valid == {"2025-02-28": "0.00", "2025-03-01": "3.60", "2026-03-02": "7.20"}
    pending = {day: (await town.get(f"{path}?as_of={day}"))["pending"] for day in ("2025-02-28", "2025-09-01")}
    assert pending == {"2025-02-28": "7.20", "2025-09-01": "0.00"}
