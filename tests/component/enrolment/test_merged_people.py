"""A record that was merged into another one is that one on every roster, whatever came first."""

from __future__ import annotations

from itertools import permutations
from uuid import UUID

import pytest
from tests.component.enrolment.conftest import (
    CHEN,
    CHEN_ID,
    COURSE,
    DENTAL_TECHNICIAN,
    LIN,
    LIN_ID,
    NOBODY_ID,
    WANG,
    Enrolment,
    good,
    practitioner,
    refusal,
)
from tests.support.one_service import News

FORMER = UUID(int=0xA9)
"""A record that turned out to be Lin's as well."""


def former(into: UUID | None, sequence: int = 2) -> News:
    return practitioner(FORMER, "P0009", NOBODY_ID, DENTAL_TECHNICIAN, sequence=sequence, merged_into=into)


@pytest.mark.parametrize("named", [{"number": "P0009"}, {"practitioner_id": FORMER}, {"national_id": NOBODY_ID}])
async def test_who_is_named_by_a_former_record_is_put_on_the_roster_as_the_survivor(
    enrolment: Enrolment, named: dict[str, object]
) -> None:
    await enrolment.hear(former(None, 1), former(LIN))
    assert (await enrolment.added(**named))["practitioner_id"] == str(LIN)
    assert refusal(await enrolment.add(practitioner_id=LIN))[1] == "already-on-roster"


async def test_who_stands_on_a_roster_under_the_former_record_is_not_put_there_twice(enrolment: Enrolment) -> None:
    await enrolment.hear(former(None, 1))
    line = await enrolment.added(practitioner_id=FORMER)
    await enrolment.hear(former(LIN))
    for named in ({"practitioner_id": LIN}, {"number": "P0009"}):
        assert refusal(await enrolment.add(**named))[1] == "already-on-roster"
    report = good(await enrolment.upload(f"national_id,minutes\n{LIN_ID},\n"))
    assert report["results"] == [
        {"line": 2, "status": "unchanged", "attendance_id": line["attendance_id"], "errors": []}
    ]
    shorter = good(await enrolment.upload(f"national_id,minutes\n{NOBODY_ID},90\n"))
    assert (shorter["corrected"], shorter["results"][0]["attendance_id"]) == (1, line["attendance_id"])
    assert [(row.practitioner_id, row.minutes) for row in await enrolment.lines()] == [(FORMER, 90)]


async def test_after_a_separation_they_are_two_people_again(enrolment: Enrolment) -> None:
    await enrolment.hear(former(LIN))
    await enrolment.added(number="P0009")
    await enrolment.hear(former(None, 3))
    assert (await enrolment.added(number="P0009"))["practitioner_id"] == str(FORMER)


async def test_a_line_of_a_former_record_can_still_be_put_right(enrolment: Enrolment) -> None:
    await enrolment.hear(former(None, 1))
    line = await enrolment.added(practitioner_id=FORMER)
    await enrolment.hear(former(LIN))
    assert good(await enrolment.correct(line["attendance_id"], minutes=60))["minutes"] == 60
    assert (await enrolment.withdraw(line["attendance_id"])).status_code == 200
    assert (await enrolment.added(practitioner_id=LIN))["practitioner_id"] == str(LIN)


@pytest.mark.parametrize("order", list(permutations(range(4))))
async def test_a_chain_of_merges_ends_at_the_same_record_in_whatever_order_it_became_known(
    enrolment: Enrolment, order: tuple[int, ...]
) -> None:
    news = (
        former(None, 1),
        former(LIN, 2),
        practitioner(LIN, "P0001", LIN_ID, DENTAL_TECHNICIAN, sequence=2, merged_into=WANG),
        practitioner(CHEN, "P0003", CHEN_ID, "N", sequence=2, merged_into=FORMER),
    )
    for at in (*order, *order):
        await enrolment.hear(news[at])
    for number in ("P0009", "P0001", "P0003"):
        answer = await enrolment.add(number=number, profession=DENTAL_TECHNICIAN, course_id=COURSE)
        assert answer.status_code == 201 or refusal(answer)[1] == "already-on-roster"
    assert [row.practitioner_id for row in await enrolment.lines()] == [WANG]


async def test_who_was_merged_into_somebody_not_heard_of_yet_stands_for_themselves(enrolment: Enrolment) -> None:
    """The line counts for the survivor all the same: credits knows whose it is."""
    await enrolment.hear(former(UUID(int=0xEE)))
    assert (await enrolment.added(number="P0009"))["practitioner_id"] == str(FORMER)
