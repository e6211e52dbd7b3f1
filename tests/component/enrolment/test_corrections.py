"""Correcting and withdrawing what stands on a roster, and putting people back."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.component.enrolment.conftest import (
    DENTAL_TECHNICIAN,
    DENTIST,
    LIN,
    LIN_ID,
    WANG,
    Enrolment,
    approval,
    award,
    good,
    practitioner,
    refusal,
)

from cec_chassis.ids import new_id

AFTER_THE_DEADLINE = datetime(2026, 4, 1, tzinfo=UTC)


async def test_corrected_minutes_are_a_newer_version_of_the_same_line(enrolment: Enrolment) -> None:
    line = await enrolment.added()
    enrolment.clock.set(datetime(2026, 3, 3, tzinfo=UTC))

    corrected = good(await enrolment.correct(line["attendance_id"], minutes=60, reason="早退"))

    assert (corrected["attendance_id"], corrected["version"]) == (line["attendance_id"], 2)
    assert (corrected["minutes"], corrected["reason"]) == (60, "早退")
    assert corrected["recorded_at"] == line["recorded_at"]
    told = (await enrolment.told())[-1]
    assert (told.type, told.sequence, told.body.minutes) == ("cec.enrolment.attendance_corrected.v1", 2, 60)
    (audited,) = await enrolment.rows(
        "SELECT reason, before->>'version' AS was, after->>'minutes' AS minutes FROM audit_log WHERE reason <> ''"
    )
    assert tuple(audited) == ("早退", "1", "60")


async def test_what_a_correction_does_not_name_stays(enrolment: Enrolment) -> None:
    line = await enrolment.added(practitioner_id=WANG, profession=DENTAL_TECHNICIAN, minutes=60)

    corrected = good(await enrolment.correct(line["attendance_id"], role="lecturer"))
    assert (corrected["role"], corrected["minutes"], corrected["profession"]) == ("lecturer", 60, DENTAL_TECHNICIAN)
    corrected = good(await enrolment.correct(line["attendance_id"], role="learner", minutes=None, profession=DENTIST))
    assert (corrected["role"], corrected["minutes"], corrected["profession"]) == ("learner", None, DENTIST)


async def test_a_correction_that_changes_nothing_is_not_told(enrolment: Enrolment) -> None:
    line = await enrolment.added(minutes=60)

    assert good(await enrolment.correct(line["attendance_id"], minutes=60))["version"] == 1
    assert len(await enrolment.told()) == 1


async def test_one_person_corrected_by_many_at_once_has_versions_without_gaps(enrolment: Enrolment) -> None:
    line = await enrolment.added()

    await asyncio.gather(*(enrolment.correct(line["attendance_id"], minutes=minutes) for minutes in range(10, 20)))

    assert sorted(told.sequence for told in await enrolment.told()) == list(range(1, 12))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, (422, "nothing-to-correct", [("body", "nothing-to-correct")])),
        ({"minutes": 181}, (422, "minutes-out-of-range", [("body.minutes", "minutes-out-of-range")])),
        ({"role": "presenter"}, (422, "role-not-credited", [("body.role", "role-not-credited")])),
        ({"profession": DENTIST}, (422, "profession-not-held", [("body.profession", "profession-not-held")])),
        ({"minutes": 60, "reason": " "}, (422, "validation-failed", [("body.reason", "wrong-format")])),
    ],
)
async def test_a_correction_obeys_the_same_rules_as_a_new_line(
    enrolment: Enrolment, body: dict[str, Any], expected: object
) -> None:
    line = await enrolment.added()

    assert refusal(await enrolment.correct(line["attendance_id"], **body)) == expected
    assert len(await enrolment.told()) == 1


async def test_a_reason_with_an_unstorable_character_is_refused(enrolment: Enrolment) -> None:
    line = await enrolment.added()

    assert refusal(await enrolment.correct(line["attendance_id"], minutes=60, reason="早\0退"))[0] == 422
    assert len(await enrolment.told()) == 1


async def test_minutes_can_be_put_right_when_the_record_is_closed_or_the_role_counts_no_more(
    enrolment: Enrolment,
) -> None:
    line = await enrolment.added()
    await enrolment.hear(
        approval(sequence=2, awards=[award(DENTIST)]),
        practitioner(LIN, "P0001", LIN_ID, DENTAL_TECHNICIAN, sequence=2, active=False),
    )

    assert good(await enrolment.correct(line["attendance_id"], minutes=60))["minutes"] == 60


async def test_a_role_in_which_the_person_stands_already_cannot_be_corrected_to(enrolment: Enrolment) -> None:
    learner = await enrolment.added()
    lecturer = await enrolment.added(role="lecturer")

    refused = await enrolment.correct(learner["attendance_id"], role="lecturer")
    assert refusal(refused)[:2] == (409, "already-on-roster")
    good(await enrolment.withdraw(lecturer["attendance_id"]))
    refused = await enrolment.correct(learner["attendance_id"], role="lecturer")
    assert refusal(refused)[:2] == (409, "withdrawn-in-that-role")


async def test_a_withdrawn_line_stays_with_its_reason_and_is_told(enrolment: Enrolment) -> None:
    line = await enrolment.added()

    withdrawn = good(await enrolment.withdraw(line["attendance_id"]))

    assert (withdrawn["status"], withdrawn["reason"], withdrawn["version"]) == ("withdrawn", "未出席", 2)
    told = (await enrolment.told())[-1]
    assert (told.type, told.sequence) == ("cec.enrolment.attendance_withdrawn.v1", 2)
    assert (told.body.status, told.body.reason) == ("withdrawn", "未出席")
    assert await enrolment.audited() == ["attendance.recorded", "attendance.withdrawn"]
    assert len(await enrolment.lines()) == 1


async def test_a_withdrawn_line_is_neither_corrected_nor_withdrawn_again(enrolment: Enrolment) -> None:
    line = await enrolment.added()
    await enrolment.withdraw(line["attendance_id"])

    assert refusal(await enrolment.withdraw(line["attendance_id"]))[:2] == (409, "attendance-withdrawn")
    assert refusal(await enrolment.correct(line["attendance_id"], minutes=60))[:2] == (409, "attendance-withdrawn")
    assert len(await enrolment.told()) == 2


async def test_adding_again_after_a_withdrawal_continues_the_same_line(enrolment: Enrolment) -> None:
    line = await enrolment.added(minutes=60)
    await enrolment.withdraw(line["attendance_id"])
    enrolment.clock.set(datetime(2026, 3, 3, tzinfo=UTC))

    again = await enrolment.added()

    assert (again["attendance_id"], again["version"], again["status"]) == (line["attendance_id"], 3, "recorded")
    assert (again["minutes"], again["reason"]) == (None, "")
    assert again["recorded_at"] > line["recorded_at"]
    assert [told.sequence for told in await enrolment.told()] == [1, 2, 3]


async def test_after_the_deadline_only_the_administrator_corrects_and_withdraws(enrolment: Enrolment) -> None:
    line = (await enrolment.added())["attendance_id"]
    enrolment.clock.set(AFTER_THE_DEADLINE)

    assert refusal(await enrolment.correct(line, minutes=60))[:2] == (409, "roster-closed")
    assert refusal(await enrolment.withdraw(line))[:2] == (409, "roster-closed")
    assert good(await enrolment.correct(line, enrolment.administrator, minutes=60))["minutes"] == 60
    assert good(await enrolment.withdraw(line, enrolment.administrator))["status"] == "withdrawn"
    assert refusal(await enrolment.add(enrolment.administrator))[:2] == (409, "roster-closed")


async def test_nothing_is_corrected_once_the_approval_is_withdrawn(enrolment: Enrolment) -> None:
    line = (await enrolment.added())["attendance_id"]
    await enrolment.hear(approval(sequence=2, status="withdrawn"))

    for actor in (enrolment.unit, enrolment.administrator):
        assert refusal(await enrolment.correct(line, actor, minutes=60))[:2] == (409, "course-approval-withdrawn")
        assert refusal(await enrolment.withdraw(line, actor))[:2] == (409, "course-approval-withdrawn")


async def test_a_line_that_nobody_recorded_is_not_found(enrolment: Enrolment) -> None:
    assert refusal(await enrolment.correct(str(new_id()), minutes=60))[:2] == (404, "attendance-not-found")
    assert refusal(await enrolment.withdraw(str(new_id())))[:2] == (404, "attendance-not-found")
