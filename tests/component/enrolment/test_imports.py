"""Roster files: a result for each row, nothing half written, and the same file twice is the same as once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.component.enrolment.conftest import (
    CHEN_ID,
    COURSE,
    DENTAL_TECHNICIAN,
    LIN,
    LIN_ID,
    NOBODY_ID,
    OTHER_COURSE,
    WANG,
    WANG_ID,
    Enrolment,
    approval,
    good,
    practitioner,
    refusal,
)

from cec_chassis.ids import new_id
from cec_contracts import national_id

GOOD = f"national_id,role,minutes,profession\n{LIN_ID},learner,,\n{WANG_ID},lecturer,60,2\n"


def statuses(result: dict[str, Any]) -> list[str]:
    """What became of each row."""
    return [row["status"] for row in result["results"]]


def errors(result: dict[str, Any]) -> list[tuple[str, str]]:
    """Path and slug of every error of every row."""
    return [(error["path"], error["slug"]) for row in result["results"] for error in row["errors"]]


async def test_every_row_is_recorded_told_and_audited(enrolment: Enrolment) -> None:
    result = good(await enrolment.upload(GOOD))

    assert (result["rows"], result["recorded"], result["refused"]) == (2, 2, 0)
    lines = {str(line.attendance_id): (line.practitioner_id, line.minutes) for line in await enrolment.lines()}
    first, second = result["results"]
    assert (first["line"], lines[first["attendance_id"]]) == (2, (LIN, None))
    assert (second["line"], lines[second["attendance_id"]]) == (3, (WANG, 60))
    assert {(told.subject, told.sequence) for told in await enrolment.told()} == {(line, 1) for line in lines}
    assert sorted(await enrolment.audited()) == ["attendance.recorded", "attendance.recorded", "roster.imported"]


async def test_the_same_file_twice_changes_nothing_and_tells_nothing(enrolment: Enrolment) -> None:
    first = good(await enrolment.upload(GOOD))
    again = good(await enrolment.upload(GOOD))

    assert (again["unchanged"], again["recorded"]) == (2, 0)
    assert [row["attendance_id"] for row in again["results"]] == [row["attendance_id"] for row in first["results"]]
    assert len(await enrolment.told()) == 2
    assert [line.version for line in await enrolment.lines()] == [1, 1]


async def test_the_same_file_sent_by_several_at_once_counts_once(enrolment: Enrolment) -> None:
    results = await asyncio.gather(*(enrolment.upload(GOOD) for _ in range(4)))

    assert sorted(good(result)["recorded"] for result in results) == [0, 0, 0, 2]
    assert len(await enrolment.told()) == 2


async def test_an_import_and_single_additions_at_once_count_each_person_once(enrolment: Enrolment) -> None:
    answers = await asyncio.gather(
        enrolment.upload(GOOD), *(enrolment.add(national_id=LIN_ID) for _ in range(3)), enrolment.upload(GOOD)
    )

    assert {answer.status_code for answer in answers} <= {200, 201, 409}
    assert sorted((told.body.practitioner_id, told.sequence) for told in await enrolment.told()) == [
        (LIN, 1),
        (WANG, 1),
    ]


async def test_bad_rows_are_refused_alone_with_the_line_and_the_column(enrolment: Enrolment) -> None:
    content = (
        "national_id,role,minutes,profession\n"
        f"{LIN_ID},learner,,\n"
        "A123456788,learner,,\n"
        f"{NOBODY_ID},learner,,\n"
        f"{WANG_ID},janitor,x,dentist\n"
        f"{WANG_ID},learner,,\n"
        f"{LIN_ID},lecturer,181,\n"
        ",learner,,\n"
        f"{CHEN_ID},learner,,\n"
    )

    result = good(await enrolment.upload(content))

    assert statuses(result) == ["recorded"] + ["refused"] * 7
    assert errors(result) == [
        ("rows[3].national_id", "national-id-checksum"),
        ("rows[4].national_id", "practitioner-unknown"),
        ("rows[5].role", "unknown-role"),
        ("rows[5].minutes", "not-a-number"),
        ("rows[5].profession", "unknown-profession"),
        ("rows[6].profession", "profession-ambiguous"),
        ("rows[7].minutes", "minutes-out-of-range"),
        ("rows[8].national_id", "missing-value"),
        ("rows[9].profession", "profession-not-credited"),
    ]
    assert "A123456788" not in str(result)
    assert len(await enrolment.lines()) == len(await enrolment.told()) == 1


async def test_all_or_nothing_takes_in_nothing_when_one_row_is_refused(enrolment: Enrolment) -> None:
    content = f"national_id\n{LIN_ID}\nA123456788\n"

    refused = await enrolment.upload(content, query="mode=all")

    assert refusal(refused) == (422, "import-refused", [("rows[3].national_id", "national-id-checksum")])
    assert (await enrolment.lines(), await enrolment.told(), await enrolment.audited()) == ([], [], [])
    assert good(await enrolment.upload(f"national_id\n{LIN_ID}\n", query="mode=all"))["recorded"] == 1


async def test_a_dry_run_tells_what_would_happen_and_writes_nothing(enrolment: Enrolment) -> None:
    result = good(await enrolment.upload(GOOD + "x,,,\n", query="mode=all&dry_run=true"))

    assert result["dry_run"] is True
    assert statuses(result) == ["recorded", "recorded", "refused"]
    assert [row["attendance_id"] for row in result["results"]] == [None, None, None]
    assert (await enrolment.lines(), await enrolment.told(), await enrolment.audited()) == ([], [], [])


async def test_minutes_that_differ_correct_the_line_and_empty_ones_leave_it(enrolment: Enrolment) -> None:
    line = await enrolment.added(national_id=LIN_ID)

    corrected = good(await enrolment.upload(f"national_id,minutes\n{LIN_ID},60\n"))
    assert (statuses(corrected), corrected["results"][0]["attendance_id"]) == (["corrected"], line["attendance_id"])
    left = good(await enrolment.upload(f"national_id,minutes\n{LIN_ID},\n"))
    assert statuses(left) == ["unchanged"]
    whole = good(await enrolment.upload(f"national_id,minutes\n{LIN_ID},180\n"))
    assert statuses(whole) == ["corrected"]
    told = [(told.type.split(".")[2], told.sequence, told.body.minutes) for told in await enrolment.told()]
    assert told == [
        ("attendance_recorded", 1, None),
        ("attendance_corrected", 2, 60),
        ("attendance_corrected", 3, None),
    ]


async def test_somebody_withdrawn_is_put_back_by_a_file(enrolment: Enrolment) -> None:
    line = await enrolment.added(national_id=LIN_ID)
    await enrolment.withdraw(line["attendance_id"])

    result = good(await enrolment.upload(f"national_id\n{LIN_ID}\n"))

    assert (statuses(result), result["results"][0]["attendance_id"]) == (["recorded"], line["attendance_id"])
    assert [told.sequence for told in await enrolment.told()] == [1, 2, 3]


async def test_a_row_said_twice_counts_once_and_a_contradiction_is_refused(enrolment: Enrolment) -> None:
    content = f"national_id,number,minutes\n{LIN_ID},,60\n,P0001,60\n{LIN_ID},P0001,90\n{LIN_ID},P0002,60\n"

    result = good(await enrolment.upload(content))

    assert statuses(result) == ["recorded", "unchanged", "refused", "refused"]
    assert errors(result) == [("rows[4].role", "duplicate-in-file"), ("rows[5].number", "number-mismatch")]
    assert result["results"][0]["attendance_id"] == result["results"][1]["attendance_id"]


@pytest.mark.parametrize(
    ("encoding", "media_type"),
    [
        ("big5", "text/csv"),
        ("big5", "text/csv; charset=Big5"),
        ("utf-8", "text/csv;charset=UTF-8"),
        ("utf-8-sig", "text/csv"),
    ],
)
async def test_a_file_of_a_taiwanese_spreadsheet_is_understood(
    enrolment: Enrolment, encoding: str, media_type: str
) -> None:
    content = f"身分證或統一證號,角色,分鐘數\r\n{LIN_ID.lower()},講師,６０\r\n\r\n".encode(encoding)

    assert statuses(good(await enrolment.upload(content, media_type=media_type))) == ["recorded"]
    (line,) = await enrolment.lines()
    assert (line.role, line.minutes, line.profession) == ("lecturer", 60, DENTAL_TECHNICIAN)


async def test_a_cell_that_looks_like_a_formula_is_plain_text(enrolment: Enrolment) -> None:
    content = 'number,minutes\n"=HYPERLINK(""http://x"")",60\n@SUM(1),-1\n'

    result = good(await enrolment.upload(content))

    assert errors(result) == [("rows[2].number", "practitioner-unknown"), ("rows[3].minutes", "out-of-range")]


@pytest.mark.parametrize(
    ("content", "media_type", "expected"),
    [
        (b"", "text/csv", (422, "csv-header-invalid", [("rows[1].national_id", "missing-column")])),
        (
            b"number,name,number\n",
            "text/csv",
            (
                422,
                "csv-header-invalid",
                [("rows[1].column_2", "unknown-column"), ("rows[1].number", "repeated-column")],
            ),
        ),
        (b'number\n"P0001\n', "text/csv", (422, "csv-malformed", [])),
        (b"number\n\xff\xff\n", "text/csv", (422, "file-encoding-unknown", [])),
        (b"number\n", "text/csv; charset=utf-16", (422, "file-encoding-unknown", [])),
        (b"number\n", "application/json", (415, "unsupported-media-type", [])),
        (b"number\n" + b"P0001\n" * 10_001, "text/csv", (422, "too-many-rows", [("rows[10002]", "too-many-rows")])),
        (b"number\n" + b"x" * 2_000_001, "text/csv", (413, "body-too-large", [])),
    ],
    ids=["empty", "columns", "quotes", "bytes", "charset", "json", "rows", "size"],
)
async def test_a_file_that_is_wrong_as_a_whole_is_a_problem_document(
    enrolment: Enrolment, content: bytes, media_type: str, expected: object
) -> None:
    assert refusal(await enrolment.upload(content, media_type=media_type)) == expected
    assert (await enrolment.lines(), await enrolment.told(), await enrolment.audited()) == ([], [], [])


async def test_a_closed_roster_takes_no_file(enrolment: Enrolment) -> None:
    await enrolment.hear(approval(sequence=2, status="withdrawn"))

    assert refusal(await enrolment.upload(GOOD))[:2] == (409, "course-approval-withdrawn")
    assert refusal(await enrolment.upload(GOOD, course_id=new_id()))[:2] == (404, "roster-not-found")


async def test_a_file_of_many_courses_refuses_the_rows_of_those_it_may_not_touch(enrolment: Enrolment) -> None:
    withdrawn = new_id()
    await enrolment.hear(
        approval(withdrawn, course_code="C-WITHDRAWN", status="withdrawn"),
        approval(new_id(), course_code="C-TWICE"),
        approval(new_id(), course_code="C-TWICE"),
    )
    content = "course_code,number\nC202602010001,P0001\nC202602010002,P0001\nC-WITHDRAWN,P0001\nC-TWICE,P0001\nX,P0001\n,P0001\n"

    result = good(await enrolment.upload(content, course_id=None))

    assert statuses(result) == ["recorded"] + ["refused"] * 5
    assert errors(result) == [
        ("rows[3].course_code", "not-your-roster"),
        ("rows[4].course_code", "course-approval-withdrawn"),
        ("rows[5].course_code", "course-ambiguous"),
        ("rows[6].course_code", "roster-not-found"),
        ("rows[7].course_code", "missing-value"),
    ]


async def test_codes_of_courses_and_numbers_are_found_however_they_are_typed(enrolment: Enrolment) -> None:
    rows = [f"Ｃ202602010001,p0001,{LIN_ID.lower()},", "c202602010001,Ｐ０００２,,2"]

    result = good(
        await enrolment.upload("\n".join(["course_code,number,national_id,profession", *rows]), course_id=None)
    )

    assert statuses(result) == ["recorded", "recorded"], errors(result)
    assert {line.practitioner_id for line in await enrolment.lines()} == {LIN, WANG}


async def test_a_number_that_is_written_in_small_letters_is_found_as_it_is_written(enrolment: Enrolment) -> None:
    small = new_id()
    await enrolment.hear(practitioner(small, "p0009", "A100000001", DENTAL_TECHNICIAN))

    assert statuses(good(await enrolment.upload("number\np0009\nP0009\n"))) == ["recorded", "refused"]
    assert [line.practitioner_id for line in await enrolment.lines()] == [small]


async def test_the_administrator_imports_rosters_of_every_unit(enrolment: Enrolment) -> None:
    content = "課程代碼,人員代碼\nC202602010001,P0001\nC202602010002,P0001\n"

    assert good(await enrolment.upload(content, course_id=None, actor=enrolment.administrator))["recorded"] == 2
    assert {line.course_id for line in await enrolment.lines()} == {COURSE, OTHER_COURSE}


async def test_files_that_name_the_same_courses_in_another_order_do_not_block_one_another(
    enrolment: Enrolment,
) -> None:
    rows = ["C202602010001,P0001", "C202602010002,P0001", "C202602010001,P0002", "C202602010002,P0002"]
    await enrolment.hear(practitioner(WANG, "P0002", WANG_ID, DENTAL_TECHNICIAN, sequence=2))
    files = ["course_code,number\n" + "\n".join(order) for order in (rows, rows[::-1])]

    results = await asyncio.gather(
        *(enrolment.upload(file, course_id=None, actor=enrolment.administrator) for file in files * 3)
    )

    assert sum(good(result)["recorded"] for result in results) == 4
    assert len(await enrolment.told()) == 4


async def test_a_file_of_five_thousand_rows_is_one_request(enrolment: Enrolment) -> None:
    people = [f"A1{number:07}" for number in range(5_000)]
    ids = [body + next(d for d in "0123456789" if _is_valid(body + d)) for body in people]
    await enrolment.hear(
        *(practitioner(new_id(), f"Q{n}", national, DENTAL_TECHNICIAN) for n, national in enumerate(ids))
    )

    result = good(await enrolment.upload("national_id\n" + "\n".join(ids)))

    assert result["recorded"] == 5_000
    assert len({told.subject for told in await enrolment.told()}) == 5_000


def _is_valid(number: str) -> bool:
    try:
        return national_id.validate(number) == number
    except national_id.InvalidNationalId:
        return False
