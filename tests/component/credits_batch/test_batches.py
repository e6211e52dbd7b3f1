"""A file of people in, their points out: each row with what it is about, each look with its purpose."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from datetime import date

import msgspec
import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook
from tests.component.credits_batch.desk import (
    ADMIN,
    XLSX,
    BatchDesk,
    a_course,
    a_course_withdrawn,
    a_csv,
    a_person,
    an_id,
    attended,
    courses,
    told_of,
)
from tests.support.facts import attendance_of
from tests.support.tokens import an_actor

from cec_chassis.context import Actor


@pytest.fixture
async def town(desk: BatchDesk) -> BatchDesk:
    """Three nurses with 30, 10 and no courses of two points; the last one's name looks like a formula."""
    await desk.take_in(
        told_of(1), told_of(2, former_national_id_indexes=["f" * 64]), told_of(3, name="=1+1"), *courses(30)
    )
    await desk.take_in(*attended(1, 30), *attended(2, 10))
    await desk.recalculate()
    return desk


async def test_each_row_is_answered_by_whatever_it_names(town: BatchDesk) -> None:
    header = ("身分證字號", "人員代碼", "證書字號")
    rows = [(an_id(1),), ("", "P000002"), ("", "", "C000003"), ("A123456788",), ("", "P999999"), ("", "", "")]
    rows.insert(5, (an_id(77),))
    answer = await town.send(a_csv(rows, header))
    assert answer.status_code == 200, answer.text
    lines = answer.json()["lines"]
    assert [line["row"] for line in lines] == [2, 3, 4, 5, 6, 7]
    assert [line["practitioner_id"] for line in lines[:3]] == [str(a_person(at)) for at in (1, 2, 3)]
    assert [(line["problem"] or {}).get("slug") for line in lines[3:]] == [
        "national-id-checksum",
        "unknown-practitioner",
        "unknown-practitioner",
    ]
    assert an_id(1) not in answer.text
    assert lines[0]["asked"].startswith("A10****")


async def test_stored_standings_and_computed_ones_answer_alike(town: BatchDesk) -> None:
    """The second time the standings are gone, so everything is computed from the facts."""
    file = a_csv([(an_id(at),) for at in (1, 2, 3)])
    for query in ("by=attribute", "by=method"):
        stored = (await town.send(file, query)).json()["lines"]
        async with town.database.transaction() as tx:
            await tx.execute("CREATE TABLE aside AS SELECT * FROM standings")
            await tx.execute("DELETE FROM standings")
        computed = (await town.send(file, query)).json()["lines"]
        async with town.database.transaction() as tx:
            await tx.execute("INSERT INTO standings SELECT * FROM aside")
            await tx.execute("DROP TABLE aside")
        assert computed == stored
        assert [line["figures"]["valid"] for line in stored] == ["60.00", "20.00", "0.00"]
    assert {group["key"] for group in stored[0]["figures"]["groups"]} == {"M01"}


async def test_facts_read_for_many_are_those_read_for_one(town: BatchDesk) -> None:
    """A question about the past is answered person by person; asked about now, both ways must agree."""
    await town.take_in(
        attendance_of(a_person(1), a_course(1), "F", "learner", 2, minutes=50),
        attendance_of(a_person(1), a_course(2), "F", "learner", 2, status="withdrawn", reason="誤登"),
        attendance_of(a_person(1), a_course(3), "F", "lecturer", 2),
        attendance_of(a_person(2), a_course(4), "B", "learner", 2),
        a_course_withdrawn(5),
    )
    file = a_csv([(an_id(at),) for at in (1, 2, 3)])
    for query in ("by=attribute", "by=method&since=2020-01-01&until=2020-01-20"):
        many = (await town.send(file, query)).json()["lines"]
        one = (await town.send(file, f"{query}&known_by=2022-10-01T04:00:00Z")).json()["lines"]
        assert many == one
    assert many[0]["figures"]["valid"] != many[1]["figures"]["valid"]


