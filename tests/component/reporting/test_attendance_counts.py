"""Attendance by profession and county: counted from facts, whatever came when, how often and to whom."""

from __future__ import annotations

import asyncio
import csv
import io
import random
from collections import Counter
from datetime import UTC, datetime

import pytest
from tests.component.reporting.conftest import (
    OFFERING,
    OTHER,
    TAINAN_COURSE,
    TAIPEI_COURSE,
    Reporting,
    approval,
    attendance,
)
from tests.support.one_service import News


async def test_attendances_people_and_courses_are_counted_apart(reporting: Reporting) -> None:
    second = TAIPEI_COURSE.__class__(int=0xC9)
    await reporting.hear(
        approval(),
        approval(second, county="臺北市"),
        attendance(1, person=1),
        attendance(2, person=2),
        attendance(3, person=1, course_id=second),
        attendance(4, person=3, profession="D"),
    )

    table = await reporting.get("/attendance-counts")

    assert table["rows"] == [
        {"profession": "2", "county": "臺北市", "attendances": 3, "practitioners": 2, "courses": 2},
        {"profession": "D", "county": "臺北市", "attendances": 1, "practitioners": 1, "courses": 1},
    ]
    assert table["total"] == 4


async def test_an_attendance_that_comes_before_its_course_is_counted_once_the_course_is_here(
    reporting: Reporting,
) -> None:
    await reporting.hear(attendance(1))
    assert await reporting.counts() == {}

    await reporting.hear(approval())
    assert await reporting.counts() == {("2", "臺北市"): 1}


async def test_a_withdrawn_attendance_counts_no_longer_and_late_old_news_does_not_bring_it_back(
    reporting: Reporting,
) -> None:
    await reporting.hear(approval(), attendance(1), attendance(1, sequence=2, status="withdrawn"))
    await reporting.hear(attendance(1))
    assert await reporting.counts() == {}

    await reporting.hear(attendance(1, sequence=3))
    assert await reporting.counts() == {("2", "臺北市"): 1}


async def test_a_withdrawn_approval_takes_its_attendances_out_of_every_count(reporting: Reporting) -> None:
    await reporting.hear(approval(), attendance(1), approval(sequence=2, status="withdrawn"))

    assert await reporting.counts() == {}


async def test_a_corrected_profession_moves_the_count(reporting: Reporting) -> None:
    await reporting.hear(approval(), attendance(1), attendance(1, sequence=2, profession="D"))

    assert await reporting.counts() == {("D", "臺北市"): 1}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {("2", "臺北市"): 2, ("2", "臺南市"): 1}),
        ("from=2026-02-01&to=2026-02-01", {("2", "臺北市"): 2}),
        ("from=2026-02-02", {("2", "臺南市"): 1}),
        ("to=2026-01-31", {}),
        ("role=lecturer", {("2", "臺北市"): 1}),
        ("county=臺南市", {("2", "臺南市"): 1}),
        ("profession=D", {}),
        (f"offering_unit_id={OTHER}", {("2", "臺南市"): 1}),
    ],
)
async def test_counts_are_narrowed_by_the_day_in_taipei_role_county_profession_and_unit(
    reporting: Reporting, query: str, expected: dict[tuple[str, str], int]
) -> None:
    midnight_in_taipei = datetime(2026, 2, 1, 16, tzinfo=UTC)
    await reporting.hear(
        approval(),
        approval(TAINAN_COURSE, starts_at=midnight_in_taipei, offering_unit_id=OTHER),
        attendance(1),
        attendance(2, role="lecturer"),
        attendance(3, course_id=TAINAN_COURSE),
    )

    assert await reporting.counts(query) == expected


async def test_an_offering_unit_counts_its_own_courses_only(reporting: Reporting) -> None:
    await reporting.hear(
        approval(),
        approval(TAINAN_COURSE, offering_unit_id=OTHER),
        attendance(1),
        attendance(2, course_id=TAINAN_COURSE),
    )

    assert await reporting.counts(actor=reporting.unit) == {("2", "臺北市"): 1}
    assert await reporting.counts(actor=reporting.other_unit) == {("2", "臺南市"): 1}
    assert await reporting.counts(f"offering_unit_id={OFFERING}", reporting.unit) == {("2", "臺北市"): 1}
    refused = await reporting.refused(f"/attendance-counts?offering_unit_id={OFFERING}", reporting.other_unit)
    assert refused == (403, "not-your-unit")


async def test_the_file_opens_in_a_spreadsheet_and_runs_nothing(reporting: Reporting) -> None:
    await reporting.hear(approval(county='=HYPERLINK("http://x")'), attendance(1))

    answer = await reporting.ask(reporting.administrator, "GET", "/attendance-counts.csv")

    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    header, row = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert header[0].startswith("人員類別")
    assert row == ["2", '\'=HYPERLINK("http://x")', "1", "1", "1", "2026-03-02T12:00:00+08:00"]


@pytest.mark.parametrize("seed", range(4))
async def test_several_replicas_that_share_shuffled_and_repeated_news_count_right(
    reporting: Reporting, seed: int
) -> None:
    chance = random.Random(seed)
    news: list[News] = [approval(), approval(sequence=2, county="新北市"), approval(TAINAN_COURSE)]
    expected: Counter[tuple[str, str]] = Counter()
    for number in range(120):
        course = chance.choice([TAIPEI_COURSE, TAINAN_COURSE])
        story = [chance.choice(["2", "D", "withdrawn"]) for _ in range(chance.randint(1, 4))]
        for sequence, said in enumerate(story, start=1):
            gone = said == "withdrawn"
            news.append(
                attendance(
                    number,
                    person=number,
                    sequence=sequence,
                    course_id=course,
                    profession="2" if gone else said,
                    status="withdrawn" if gone else "recorded",
                )
            )
        if story[-1] != "withdrawn":
            expected[story[-1], "新北市" if course == TAIPEI_COURSE else "臺南市"] += 1
    delivered = news * 2
    chance.shuffle(delivered)
    batches = [delivered[start : start + 25] for start in range(0, len(delivered), 25)]

    async def replica(share: list[list[News]]) -> None:
        for batch in share:
            await reporting.hear(*sorted(batch, key=lambda item: item.event.publisher))

    await asyncio.gather(*(replica(batches[at::3]) for at in range(3)))

    assert await reporting.counts() == expected
