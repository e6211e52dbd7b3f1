"""Files that are refused as a whole, with nothing kept and nobody looked at."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from collections.abc import AsyncIterator

import pytest
import xlsxwriter
from tests.component.credits_batch.desk import ADMIN, PURPOSE, XLSX, BatchDesk, a_csv, an_id


def a_spreadsheet(*cells: tuple[int, int, str]) -> bytes:
    written = io.BytesIO()
    book = xlsxwriter.Workbook(written)
    sheet = book.add_worksheet()
    sheet.write(0, 0, "national_id")
    for row, column, value in cells:
        sheet.write(row, column, value)
    book.close()
    return written.getvalue()


def repacked(content: bytes, name: str, old: bytes, new: bytes) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in source.namelist():
            part = source.read(entry)
            target.writestr(entry, part.replace(old, new) if entry == name else part)
    return written.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
GOOD = a_spreadsheet((1, 0, an_id(1)))
BOMB = repacked(GOOD, SHEET, b"<sheetData>", b"<sheetData>" + b" " * 150_000_000)


@pytest.mark.parametrize(
    ("content", "media_type", "status", "slug"),
    [
        (a_csv([(an_id(1),)], ["name"]), "text/csv", 422, "csv-header-invalid"),
        (f"{an_id(1)}\n".encode(), "text/csv", 422, "csv-header-invalid"),
        (b"", "text/csv", 422, "csv-header-invalid"),
        (b"national_id\n", "text/csv", 422, "validation-failed"),
        (b"national_id,number\n" + "王".encode("utf-16"), "text/csv", 422, "file-encoding-unknown"),
        ("身分證字號\n".encode("big5"), "text/csv; charset=utf-8", 422, "file-encoding-unknown"),
        (b'national_id\n"A', "text/csv", 422, "csv-malformed"),
        (a_csv([("P1",)] * 100_001, ["number"]), "text/csv", 422, "too-many-rows"),
        (b"{}", "application/json", 415, "unsupported-media-type"),
        (b"PK no archive", XLSX, 422, "spreadsheet-unreadable"),
        (a_spreadsheet((1_000_000, 0, "x")), XLSX, 422, "too-many-rows"),
        (a_spreadsheet((1, 16_000, "x")), XLSX, 422, "spreadsheet-unreadable"),
        (repacked(GOOD, SHEET, b'r="A2"', b'r="&#65;2"'), XLSX, 422, "spreadsheet-unreadable"),
        (repacked(GOOD, "xl/workbook.xml", b"<sheet ", b"<page "), XLSX, 422, "spreadsheet-unreadable"),
        (BOMB, XLSX, 422, "spreadsheet-unreadable"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_bad_file_is_refused(desk: BatchDesk, content: bytes, media_type: str, status: int, slug: str) -> None:
    answer = await desk.send(content, media_type=media_type)
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{slug}")
    assert await desk.rows("SELECT 1 FROM batch_jobs") == []
    assert not [action for action in await desk.audited() if "batch" in action]


@pytest.mark.parametrize("content", [b"PK no archive", a_csv([(an_id(1),)]), GOOD[:500]], ids=["noise", "CSV", "torn"])
async def test_what_is_no_spreadsheet_says_how_to_send_one_and_how_to_send_csv(desk: BatchDesk, content: bytes) -> None:
    detail = (await desk.send(content, media_type=XLSX)).json()["detail"]
    assert "另存為 .xlsx" in detail
    assert "save it anew as .xlsx and send that, or send a CSV file as text/csv" in detail


@pytest.mark.parametrize("declared", [True, False])
async def test_a_gigabyte_is_refused_without_being_kept(desk: BatchDesk, declared: bool) -> None:
    """Whether its length is declared or not, no more is read than the server must to be polite, and nothing is held."""
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        part = b"A123456789\r\n" * 8_000
        while sent < 1_000_000_000:
            sent += len(part)
            yield part

    headers = desk.headers_of(ADMIN) | PURPOSE | {"Content-Type": "text/csv"}
    if declared:
        headers["Content-Length"] = "1000000000"
    tracemalloc.start()
    answer = await desk.client.post("/batches", content=endless(), headers=headers)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/body-too-large")
    assert answer.json()["detail"] == "此網址最多接受 10 MB / At most 10 MB are taken here"
    assert sent < 40_000_000
    assert peak < 60_000_000


async def test_the_purpose_must_be_said(desk: BatchDesk) -> None:
    headers = desk.headers_of(ADMIN) | {"Content-Type": "text/csv"}
    answer = await desk.client.post("/batches", content=a_csv([(an_id(1),)]), headers=headers)
    assert answer.json()["type"] == "/problems/purpose-required"
    [error] = answer.json()["errors"]
    assert (error["path"], error["message"][:6]) == ("header.X-Purpose", "請載明查詢目")


@pytest.mark.parametrize(
    "query", ["since=2020-01-01", "since=2020-02-01&until=2020-01-01", "by=colour", "profession=f-"]
)
async def test_a_question_that_makes_no_sense(desk: BatchDesk, query: str) -> None:
    answer = await desk.send(a_csv([(an_id(1),)]), query)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/validation-failed")


async def test_a_profession_that_is_no_code_is_told_what_a_code_is(desk: BatchDesk) -> None:
    [error] = (await desk.send(a_csv([(an_id(1),)]), "profession=nurse")).json()["errors"]
    assert error["path"] == "query.profession"
    assert "例如 F 護理師 / Not of the form that is asked for: the code of a profession" in error["message"]