async def test_a_period_takes_the_place_of_the_window(town: BatchDesk) -> None:
    answer = await town.send(a_csv([(an_id(1),)]), "since=2020-01-01&until=2020-01-05")
    (line,) = answer.json()["lines"]
    assert (line["figures"]["since"], line["figures"]["until"]) == ("2020-01-01", "2020-01-05")
    assert line["figures"]["valid"] == "10.00"
    assert [g["records"] for g in line["figures"]["groups"]] == [2, 3]


async def test_another_occasion_is_asked_for_the_whole_file(town: BatchDesk) -> None:
    (line,) = (await town.send(a_csv([(an_id(1),)]), "profile=re_entry&as_of=2022-10-01")).json()["lines"]
    single = await town.ask(
        ADMIN, "GET", f"/statements/{a_person(1)}/F?profile=re_entry&as_of=2022-10-01", headers={"X-Purpose": "audit"}
    )
    said = single.json()
    assert (line["figures"]["since"], line["figures"]["counted"]) == (said["window"]["since"], said["counted"])


async def test_an_occasion_that_nobody_has_refuses_the_whole_file_before_anybody_is_looked_at(town: BatchDesk) -> None:
    for rows in (1, 1_001):
        answer = await town.send(a_csv([(an_id(1),)] * rows), "profile=nonsense")
        assert (answer.status_code, answer.json()["type"]) == (422, "/problems/occasion-not-open")
        [error] = answer.json()["errors"]
        assert (error["path"], error["slug"]) == ("query.profile", "unknown-profile")
        assert "There is no such occasion; there are: renewal, " in error["message"]
    assert not [action for action in await town.audited() if "batch" in action]


async def test_an_occasion_of_other_professions_is_a_problem_of_the_row(town: BatchDesk) -> None:
    (line,) = (await town.send(a_csv([(an_id(1),)]), "profile=specialist")).json()["lines"]
    assert (line["figures"], line["problem"]["slug"]) == (None, "occasion-not-open")
    assert line["problem"]["message"].startswith("此類別無此適用情形，可用者：renewal、")
    assert " / This profession has no such occasion; it has: renewal, " in line["problem"]["message"]


async def test_a_day_before_all_rules_tells_the_row_from_when_there_are_some(town: BatchDesk) -> None:
    query = "as_of=1999-01-01"
    (line,) = (await town.send(a_csv([(an_id(1),)]), query)).json()["lines"]
    single = await town.ask(ADMIN, "GET", f"/statements/{a_person(1)}/F?{query}", headers={"X-Purpose": "audit"})
    assert line["problem"] == {"slug": "no-rule-on-that-day", "message": single.json()["detail"]}
    assert re.search(r"the first does from \d{4}-\d\d-\d\d$", line["problem"]["message"])


async def test_a_number_may_be_typed_in_small_letters_and_full_width(town: BatchDesk) -> None:
    lines = (await town.send(a_csv([("p000001",), ("Ｐ００００02",), ("P000003",)], ("人員代碼",)))).json()["lines"]
    assert [line["number"] for line in lines] == ["P000001", "P000002", "P000003"]


async def test_a_row_names_somebody_in_one_way(town: BatchDesk) -> None:
    rows = [(an_id(1), "P000002")]
    (line,) = (await town.send(a_csv(rows, ("national_id", "number")))).json()["lines"]
    assert (line["figures"], line["problem"]["slug"]) == (None, "named-twice")


@pytest.mark.parametrize("query", ["", "since=2021-01-01&until=2021-12-31", "known_by=2022-10-01T04:00:00Z"])
async def test_a_profession_that_somebody_does_not_hold_is_no_zero(town: BatchDesk, query: str) -> None:
    answer = await town.send(a_csv([("P000001", "F"), ("P000001", "2")], ("number", "profession")), query)
    held, strange = answer.json()["lines"]
    assert (held["problem"], strange["figures"]) == (None, None)
    assert strange["problem"]["slug"] == "profession-not-held"


