"""Lecturers of an approved course stand on its roster without anybody's doing, once, in every profession that gets points."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest
from tests.component.enrolment.conftest import (
    CHEN,
    CHEN_ID,
    COURSE,
    DENTAL_TECHNICIAN,
    DENTIST,
    LIN,
    LIN_ID,
    NOBODY_ID,
    NURSE,
    WANG,
    WANG_ID,
    Enrolment,
    approval,
    award,
    good,
    practitioner,
    refusal,
)
from tests.support.eventually import eventually
from tests.support.one_service import News

from cec_chassis.bus.subscription import Received
from cec_contracts.review import CourseLecturer
from cec_enrolment.courses.on_review import on_course_approval

NEWCOMER, FORMER = UUID(int=0xA8), UUID(int=0xA9)
AFTER_THE_DEADLINE = datetime(2026, 6, 1, tzinfo=UTC)
BOTH = [award(DENTAL_TECHNICIAN), award(DENTAL_TECHNICIAN, "lecturer", "9"), award(DENTIST, "lecturer", "9")]


def lectured_by(*people: UUID, minutes: int = 180, sequence: int = 2, **changes: Any) -> News:
    """News of the course in February with these practitioners on its lecturer list."""
    lecturers = [CourseLecturer(practitioner_id=person, minutes=minutes) for person in people]
    return approval(sequence=sequence, lecturers=lecturers, **changes)


async def stand(enrolment: Enrolment) -> list[tuple[UUID, str, str, int | None, str]]:
    """Who stands on the roster, as what, how long, and whether still."""
    lines = await enrolment.lines()
    return sorted((line.practitioner_id, line.profession, line.role, line.minutes, line.status) for line in lines)


async def test_an_approval_puts_its_lecturers_on_the_roster(enrolment: Enrolment) -> None:
    await enrolment.hear(lectured_by(LIN, minutes=60))

    assert await stand(enrolment) == [(LIN, DENTAL_TECHNICIAN, "lecturer", 60, "recorded")]
    [told] = await enrolment.told()
    assert (told.type, told.sequence) == ("cec.enrolment.attendance_recorded.v1", 1)
    assert (told.body.practitioner_id, told.body.minutes, told.body.status) == (LIN, 60, "recorded")
    [audit] = await enrolment.rows("SELECT action, account_id, reason, subject_id FROM audit_log")
    assert (audit.action, audit.account_id, audit.subject_id) == ("attendance.recorded", None, told.subject)
    assert "講師名單" in audit.reason
    page = good(await enrolment.ask(enrolment.unit, "GET", f"/rosters/{COURSE}/attendances"))
    assert [(line["practitioner_name"], line["reason"]) for line in page["items"]] == [("林技師", audit.reason)]


async def test_whoever_lectures_the_whole_course_has_no_minutes_of_their_own(enrolment: Enrolment) -> None:
    await enrolment.hear(lectured_by(LIN, minutes=180))
    assert await stand(enrolment) == [(LIN, DENTAL_TECHNICIAN, "lecturer", None, "recorded")]


async def test_who_holds_two_professions_with_points_lectures_as_both(enrolment: Enrolment) -> None:
    await enrolment.hear(lectured_by(WANG, awards=BOTH))
    assert await stand(enrolment) == [
        (WANG, DENTAL_TECHNICIAN, "lecturer", None, "recorded"),
        (WANG, DENTIST, "lecturer", None, "recorded"),
    ]
    assert good(await enrolment.ask(enrolment.unit, "GET", f"/rosters/{COURSE}"))["attendances"] == 2


async def test_other_professions_and_courses_without_points_for_lecturers_bring_no_line(enrolment: Enrolment) -> None:
    await enrolment.hear(lectured_by(CHEN))
    await enrolment.hear(lectured_by(LIN, sequence=3, awards=[award(DENTAL_TECHNICIAN)]))
    assert await enrolment.lines() == []
    assert await enrolment.told() == []


async def test_the_same_news_twice_is_one_line(enrolment: Enrolment) -> None:
    news = lectured_by(WANG, awards=BOTH)
    await enrolment.hear(news, news)
    await enrolment.hear(news)
    await enrolment.hear(lectured_by(WANG, awards=BOTH, sequence=3))
    assert [(told.sequence, told.body.profession) for told in await enrolment.told()] == [
        (1, DENTAL_TECHNICIAN),
        (1, DENTIST),
    ]


async def test_points_for_lecturers_that_come_with_a_change_bring_the_line(enrolment: Enrolment) -> None:
    await enrolment.hear(lectured_by(LIN, awards=[award(DENTAL_TECHNICIAN)]))
    assert await enrolment.lines() == []
    await enrolment.hear(lectured_by(LIN, sequence=3))
    assert await stand(enrolment) == [(LIN, DENTAL_TECHNICIAN, "lecturer", None, "recorded")]


async def test_the_roster_deadline_does_not_stop_the_system(enrolment: Enrolment) -> None:
    enrolment.clock.set(AFTER_THE_DEADLINE)
    await enrolment.hear(lectured_by(LIN))
    assert await stand(enrolment) == [(LIN, DENTAL_TECHNICIAN, "lecturer", None, "recorded")]
    assert refusal(await enrolment.add(practitioner_id=WANG, profession=DENTIST))[1] == "roster-closed"


async def test_a_withdrawn_course_brings_nobody(enrolment: Enrolment) -> None:
    await enrolment.hear(lectured_by(LIN, status="withdrawn"))
    await enrolment.hear(lectured_by(LIN, sequence=1))
    assert await enrolment.lines() == []


@pytest.mark.parametrize("order", list(permutations(range(3))))
@pytest.mark.parametrize("together", [True, False])
async def test_a_lecturer_we_did_not_know_yet_gets_the_same_lines_in_whatever_order_the_news_comes(
    enrolment: Enrolment, order: tuple[int, ...], together: bool
) -> None:
    """First a dental technician, then a dentist as well, and the course between or around."""
    news = (
        practitioner(NEWCOMER, "P0008", NOBODY_ID, DENTAL_TECHNICIAN),
        practitioner(NEWCOMER, "P0008", NOBODY_ID, DENTAL_TECHNICIAN, DENTIST, sequence=2),
        lectured_by(NEWCOMER, minutes=90, awards=BOTH),
    )
    if together:
        await enrolment.hear(*(news[at] for at in order))
    for at in order:
        await enrolment.hear(news[at])
    assert await stand(enrolment) == [
        (NEWCOMER, DENTAL_TECHNICIAN, "lecturer", 90, "recorded"),
        (NEWCOMER, DENTIST, "lecturer", 90, "recorded"),
    ]


async def test_news_of_the_person_waits_for_news_of_the_course_that_is_just_being_taken_in(
    enrolment: Enrolment,
) -> None:
    """Else each would commit without having seen the other, and nobody would put the lecturer on the roster."""
    news = lectured_by(NEWCOMER)
    received = Received(news.id, news.event.name, str(news.subject), news.sequence, enrolment.clock.now(), news.body)

    async def waits() -> bool:
        return bool(await enrolment.rows("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"))

    async with enrolment.runtime.database("worker").transaction() as tx:
        await on_course_approval(tx, [received])
        person = asyncio.create_task(enrolment.hear(practitioner(NEWCOMER, "P0008", NOBODY_ID, DENTAL_TECHNICIAN)))
        await eventually(waits)
    await person
    assert await stand(enrolment) == [(NEWCOMER, DENTAL_TECHNICIAN, "lecturer", None, "recorded")]


async def test_whoever_the_unit_has_recorded_already_is_left_as_they_are(enrolment: Enrolment) -> None:
    line = await enrolment.added(role="lecturer", minutes=30)
    await enrolment.hear(lectured_by(LIN, minutes=60))
    assert await stand(enrolment) == [(LIN, DENTAL_TECHNICIAN, "lecturer", 30, "recorded")]
    assert [told.subject for told in await enrolment.told()] == [line["attendance_id"]]


@pytest.mark.parametrize("recorded_by", ["unit", "system"])
async def test_whom_the_unit_has_taken_off_is_not_put_back(enrolment: Enrolment, recorded_by: str) -> None:
    if recorded_by == "unit":
        await enrolment.added(practitioner_id=WANG, role="lecturer", profession=DENTAL_TECHNICIAN)
    else:
        await enrolment.hear(lectured_by(WANG))
    [line] = await enrolment.lines()
    assert (await enrolment.withdraw(str(line.attendance_id))).status_code == 200

    await enrolment.hear(lectured_by(WANG, sequence=3, awards=BOTH))
    await enrolment.hear(practitioner(WANG, "P0002", WANG_ID, DENTIST, DENTAL_TECHNICIAN, sequence=2))

    assert await stand(enrolment) == [(WANG, DENTAL_TECHNICIAN, "lecturer", None, "withdrawn")]


async def test_a_correction_of_the_units_stands(enrolment: Enrolment) -> None:
    await enrolment.hear(lectured_by(LIN))
    [line] = await enrolment.lines()
    good(await enrolment.correct(str(line.attendance_id), minutes=45))
    await enrolment.hear(lectured_by(LIN, sequence=3))
    assert await stand(enrolment) == [(LIN, DENTAL_TECHNICIAN, "lecturer", 45, "recorded")]

    good(await enrolment.correct(str(line.attendance_id), role="learner"))
    await enrolment.hear(lectured_by(LIN, sequence=4))
    assert await stand(enrolment) == [(LIN, DENTAL_TECHNICIAN, "learner", 45, "recorded")]


async def test_a_line_of_the_system_is_neither_doubled_nor_lost_by_hand(enrolment: Enrolment) -> None:
    await enrolment.hear(lectured_by(LIN, minutes=60))
    [line] = await enrolment.lines()
    assert refusal(await enrolment.add(role="lecturer"))[1] == "already-on-roster"
    await enrolment.withdraw(str(line.attendance_id))

    back = await enrolment.added(role="lecturer", minutes=90)

    assert (back["attendance_id"], back["version"]) == (str(line.attendance_id), 3)
    assert await stand(enrolment) == [(LIN, DENTAL_TECHNICIAN, "lecturer", 90, "recorded")]


async def test_a_roster_file_finds_the_line_of_the_profession_it_names(enrolment: Enrolment) -> None:
    await enrolment.hear(lectured_by(WANG, awards=BOTH))
    rows = f"national_id,role,minutes,profession\n{WANG_ID},lecturer,100,{DENTIST}\n"

    assert good(await enrolment.upload(rows))["corrected"] == 1
    assert good(await enrolment.upload(rows))["unchanged"] == 1

    assert await stand(enrolment) == [
        (WANG, DENTAL_TECHNICIAN, "lecturer", None, "recorded"),
        (WANG, DENTIST, "lecturer", 100, "recorded"),
    ]
    dentist = next(line for line in await enrolment.lines() if line.profession == DENTIST)
    await enrolment.withdraw(str(dentist.attendance_id))
    assert good(await enrolment.upload(rows))["recorded"] == 1
    assert (await stand(enrolment))[1] == (WANG, DENTIST, "lecturer", 100, "recorded")


async def test_a_line_cannot_be_corrected_into_another_one(enrolment: Enrolment) -> None:
    await enrolment.hear(lectured_by(WANG, awards=BOTH))
    [technician, _] = sorted(await enrolment.lines(), key=lambda line: line.profession)
    answer = await enrolment.correct(str(technician.attendance_id), profession=DENTIST)
    assert refusal(answer)[1] == "already-on-roster"


async def test_a_former_record_on_the_list_is_the_survivor_on_the_roster(enrolment: Enrolment) -> None:
    await enrolment.hear(former(None, 1), former(LIN))
    await enrolment.hear(lectured_by(FORMER, LIN, minutes=60))
    assert await stand(enrolment) == [(LIN, DENTAL_TECHNICIAN, "lecturer", 120, "recorded")]


async def test_a_merge_after_the_line_brings_no_second_one(enrolment: Enrolment) -> None:
    await enrolment.hear(former(None, 1))
    await enrolment.hear(lectured_by(FORMER))
    await enrolment.hear(former(LIN))
    assert await stand(enrolment) == [(FORMER, DENTAL_TECHNICIAN, "lecturer", None, "recorded")]


async def test_a_survivor_we_hear_of_last_gets_the_line_of_the_record_on_the_list(enrolment: Enrolment) -> None:
    closed = practitioner(FORMER, "P0009", CHEN_ID, NURSE, sequence=2, merged_into=NEWCOMER, active=False)
    await enrolment.hear(lectured_by(FORMER))
    await enrolment.hear(closed)
    assert await enrolment.lines() == []
    await enrolment.hear(practitioner(NEWCOMER, "P0008", NOBODY_ID, DENTAL_TECHNICIAN))
    assert await stand(enrolment) == [(NEWCOMER, DENTAL_TECHNICIAN, "lecturer", None, "recorded")]


async def test_a_closed_record_gets_no_line_until_it_is_opened_again(enrolment: Enrolment) -> None:
    await enrolment.hear(practitioner(LIN, "P0001", LIN_ID, DENTAL_TECHNICIAN, sequence=2, active=False))
    await enrolment.hear(lectured_by(LIN))
    assert await enrolment.lines() == []
    await enrolment.hear(practitioner(LIN, "P0001", LIN_ID, DENTAL_TECHNICIAN, sequence=3))
    assert len(await enrolment.lines()) == 1


def former(into: UUID | None, sequence: int = 2) -> News:
    """A record that turned out to be somebody else's as well."""
    return practitioner(FORMER, "P0009", NOBODY_ID, DENTAL_TECHNICIAN, sequence=sequence, merged_into=into)
