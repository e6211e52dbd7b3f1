"""Bad input through the gateway: every no is a problem document with a stable slug, and nothing is half written."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from tests.support.eventually import eventually
from tests.system.bad_requests import BAD, WRONG_CHECKSUM
from tests.system.people import World
from tests.system.problems import assert_problem
from tests.system.tables import Tables

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]
NATIONAL_ID = re.compile(r"[A-Z][1289A-D][0-9]{8}")
HEADER = (
    "national_id,name,number,profession,certificate_number,certificate_issued_on,licence_valid_from,"
    "licence_valid_until,licence_extended_until,institution_code,county,area,area_since"
)
LICENCE = "2,000077,2012-01-10,2012-02-01,2018-01-10,,,臺北市,ordinary,2012-02-01"


async def send(world: World, name: str) -> httpx.Response:
    bad = BAD[name]
    path = bad.path.format(
        course=world.course["course_id"],
        case=world.case["case_id"],
        practitioner=world.practitioner_id,
        review_unit=world.review.tokens["organisation_id"],
    )
    answer: httpx.Response = await getattr(world, bad.who).ask(bad.method, path, **bad.sent)
    return answer


@pytest.mark.parametrize("name", BAD)
async def test_refused_and_nothing_written(world: World, tables: Tables, name: str) -> None:
    bad = BAD[name]
    async with tables.unchanged():
        answer = await send(world, name)
    assert_problem(answer, bad.status, bad.slug, bad.paths)
    assert not NATIONAL_ID.search(answer.text), "an answer never repeats a national ID"


async def test_a_method_that_is_not_supported_names_those_that_are(world: World) -> None:
    allowed = (await send(world, "a method no route has")).headers["Allow"]
    assert {"GET", "POST"} <= {method.strip() for method in allowed.split(",")}


async def test_a_registry_file_with_bad_rows_is_taken_in_without_them(world: World, tables: Tables) -> None:
    before = await tables.counts_at_rest()
    rows = [
        f"{WRONG_CHECKSUM},王錯誤,D000071,{LICENCE}",
        f"H120000013,何正確,D000072,{LICENCE}",
        f"K220000026,郭倒置,D000073,{LICENCE.replace('2018-01-10', '2008-01-10')}",
        f"T200000090,,D000074,{LICENCE.replace('2012-01-10', '2012-13-10')}",
    ]
    report = await world.admin.upload("/identity/registry/imports", "\n".join([HEADER, *rows]).encode())
    assert (report["created"], report["refused"], report["events"]) == (1, 3, 1)
    faults = [{(error["path"], error["slug"]) for error in row.get("errors", ())} for row in report["results"]]
    assert faults == [
        {("rows[2].national_id", "national-id-checksum")},
        set(),
        {("rows[4].licence_valid_until", "ends-before-it-begins")},
        {("rows[5].name", "missing-value"), ("rows[5].certificate_issued_on", "not-a-date")},
    ]
    after = await tables.counts_at_rest()
    for table in ("identity.practitioners", "enrolment.practitioners", "credits.practitioners"):
        assert after[table] - before[table] == 1, table


async def test_a_roster_file_with_bad_rows_is_taken_in_without_them(world: World, tables: Tables) -> None:
    before = await tables.counts_at_rest()
    rows = [
        "number,national_id,role,minutes",
        "D000002,,lecturer,50",
        f",{WRONG_CHECKSUM},learner,",
        "D000003,,lecturer,-5",
        "D000003,,king,",
        "D999999,,learner,",
        "D000003,,learner,1,too,many",
    ]
    path = f"/enrolment/rosters/{world.course['course_id']}/imports"
    report = await world.offering.upload(path, "\n".join(rows).encode())
    assert (report["recorded"], report["refused"]) == (1, 5)
    faults = {(error["path"], error["slug"]) for row in report["results"] for error in row["errors"]}
    assert faults == {
        ("rows[3].national_id", "national-id-checksum"),
        ("rows[4].minutes", "out-of-range"),
        ("rows[5].role", "unknown-role"),
        ("rows[6].number", "practitioner-unknown"),
        ("rows[7].cells", "too-many-cells"),
    }
    after = await tables.counts_at_rest()
    grown = {table: after[table] - before[table] for table in after if after[table] != before[table]}
    assert grown["enrolment.attendances"] == grown["enrolment.outbox"] == grown["credits.ledger_entries"] == 1


async def test_big5_is_read_right_in_both_kinds_of_file(world: World) -> None:
    """The second byte of some Big5 characters is a backslash, a quote-like bar or a brace: 許功蓋."""
    registry = f"{HEADER}\nN200000031,許功蓋,D000075,{LICENCE}\n".encode("cp950")
    report = await world.admin.upload("/identity/registry/imports", registry)
    assert report["created"] == 1
    found = await world.admin.get("/identity/practitioners", number="D000075")
    assert [person["name"] for person in found["items"]] == ["許功蓋"]

    roster = "身分證或統一證號,角色\nN200000031,講師\n".encode("cp950")
    path = f"/enrolment/rosters/{world.course['course_id']}"

    async def taken_in() -> bool:
        """Once enrolment has heard of the person."""
        report = await world.offering.upload(f"{path}/imports", roster, "text/csv; charset=big5")
        return bool(report["refused"] == 0)

    await eventually(taken_in, within=30, every=0.1)
    lines = (await world.offering.get(f"{path}/attendances", page_size=200))["items"]
    (line,) = [line for line in lines if line["practitioner_number"] == "D000075"]
    assert (line["practitioner_name"], line["role"]) == ("許功蓋", "lecturer")


async def test_a_refusal_before_a_large_file_was_read_reaches_the_client(world: World) -> None:
    """Each of these is said after the first bytes; the rest must not turn it into a broken connection."""
    path = "/identity/registry/imports"
    file = b"x" * 5_000_000
    for _ in range(5):
        sent: dict[str, Any] = {"content": file, "headers": {"Content-Type": "text/csv"}}
        assert_problem(await world.nobody.ask("POST", path, **sent), 401, "unauthenticated")
        assert_problem(await world.offering.ask("POST", path, **sent), 403, "forbidden")
        assert_problem(await world.admin.ask("POST", "/identity/registry/none", **sent), 404, "not-found")