async def test_a_number_that_lost_its_zeros_says_how_to_keep_them(town: BatchDesk) -> None:
    written = io.BytesIO()
    book = xlsxwriter.Workbook(written)
    sheet = book.add_worksheet()
    sheet.write(0, 0, "certificate_number")
    sheet.write(1, 0, 1)
    book.close()
    [line] = (await town.send(written.getvalue(), media_type=XLSX)).json()["lines"]
    assert (line["asked"], line["problem"]["slug"]) == ("1", "unknown-practitioner")
    assert "make the cell text" in line["problem"]["message"]


async def test_a_change_that_waits_is_in_the_answer(town: BatchDesk) -> None:
    await town.take_in(*attended(3, 5))
    (line,) = (await town.send(a_csv([(an_id(3),)]))).json()["lines"]
    assert line["figures"]["valid"] == "10.00"


async def test_a_former_national_id_finds_the_same_person(town: BatchDesk) -> None:
    async with town.database.transaction() as tx:
        await tx.execute(
            "UPDATE practitioners SET former_national_id_indexes = ARRAY[national_id_index], national_id_index = '' "
            "WHERE number = 'P000002'"
        )
    (line,) = (await town.send(a_csv([(an_id(2),)]))).json()["lines"]
    assert line["practitioner_id"] == str(a_person(2))


async def test_one_certificate_number_of_two_people_needs_the_profession(town: BatchDesk) -> None:
    other = told_of(4, profession="B")
    certificates = [{"profession": "B", "number": "C000001", "issued_on": "2005-01-01"}]
    await town.take_in(other)
    async with town.database.transaction() as tx:
        await tx.execute(
            "UPDATE practitioners SET certificates = CAST(:told AS jsonb) WHERE number = 'P000004'",
            told=str(certificates).replace("'", '"'),
        )
    header = ("證書字號", "證書類別")
    lines = (await town.send(a_csv([("C000001",), ("C000001", "f"), ("C000001", "B"), ("C1", "F-1")], header))).json()[
        "lines"
    ]
    assert [(line["problem"] or {}).get("slug") for line in lines] == ["ambiguous", None, None, "unknown-profession"]
    assert "可用:1、2、3" in lines[3]["problem"]["message"]
    assert [line["practitioner_id"] for line in lines[1:3]] == [str(a_person(1)), str(a_person(4))]


async def test_every_person_looked_at_is_audited_with_the_purpose(town: BatchDesk) -> None:
    await town.send(a_csv([(an_id(1),), (an_id(2),), (an_id(1),), (an_id(9),)]))
    rows = await town.rows(
        "SELECT action, subject_id, reason, account_id FROM audit_log WHERE action LIKE '%batch%' ORDER BY action"
    )
    assert [row.action for row in rows] == ["batch.asked", "statement.read_in_batch", "statement.read_in_batch"]
    assert {row.subject_id for row in rows[1:]} == {str(a_person(1)), str(a_person(2))}
    assert {(row.reason, row.account_id) for row in rows} == {("renewal", ADMIN.account_id)}


async def test_the_spreadsheet_opens_clean(town: BatchDesk) -> None:
    answer = await town.send(a_csv([(an_id(1),), (an_id(3),)]), "format=xlsx")
    assert answer.headers["content-type"] == XLSX
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    assert book.sheet_names == ["積分統計", "說明"]
    assert ["適用情形 / Occasion", "renewal"] in book.get_sheet_by_name("說明").to_python()
    header, *rows = book.get_sheet_by_name("積分統計").to_python()
    line = dict(zip(header, rows[0], strict=True))
    assert line["有效積分 / Valid"] == 60.0
    assert isinstance(line["有效積分 / Valid"], float)
    assert line["執業執照迄日 / Licence until"].isoformat() == "2023-01-01"  # type: ignore[union-attr]
    assert dict(zip(header, rows[1], strict=True))["姓名 / Name"] == "=1+1"
    assert b"<f>" not in _parts(answer.content)
    assert b'state="frozen"' in _parts(answer.content)


