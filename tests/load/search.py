"""The activity search over 100,000 activities with two courses each, beside the bare query for the words alone."""

from __future__ import annotations

import statistics
import time
from typing import NamedTuple
from urllib.parse import quote

import asyncpg
from tests.support.one_service import OneService
from tests.support.tokens import an_actor

from cec_chassis.database.engine import plain_dsn
from cec_reporting.service import SERVICE

ACTIVITIES = 100_000
ROUNDS = 20
WORDS = ("研討會", "牙科", "護理倫理", "重症新知工作坊", "第12345場", "針灸", "icu")
"""From a fifth of all titles to one, to none; of two characters and more."""

SEED = f"""
INSERT INTO activities (activity_id, code, title, offering_unit_id, offering_unit_name, review_unit_id, method,
    professions, county, place, starts_on, ends_on, status, submission, submitted_at, courses, sequence, event_at)
SELECT gen_random_uuid(), 'S' || n,
       2015 + n % 12 || '年度'
           || (ARRAY['牙科','護理','藥事','復健','重症','長期照護','精神醫療','感染管制','醫事檢驗','放射診斷'])[1 + n % 10]
           || (ARRAY['材料','倫理','法規','品質','新知','實務','溝通','安全'])[1 + n / 10 % 8]
           || (ARRAY['學術研討會','年會','工作坊','繼續教育課程','病例討論會'])[1 + n / 80 % 5] || '第' || n || '場',
       gen_random_uuid(), '第' || n % 3000 || '醫事學會', gen_random_uuid(), 'M01', ARRAY['2', 'N'],
       (ARRAY['臺北市','臺南市','高雄市'])[1 + n % 3], '', date '2015-01-01' + n % 4000, date '2015-01-02' + n % 4000,
       'submitted', 1, now(), 2, 1, now()
FROM generate_series(1, {ACTIVITIES}) AS n;
INSERT INTO courses (course_id, activity_id, code, title, offering_unit_id, review_unit_id, county, held_on, minutes,
    status, sequence, event_at, attribute, infection_control, gender, starts_at, ends_at, awards, details_of)
SELECT gen_random_uuid(), activity_id, code || 'C' || k, substr(title, 7, 6) || CASE k WHEN 1 THEN '總論' ELSE ' ICU 個案' END,
       offering_unit_id, review_unit_id, county, starts_on, 120,
       CASE WHEN right(code, 1) = '9' THEN 'withdrawn' ELSE 'approved' END,
       1, now(), 'professional', k = 1, false, starts_on + k * interval '3 hours', starts_on + k * interval '5 hours',
       '[{{"profession": "2", "role": "learner", "points": "2.4"}}, {{"profession": "N", "role": "learner", "points": "2"}}]', 1
FROM activities, generate_series(1, 2) AS k;
"""
BARE = """
SELECT * FROM activities WHERE strpos(title, $1) > 0 AND status <> 'withdrawn' ORDER BY starts_on, activity_id LIMIT 50
"""


class Search(NamedTuple):
    """Seconds of each question, by what was asked."""

    bare: list[float]
    title: list[float]
    course_title: list[float]
    other: list[float]


async def measure(url: str) -> Search:
    """Whole requests of a signed-in practitioner, one after another, every page with its total and courses."""
    connection = await asyncpg.connect(plain_dsn(url))
    await connection.execute(SEED)
    await connection.execute("VACUUM ANALYZE")  # as autovacuum does where rows come one by one
    service = await OneService.start(SERVICE, url)
    try:
        found = Search([], [], [], [])
        for _ in range(ROUNDS):
            for words in WORDS:
                begun = time.perf_counter()
                await connection.fetch(BARE, words)
                found.bare.append(time.perf_counter() - begun)
                found.title.append(await _ask(service, f"title={quote(words)}"))
                found.course_title.append(await _ask(service, f"course_title={quote(words)}"))
            for query in (
                "county=高雄市",
                "from=2024-03-01&to=2024-03-31",
                "offering_unit=第12醫事",
                "profession=N",
                "title=牙",
            ):
                found.other.append(await _ask(service, quote(query, safe="=&")))
        return found
    finally:
        await service.close()
        await connection.close()


async def _ask(service: OneService, query: str) -> float:
    begun = time.perf_counter()
    answer = await service.ask(an_actor("practitioner"), "GET", f"/activities/search?{query}")
    assert answer.status_code == 200, answer.text
    return time.perf_counter() - begun


def p95_ms(seconds: list[float]) -> float:
    """The 95th of a hundred, in milliseconds."""
    return statistics.quantiles(seconds, n=100)[94] * 1000
