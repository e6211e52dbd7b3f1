"""A batch's answer, and the empty form to ask with, as files: JSON, CSV, XLSX."""

from __future__ import annotations

import asyncio
from enum import StrEnum
from typing import Any, Final
from urllib.parse import quote

import msgspec
from litestar import Response

from cec_chassis.csv_upload import SPREADSHEET as MEDIA_TYPE
from cec_chassis.http import csv_download
from cec_credits.batch.domain import BatchAnswer
from cec_credits.batch.rows import COLUMNS
from cec_credits.batch.table import Column, columns_of, rows_of
from cec_credits.batch.workbook import workbook
from cec_credits.rulesets.book import RuleBook
from cec_credits.statements.roc import roc

RESULT: Final = "積分統計"
NOTES: Final = "說明"
_one_at_a_time = asyncio.Semaphore(1)
"""Writing a large file keeps one core busy for seconds; two at a time would leave nothing for everybody else."""


class Format(StrEnum):
    """In what form the answer comes."""

    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"


async def file_of(answer: BatchAnswer, book: RuleBook, form: Format) -> Response[bytes]:
    """The whole answer as a download."""
    name = f"{RESULT}-{answer.question.day:%Y%m%d}"
    if form is Format.JSON:
        body = await asyncio.to_thread(msgspec.json.encode, answer)
        return Response(body, media_type="application/json", headers={"Cache-Control": "no-store"})
    async with _one_at_a_time:
        if form is Format.CSV:
            return await asyncio.to_thread(_csv, answer, book, name)
        body = await asyncio.to_thread(xlsx_of, answer, book)
    return _download(body, f"{name}.xlsx")


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
        sheets.notes(
            NOTES,
            [
                ("填寫方式", "每列一人；身分證或統一證號、人員代碼、證書字號擇一填寫。證書類別可不填。"),
                (
                    "How to fill in",
                    "One person a row, by one of national ID, number or certificate. Profession is optional.",
                ),
            ],
        )
    return _download(written.getvalue(), "整批查詢範本.xlsx")


def _asking() -> list[Column]:
    return [Column(names[0], 22) for names in COLUMNS.headings.values()]


def _csv(answer: BatchAnswer, book: RuleBook, name: str) -> Response[bytes]:
    headings = [column.heading for column in columns_of(answer.question.by, book)]
    return csv_download(f"{name}.csv", headings, rows_of(answer, book))


def _notes(answer: BatchAnswer) -> list[tuple[str, str]]:
    question = answer.question
    period = question.period
    asked: list[tuple[str, Any]] = [
        ("批次 / Batch", answer.batch_id),
        ("計算基準日 / As of", f"{question.day}（{roc(question.day)}）"),
        ("當時所知 / Known by", question.known_by or "現在 / now"),
        (
            "統計期間 / Period",
            f"{period.since} – {period.until}" if period else "各人之換照期間 / each person's own window",
        ),
        ("統計方式 / Broken down by", "課程屬性 / attribute" if question.by == "attribute" else "實施方式 / method"),
        ("查詢目的 / Purpose", question.purpose.value),
        ("名單列數 / Rows asked", answer.rows),
    ]
    return [(key, str(value)) for key, value in asked]


def _download(body: bytes, filename: str) -> Response[bytes]:
    return Response(
        body,
        media_type=MEDIA_TYPE,
        headers={
            "Content-Disposition": f"attachment; filename=\"batch.xlsx\"; filename*=UTF-8''{quote(filename, safe='')}",
            "Cache-Control": "no-store",
        },
    )