FORMULAS = ("=1+1", "+1", "-1+cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", "\r=1", "\n=1")


@pytest.mark.parametrize("name", FORMULAS, ids=ascii)
async def test_a_name_that_a_spreadsheet_would_run_is_text_in_both_files(desk: BatchDesk, name: str) -> None:
    """A spreadsheet knows text from formulas by the kind of the cell; a CSV file knows no kinds, so there it is defused."""
    await desk.take_in(told_of(1, name=name))
    await desk.recalculate()
    asked = a_csv([("", "P000001"), ("", "=2+2")], ("身分證字號", "人員代碼"))

    table = (await desk.send(asked, "format=csv")).content.decode("utf-8-sig")
    found, unknown = csv.DictReader(io.StringIO(table, newline=""))
    assert found["姓名 / Name"] == f"'{name}"
    assert unknown["查詢條件 / Asked"] == "'=2+2"

    content = (await desk.send(asked, "format=xlsx")).content
    sheet = part_of(content, "xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet
    assert b"<f " not in sheet
    header, found_row, unknown_row = (
        CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    )
    read = dict(zip(header, found_row, strict=True))["姓名 / Name"]
    assert isinstance(read, str)
    assert read.replace("_x000D_", "\r").strip() == name.strip()
    assert dict(zip(header, unknown_row, strict=True))["查詢條件 / Asked"] == "=2+2"


async def test_a_row_warns_of_the_licence_as_the_statement_does(desk: BatchDesk) -> None:
    """One in order, one extended and run out all the same, one valid for too long, none at all."""
    whole = told_of(1).body.licences[0]
    extended = msgspec.structs.replace(whole, valid_until=date(2022, 3, 1), extended_until=date(2022, 6, 30))
    long = msgspec.structs.replace(whole, valid_until=date(2024, 1, 1), extended_until=date(2024, 6, 30))
    await desk.take_in(*(told_of(at, licences=held) for at, held in enumerate(([whole], [extended], [long], []), 1)))
    await desk.recalculate()
    file = a_csv([(an_id(at),) for at in (1, 2, 3, 4)])

    lines = (await desk.send(file)).json()["lines"]
    assert [(line["licence_valid_until"], line["licence_extended_until"]) for line in lines] == [
        ("2023-01-01", None),
        ("2022-03-01", "2022-06-30"),
        ("2024-01-01", "2024-06-30"),
        (None, None),
    ]
    for at, line in enumerate(lines, 1):
        said = (await desk.ask(ADMIN, "GET", f"/statements/{a_person(at)}/F", headers={"X-Purpose": "audit"})).json()
        assert (line["licence_remark"], line["anomalies"]) == (said.get("licence_remark"), said["anomalies"])
    assert [each["code"] for line in lines for each in line["anomalies"]] == ["LICENCE_OVER_6_YEARS"]

    table = (await desk.send(file, "format=csv")).content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(table)))
    assert [row["執業執照展延至 / Licence extended until"] for row in rows] == ["", "2022-06-30", "2024-06-30", ""]
    in_order, lapsed, too_long, none = (row["備註 / Remark"] for row in rows)
    assert in_order == ""
    assert lapsed.startswith("執業執照效期已於民國 111 年 6 月 30 日屆滿")
    assert " / The licence ended on 2022-06-30 " in lapsed
    assert too_long.startswith("執業執照效期超過 6 年")
    assert " / No licence of this profession is registered" in none

    content = (await desk.send(file, "format=xlsx")).content
    header, *cells = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    read = [dict(zip(header, row, strict=True)) for row in cells]
    assert [each["備註 / Remark"] for each in read] == [in_order, lapsed, too_long, none]
    assert read[1]["執業執照展延至 / Licence extended until"] == date(2022, 6, 30)


