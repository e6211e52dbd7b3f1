"""Files as people and programs really send them: spreadsheets, other calendars, and what must be refused."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date
from typing import Any

import httpx
import pytest
from tests.component.identity.conftest import HEADER, LIN, Identity, a_file, good, refusal
from tests.component.identity.spreadsheets import XLSX, spreadsheet_of

ROW = LIN.split(",")


def a_spreadsheet(edit: Callable[[Any, Any], None] = lambda _book, _sheet: None, *rows: list[str]) -> bytes:
    """The header and Lin, unless other rows are given, as text cells; then `edit` does what it likes."""
    return spreadsheet_of([HEADER.split(","), *(rows or [ROW])], edit)


async def sent(identity: Identity, content: bytes, query: str = "dry_run=true") -> httpx.Response:
    return await identity.upload(content, media_type=XLSX, query=query)


async def test_a_spreadsheet_says_the_same_as_the_csv_file(identity: Identity) -> None:
    report = good(await sent(identity, a_spreadsheet(), query=""))
    assert report["created"] == 1
    assert (await identity.imported(LIN))["unchanged"] == 1


async def test_dates_may_be_date_cells_and_days_of_the_republic(identity: Identity) -> None:
    def dated(book: Any, sheet: Any) -> None:
        sheet.write_datetime(1, 5, date(2010, 5, 1), book.add_format({"num_format": "yyyy/mm/dd"}))
        sheet.write_string(1, 6, "民國100年4月15日")
        sheet.write_string(1, 7, "105/12/05")

    good(await sent(identity, a_spreadsheet(dated), query=""))
    assert (await identity.imported(LIN))["unchanged"] == 1


async def test_a_date_that_is_a_number_is_refused_with_row_and_column(identity: Identity) -> None:
    content = a_spreadsheet(lambda _book, sheet: sheet.write_number(1, 5, 40299))
    errors = good(await sent(identity, content))["results"][0]["errors"]
    assert [(each["path"], each["slug"]) for each in errors] == [("rows[2].certificate_issued_on", "date-is-a-number")]


async def test_merged_cells_and_formulas_refuse_the_file_and_say_where(identity: Identity) -> None:
    other = [*ROW[:2], "P7", *ROW[3:]]
    merged = a_spreadsheet(lambda _book, sheet: sheet.merge_range("B2:B3", "林技師"), ROW, other)
    assert refusal(await sent(identity, merged)) == (422, "spreadsheet-not-plain", [("rows[2].B", "merged-cells")])
    formula = a_spreadsheet(lambda _book, sheet: sheet.write_formula("C2", '="P"&"0001"', None, "P0001"))
    assert refusal(await sent(identity, formula)) == (422, "spreadsheet-not-plain", [("rows[2].C", "formula")])


def bomb() -> bytes:
    """A few hundred kilobytes that unpack to three hundred megabytes."""
    with io.BytesIO() as written:
        with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/worksheets/sheet1.xml", b"0" * 300_000_000)
        return written.getvalue()


async def test_what_is_no_spreadsheet_or_unpacks_to_too_much_is_refused(identity: Identity) -> None:
    for content in (b"PK no archive", bomb(), a_file(LIN).encode()):
        assert refusal(await sent(identity, content))[:2] == (422, "spreadsheet-unreadable")
    far = a_spreadsheet(lambda _book, sheet: sheet.write_string(1_000_000, 0, "x"))
    assert refusal(await sent(identity, far))[:2] == (422, "too-many-rows")


async def test_a_gigabyte_is_refused_before_it_is_read(identity: Identity) -> None:
    read = 0

    async def endless() -> Any:
        nonlocal read
        while True:
            read += 1
            yield b"x" * 65_536

    headers = identity.headers_of(identity.administrator)
    headers |= {"Content-Type": "text/csv", "Content-Length": str(1 << 30)}
    answer = await identity.client.post("/registry/imports", content=endless(), headers=headers)
    assert refusal(answer)[0] == 413
    assert read < 1000


async def test_more_than_a_hundred_thousand_rows_are_refused(identity: Identity) -> None:
    assert refusal(await identity.upload(a_file(*["x"] * 100_001)))[:2] == (422, "too-many-rows")


@pytest.mark.parametrize(
    ("changed", "errors"),
    [
        (LIN.replace("林技師", "林\0技師"), [("rows[2].name", "bad-character")]),
        (LIN.replace("林技師", "林\u202e技師"), [("rows[2].name", "bad-character")]),
        (LIN.replace("P0001", "P\0001"), [("rows[2].number", "bad-character")]),
        (LIN.replace("2010-05-01", "99/05/01"), [("rows[2].certificate_issued_on", "ambiguous-year")]),
        (LIN.replace("林技師", "林" * 61), [("rows[2].name", "too-long")]),
        (LIN.replace("臺北市", "\0"), [("rows[2].county", "bad-character")]),
    ],
)
async def test_a_bad_cell_refuses_its_row_and_says_which(
    identity: Identity, changed: str, errors: list[tuple[str, str]]
) -> None:
    result = good(await identity.upload(a_file(changed)))["results"][0]
    assert [(error["path"], error["slug"]) for error in result["errors"]] == errors


async def test_a_byte_order_mark_of_another_encoding_is_refused(identity: Identity) -> None:
    assert refusal(await identity.upload(a_file(LIN).encode("utf-16")))[1] == "file-encoding-unknown"
