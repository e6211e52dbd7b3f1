"""A batch's answer, and the empty form to ask with, as files: JSON, CSV, XLSX."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from enum import StrEnum
from functools import partial
from typing import Final
from urllib.parse import quote

import msgspec
from litestar import Response

from cec_chassis.csv_upload import SPREADSHEET as MEDIA_TYPE
from cec_chassis.http import csv_download
from cec_credits import texts
from cec_credits.batch.domain import BatchAnswer, By
from cec_credits.batch.rows import COLUMNS
from cec_credits.batch.table import Column, columns_of, rows_of
from cec_credits.batch.workbook import workbook
from cec_credits.batch.written import Written
from cec_credits.rulesets.book import RuleBook
from cec_credits.statements.domain import Period
from cec_credits.statements.roc import roc

RESULT: Final = "積分統計"
NOTES: Final = "說明"
_HOW: Final = texts.words("asked.how")
_ONE_A_ROW: Final = texts.words("asked.one_a_row")
_NOW: Final = texts.both("asked.now")
_OWN_WINDOW: Final = texts.both("asked.own_window")
_BROKEN_DOWN: Final = {By.ATTRIBUTE: texts.both("asked.by_attribute"), By.METHOD: texts.both("asked.by_method")}
_ASKED: Final[tuple[tuple[str, Callable[[BatchAnswer], str]], ...]] = (
    (texts.both("asked.batch"), lambda answer: str(answer.batch_id)),
    (texts.both("asked.as_of"), lambda answer: f"{answer.question.day}（{roc(answer.question.day)}）"),
    (texts.both("asked.known_by"), lambda answer: str(answer.question.known_by or _NOW)),
    (texts.both("asked.period"), lambda answer: _period(answer.question.period)),
    (texts.both("asked.occasion"), lambda answer: answer.question.profile),
    (texts.both("asked.breakdown"), lambda answer: _BROKEN_DOWN[answer.question.by]),
    (texts.both("asked.purpose"), lambda answer: answer.question.purpose.value),
    (texts.both("asked.rows"), lambda answer: str(answer.rows)),
)
_one_at_a_time = asyncio.Semaphore(1)
"""Writing a large file keeps one core busy for seconds; two at a time would leave nothing for everybody else."""
_workbooks = Written()


class Format(StrEnum):
    """In what form the answer comes."""

    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"


async def collected(answer: BatchAnswer, book: RuleBook, form: Format) -> Response[bytes]:
    """The answer of a job as a download. It can be asked for again, so its workbook is written once for all who ask."""
    if form is not Format.XLSX:
        return await file_of(answer, book, form)
    body = await _workbooks.file(answer.batch_id, partial(_workbook, answer, book))
    return _download(body, f"{_name(answer)}.xlsx")


async def file_of(answer: BatchAnswer, book: RuleBook, form: Format) -> Response[bytes]:
    """The whole answer as a download."""
    if form is Format.JSON:
        body = await asyncio.to_thread(msgspec.json.encode, answer)
        return Response(body, media_type="application/json", headers={"Cache-Control": "no-store"})
    if form is Format.CSV:
        async with _one_at_a_time:
            return await asyncio.to_thread(_csv, answer, book, _name(answer))
    return _download(await _workbook(answer, book), f"{_name(answer)}.xlsx")


async def _workbook(answer: BatchAnswer, book: RuleBook) -> bytes:
    async with _one_at_a_time:
        return await asyncio.to_thread(xlsx_of, answer, book)


def _name(answer: BatchAnswer) -> str:
    return f"{RESULT}-{answer.question.day:%Y%m%d}"


def xlsx_of(answer: BatchAnswer, book: RuleBook) -> bytes:
    """Two sheets: the table, and what was asked."""
    with workbook(RESULT) as (sheets, written):
        sheets.table(RESULT, columns_of(answer.question.by, book), rows_of(answer, book))
        sheets.notes(NOTES, _notes(answer))
    return written.getvalue()


def csv_template() -> Response[bytes]:
    """The header line to fill in below."""
    return csv_download("整批查詢範本.csv", [column.heading for column in _asking()], [])


def xlsx_template() -> Response[bytes]:
    """The same as a spreadsheet; its cells are text, so that numbers keep their leading zeros."""
    with workbook("整批查詢範本") as (sheets, written):
        sheets.table("查詢名單", _asking(), [], as_text=True)
        sheets.notes(NOTES, [(_HOW.zh, _ONE_A_ROW.zh), (_HOW.en, _ONE_A_ROW.en)])
    return _download(written.getvalue(), "整批查詢範本.xlsx")


def _asking() -> list[Column]:
    return [Column(names[0], 22) for names in COLUMNS.headings.values()]


def _csv(answer: BatchAnswer, book: RuleBook, name: str) -> Response[bytes]:
    headings = [column.heading for column in columns_of(answer.question.by, book)]
    return csv_download(f"{name}.csv", headings, rows_of(answer, book))


def _notes(answer: BatchAnswer) -> list[tuple[str, str]]:
    return [(name, value(answer)) for name, value in _ASKED]


def _period(period: Period | None) -> str:
    return f"{period.since} – {period.until}" if period else _OWN_WINDOW


def _download(body: bytes, filename: str) -> Response[bytes]:
    return Response(
        body,
        media_type=MEDIA_TYPE,
        headers={
            "Content-Disposition": f"attachment; filename=\"batch.xlsx\"; filename*=UTF-8''{quote(filename, safe='')}",
            "Cache-Control": "no-store",
        },
    )