async def test_a_row_without_points_has_no_remark(town: BatchDesk) -> None:
    (line,) = (await town.send(a_csv([("P000001", "2")], ("number", "profession")))).json()["lines"]
    assert (line["licence_remark"], line["anomalies"], line["figures"]) == (None, [], None)


async def test_the_header_of_the_spreadsheet_stays_in_sight_and_its_numbers_can_be_summed(town: BatchDesk) -> None:
    content = (await town.send(a_csv([(an_id(1),), (an_id(2),), (an_id(77),)]), "format=xlsx&by=method")).content
    panes = re.findall(rb"<pane [^>]*>", part_of(content, "xl/worksheets/sheet1.xml"))
    assert len(panes) == 1
    assert all(said in panes[0] for said in (b'ySplit="1"', b'topLeftCell="A2"', b'state="frozen"'))
    assert b"xSplit" not in panes[0]
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name("積分統計")
    header, *rows = sheet.to_python()
    points = [at for at, name in enumerate(header) if "積分 /" in str(name) or ", valid" in str(name)]
    assert len(points) > 10
    for row in rows[:2]:
        assert {type(row[at]) for at in points} == {float}
    assert [row[header.index("有效積分 / Valid")] for row in rows[:2]] == [60.0, 20.0]
    assert {rows[2][at] for at in points} == {""}, "who is not known has no points, not even none"


async def test_the_csv_opens_clean(town: BatchDesk) -> None:
    answer = await town.send(a_csv([(an_id(1),), (an_id(3),), (an_id(50),)]), "format=csv&by=method")
    text = answer.content.decode("utf-8-sig")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["姓名 / Name"] for row in rows] == ["王測試", "'=1+1", ""]
    assert rows[0]["有效積分 / Valid"] == "60.00"
    assert rows[0]["證書類別 / Profession"] == "F 護理師 / Registered professional nurse"
    assert "M05 網路繼續教育 有效 / M05 Online continuing education, valid" in rows[0]
    assert rows[2]["結果 / Result"].startswith("查無此人")


async def test_a_spreadsheet_may_be_sent_back_filled_in(town: BatchDesk) -> None:
    template = await town.fetch("/batches/template.xlsx")
    assert CalamineWorkbook.from_filelike(io.BytesIO(template.content)).sheet_names == ["查詢名單", "說明"]
    import xlsxwriter

    written = io.BytesIO()
    book = xlsxwriter.Workbook(written)
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["身分證或統一證號", "人員代碼"])
    sheet.write_row(2, 0, ["", "P000002"])
    sheet.write_row(4, 0, [an_id(1)])
    book.close()
    answer = await town.send(written.getvalue(), media_type=XLSX)
    assert [(line["row"], line["number"]) for line in answer.json()["lines"]] == [(3, "P000002"), (5, "P000001")]
    assert (
        (await town.fetch("/batches/template.csv")).content.decode("utf-8-sig").startswith("身分證或統一證號,人員代碼")
    )


@pytest.mark.parametrize(
    ("actor", "status"),
    [
        (an_actor("practitioner"), 403),
        (an_actor("committee_member"), 403),
        (an_actor("other_system"), 403),
        (an_actor("other_system", scopes=("credits:read",)), 200),
        (an_actor("offering_unit"), 200),
        (an_actor("review_unit"), 200),
    ],
)
async def test_who_may_ask_and_who_is_refused_and_remembered(town: BatchDesk, actor: Actor, status: int) -> None:
    assert (await town.send(a_csv([(an_id(1),)]), actor=actor)).status_code == status
    asked = {403: "batch.asked_refused", 200: "batch.asked"}[status]
    rows = await town.rows("SELECT action, account_id, reason FROM audit_log WHERE action LIKE 'batch.%'")
    assert [tuple(row) for row in rows] == [(asked, actor.account_id, "renewal")]


def _parts(content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return b"".join(archive.read(name) for name in archive.namelist() if "sheet" in name)


def part_of(content: bytes, name: str) -> bytes:
    """One file of those that a spreadsheet is made of."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(name)
