"""Compliance by profession and renewal month: counted from standings, whatever came when and how often."""

from __future__ import annotations

import asyncio
import csv
import io
import random
from collections import Counter
from datetime import date
from typing import Any

import pytest
from tests.component.reporting.conftest import Reporting, standing
from tests.support.one_service import News

CLOSED_IN_JANUARY: dict[str, Any] = {"window_until": date(2026, 1, 31)}
CLOSED_IN_FEBRUARY: dict[str, Any] = {"window_until": date(2026, 2, 1)}


async def test_those_who_meet_the_requirement_and_those_who_do_not_are_counted_by_profession_and_renewal_month(
    reporting: Reporting,
) -> None:
    await reporting.hear(
        standing(1),
        standing(2, met=False),
        standing(3, **CLOSED_IN_JANUARY),
        standing(4, met=False, **CLOSED_IN_FEBRUARY),
        standing(5, **CLOSED_IN_FEBRUARY),
        standing(5, profession="D", met=False),
    )

    table = await reporting.get("/compliance-counts")

    assert table["rows"] == [
        {"profession": "2", "renewal_month": "2026-01", "practitioners": 1, "met": 1, "not_met": 0},
        {"profession": "2", "renewal_month": "2026-02", "practitioners": 2, "met": 1, "not_met": 1},
        {"profession": "2", "renewal_month": None, "practitioners": 2, "met": 1, "not_met": 1},
        {"profession": "D", "renewal_month": None, "practitioners": 1, "met": 0, "not_met": 1},
    ]
    assert table["total"] == 6
    assert table["as_of"] == "2026-03-02T04:00:00Z"


async def test_nothing_is_counted_before_anything_was_heard(reporting: Reporting) -> None:
    assert await reporting.get("/compliance-counts") == {"as_of": None, "rows": [], "total": 0}


async def test_a_changed_standing_moves_the_count_and_late_old_news_does_not_move_it_back(reporting: Reporting) -> None:
    old, new = standing(1, met=False), standing(1, sequence=2, **CLOSED_IN_JANUARY)
    await reporting.hear(old, new)
    await reporting.hear(old)

    assert await reporting.compliance() == {("2", "2026-01"): (1, 0)}


async def test_a_renewed_licence_opens_the_window_again(reporting: Reporting) -> None:
    await reporting.hear(standing(1, **CLOSED_IN_JANUARY))
    await reporting.hear(standing(1, sequence=2, met=False))

    assert await reporting.compliance() == {("2", None): (0, 1)}


async def test_a_record_that_was_merged_is_counted_once_and_again_after_a_separation(reporting: Reporting) -> None:
    await reporting.hear(standing(1), standing(2))
    into = standing(1).body.practitioner_id
    await reporting.hear(standing(2, sequence=2, met=False, merged_into=into))

    assert await reporting.compliance() == {("2", None): (1, 0)}

    await reporting.hear(standing(2, sequence=3))

    assert await reporting.compliance() == {("2", None): (2, 0)}


async def test_compliance_is_narrowed_by_profession(reporting: Reporting) -> None:
    await reporting.hear(standing(1), standing(1, profession="D", met=False))

    assert await reporting.compliance("profession=D") == {("D", None): (0, 1)}


async def test_compliance_is_for_those_who_oversee(reporting: Reporting) -> None:
    for actor in (reporting.review_unit, reporting.committee_member, reporting.administrator):
        await reporting.get("/compliance-counts", actor)
    for path in ("/compliance-counts", "/compliance-counts.csv"):
        for refused in (reporting.unit, reporting.practitioner):
            assert (await reporting.refused(path, refused))[0] == 403
        assert (await reporting.refused(path, None))[0] == 401


async def test_the_file_leaves_an_unknown_month_empty(reporting: Reporting) -> None:
    await reporting.hear(standing(1), standing(2, met=False, **CLOSED_IN_JANUARY))

    answer = await reporting.ask(reporting.review_unit, "GET", "/compliance-counts.csv")

    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    header, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert header[:2] == ["人員類別 profession", "更新月份 renewal month"]
    assert rows == [
        ["2", "2026-01", "1", "0", "1", "2026-03-02T12:00:00+08:00"],
        ["2", "", "1", "1", "0", "2026-03-02T12:00:00+08:00"],
    ]


@pytest.mark.parametrize("seed", range(4))
async def test_several_replicas_that_share_shuffled_and_repeated_standings_count_right(
    reporting: Reporting, seed: int
) -> None:
    chance = random.Random(seed)
    news: list[News] = []
    met: Counter[tuple[str, str | None]] = Counter()
    missed: Counter[tuple[str, str | None]] = Counter()
    for person in range(80):
        for profession in chance.choice(["2", "D", "2D"]):
            story = [(chance.random() < 0.5, chance.random() < 0.5) for _ in range(chance.randint(1, 4))]
            for sequence, (well, closed) in enumerate(story, start=1):
                window = CLOSED_IN_JANUARY if closed else {}
                news.append(standing(person, sequence, profession=profession, met=well, **window))
            well, closed = story[-1]
            (met if well else missed)[profession, "2026-01" if closed else None] += 1
    delivered = news * 2
    chance.shuffle(delivered)
    batches = [delivered[start : start + 25] for start in range(0, len(delivered), 25)]

    async def replica(share: list[list[News]]) -> None:
        for batch in share:
            await reporting.hear(*batch)

    await asyncio.gather(*(replica(batches[at::3]) for at in range(3)))

    assert await reporting.compliance() == {key: (met[key], missed[key]) for key in met | missed}
