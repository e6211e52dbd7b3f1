"""The register of activities, from events only."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from tests.component.reporting.conftest import (
    ACTIVITY,
    OFFERING,
    OTHER,
    OTHER_ACTIVITY,
    REVIEWING,
    TAINAN_COURSE,
    Reporting,
    activity,
    approval,
    attendance,
    decision,
)
from tests.support.tokens import an_actor

from cec_chassis.database.schema import CHASSIS_TABLES
from cec_reporting.schema import metadata


async def status(reporting: Reporting) -> str:
    """Of the only activity."""
    (line,) = (await reporting.get("/activities"))["items"]
    return str(line["status"])


async def test_a_line_says_what_was_applied_for_and_what_became_of_it(reporting: Reporting) -> None:
    await reporting.hear(
        activity(),
        decision("passed"),
        approval(),
        approval(TAINAN_COURSE, status="withdrawn"),
        attendance(1),
        attendance(2, person=2),
        attendance(3, person=3, sequence=2, status="withdrawn"),
        attendance(4, course_id=TAINAN_COURSE),
    )

    register = await reporting.get("/activities")

    (line,) = register["items"]
    assert (line["code"], line["offering_unit_name"], line["county"]) == ("S202602010001", "甲醫事學會", "臺北市")
    assert (line["status"], line["submission"], line["decided_at"]) == ("passed", 1, "2026-01-11T00:00:00Z")
    assert (line["courses"], line["approved_courses"], line["attendances"]) == (2, 1, 2)
    assert (register["total"], register["as_of"]) == (1, "2026-03-02T04:00:00Z")


async def test_before_the_first_event_the_register_is_empty_and_says_so(reporting: Reporting) -> None:
    assert await reporting.get("/activities") == {"as_of": None, "items": [], "total": 0, "page": 1, "page_size": 50}


@pytest.mark.parametrize(
    ("news", "expected"),
    [
        ([activity()], "submitted"),
        ([activity(), decision("returned")], "returned"),
        ([activity(), decision("failed")], "failed"),
        ([activity(), decision("open")], "submitted"),
        ([activity(), activity(sequence=2, status="withdrawn")], "withdrawn"),
        ([activity(), decision("returned"), activity(sequence=3, submission=2)], "submitted"),
        ([activity(), decision("returned"), activity(sequence=3, submission=2), decision("passed", 2)], "passed"),
    ],
)
async def test_the_present_status_is_the_same_in_whatever_order_and_however_often_it_is_told(
    reporting: Reporting, news: list[Any], expected: str
) -> None:
    for order in list(permutations(news))[:12]:
        for item in order:
            await reporting.hear(item, item)
        assert await status(reporting) == expected
        async with reporting.database.transaction() as tx:
            await tx.execute("DELETE FROM activities")
            await tx.execute("DELETE FROM cases")


async def test_a_decision_that_comes_before_its_activity_waits_for_it(reporting: Reporting) -> None:
    await reporting.hear(decision("passed"))
    assert (await reporting.get("/activities"))["items"] == []

    await reporting.hear(activity())
    assert await status(reporting) == "passed"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [OTHER_ACTIVITY, ACTIVITY]),
        ("status=passed", [ACTIVITY]),
        ("status=submitted", [OTHER_ACTIVITY]),
        ("county=臺南市", [OTHER_ACTIVITY]),
        ("county=台南縣", [OTHER_ACTIVITY]),
        ("profession=D", [ACTIVITY]),
        (f"offering_unit_id={OTHER}", [OTHER_ACTIVITY]),
        (f"review_unit_id={REVIEWING}", [OTHER_ACTIVITY, ACTIVITY]),
        (f"review_unit_id={OTHER}", []),
        ("from=2026-02-03&to=2026-02-03", [ACTIVITY]),
        ("from=2026-02-04", [OTHER_ACTIVITY]),
        ("to=2026-01-31", []),
        ("page=2&page_size=1", [ACTIVITY]),
    ],
)
async def test_the_register_is_searched_and_paged(reporting: Reporting, query: str, found: list[UUID]) -> None:
    await reporting.hear(
        activity(),
        decision("passed"),
        activity(
            OTHER_ACTIVITY,
            offering_unit_id=OTHER,
            county="台南市",  # as events of before may have it
            professions=["N"],
            starts_on=date(2026, 5, 1),
            ends_on=date(2026, 5, 1),
        ),
    )

    items = (await reporting.get(f"/activities?{query}"))["items"]
    assert [line["activity_id"] for line in items] == [str(activity_id) for activity_id in found]


@pytest.mark.parametrize("path", ["/activities", "/attendance-counts", "/attendance-counts.csv"])
@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("county=foo", ("query.county", "unknown-county")),
        ("from=2026-02-04&to=2026-02-03", ("query.to", "out-of-range")),
    ],
)
async def test_what_can_find_nothing_is_refused(
    reporting: Reporting, path: str, query: str, error: tuple[str, str]
) -> None:
    answer = await reporting.ask(reporting.administrator, "GET", f"{path}?{query}")
    assert answer.status_code == 422
    assert [(one["path"], one["slug"]) for one in answer.json()["errors"]] == [error]


async def test_an_offering_unit_sees_its_own_activities_only(reporting: Reporting) -> None:
    await reporting.hear(activity(), activity(OTHER_ACTIVITY, offering_unit_id=OTHER))

    own = await reporting.get("/activities", reporting.unit)
    assert [line["offering_unit_id"] for line in own["items"]] == [str(OFFERING)]
    assert await reporting.refused(f"/activities?offering_unit_id={OTHER}", reporting.unit) == (403, "not-your-unit")
    assert (await reporting.get("/activities", an_actor("offering_unit")))["total"] == 0
    assert (await reporting.get("/activities", reporting.review_unit))["total"] == 2


async def test_practitioners_and_strangers_do_not_see_the_register(reporting: Reporting) -> None:
    assert await reporting.refused("/activities", an_actor("practitioner")) == (403, "forbidden")
    assert await reporting.refused("/activities", None) == (401, "unauthenticated")
    assert await reporting.refused("/attendance-counts", None) == (401, "unauthenticated")
    assert await reporting.refused("/attendance-counts.csv", an_actor("practitioner")) == (403, "forbidden")


async def test_a_query_that_makes_no_sense_is_refused_with_its_path(reporting: Reporting) -> None:
    response = await reporting.ask(reporting.administrator, "GET", "/activities?status=lost")

    assert response.status_code == 422
    assert [error["path"] for error in response.json()["errors"]] == ["query.status"]


async def test_figures_are_as_fresh_as_the_newest_event_taken_in(reporting: Reporting) -> None:
    await reporting.hear(attendance(1))
    reporting.clock.set(datetime(2026, 3, 9, tzinfo=UTC))
    await reporting.hear(activity())

    assert (await reporting.get("/attendance-counts"))["as_of"] == "2026-03-09T00:00:00Z"


async def test_the_tables_are_those_that_the_stores_describe(reporting: Reporting) -> None:
    def differences(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(connection, opts={"include_name": _is_ours})
        return list(compare_metadata(context, metadata))

    async with reporting.database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


def _is_ours(name: str | None, kind: str, _parents: object) -> bool:
    return kind != "table" or not (
        name in CHASSIS_TABLES or str(name).startswith("outbox_") or name == "alembic_version"
    )
