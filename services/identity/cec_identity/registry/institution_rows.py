"""Rows of the registry of medical institutions 醫事機構: what one is, and what becomes of it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

from cec_chassis.csv_upload import Columns, CsvRow
from cec_chassis.database import Transaction
from cec_chassis.problems import FieldError
from cec_contracts.counties import NO_SUCH_COUNTY, UNKNOWN_COUNTY, county_of
from cec_identity.institutions.store import Institution, institutions_by_code, save_institutions
from cec_identity.registry.institution_code import checksum_holds, is_institution_code
from cec_identity.registry.results import RowResult, Shown, TakenRows

INSTITUTION_COLUMNS: Final = Columns(
    {
        "institution_code": ("醫事機構代碼", "機構代碼"),
        "name": ("機構名稱", "醫事機構名稱"),
        "kind": ("機構類別", "型態別"),
        "county": ("縣市", "縣市別"),
        "active": ("開業狀況", "是否開業"),
    },
    needed=[("institution_code",), ("name",)],
)
LONGEST: Final = {"name": 100, "kind": 40, "county": 20}
ACTIVE: Final = {
    **dict.fromkeys(("", "開業", "是", "y", "yes", "true", "1"), True),
    **dict.fromkeys(("歇業", "停業", "否", "n", "no", "false", "0"), False),
}
"""An empty cell: in operation."""


async def take_institutions(tx: Transaction, rows: Sequence[CsvRow], *, import_id: UUID, dry_run: bool) -> TakenRows:
    """Good rows are taken, bad ones reported, and a second row that says something else of an institution refused.

    Nobody else keeps a copy of institutions, so there are no events.
    """
    read = [_institution(row) for row in rows]
    known = await institutions_by_code(tx, sorted({each.code for _, each, _ in read if each is not None}))
    said: dict[str, tuple[int, Institution]] = {}
    changed: dict[str, Institution] = {}
    results: list[RowResult] = []
    for row, institution, found in read:
        if institution is None:
            results.append(RowResult(line=row.line, result=Shown.REFUSED, errors=found))
            continue
        line, earlier = said.setdefault(institution.code, (row.line, institution))
        if earlier != institution:
            message = f"與第 {line} 行不一致 / says something else than line {line}"
            error = row.error("institution_code", "contradicts-another-row", message)
            results.append(RowResult(line=row.line, result=Shown.REFUSED, errors=(error,)))
            continue
        before = known.get(institution.code)
        same = before == institution or institution.code in changed
        outcome = Shown.UNCHANGED if same else Shown.CREATED if before is None else Shown.CHANGED
        if not same:
            changed[institution.code] = institution
        results.append(RowResult(line=row.line, result=outcome, number=institution.code, warnings=found))
    if changed and not dry_run:
        await save_institutions(tx, list(changed.values()))
        _trace(tx, changed.values(), known, import_id)
    return TakenRows(results, 0)


def _trace(tx: Transaction, changed: Iterable[Institution], known: dict[str, Institution], import_id: UUID) -> None:
    for each in changed:
        tx.audit(
            "institution.changed" if each.code in known else "institution.registered",
            subject_type="institution",
            subject_id=each.code,
            reason=f"registry import {import_id}",
            before=known.get(each.code),
            after=each,
        )


def _institution(row: CsvRow) -> tuple[CsvRow, Institution | None, tuple[FieldError, ...]]:
    """The institution with its warnings, or None with every fault."""
    if row.errors:
        return row, None, row.errors
    errors: list[FieldError] = []
    warnings: list[FieldError] = []
    code = unicodedata.normalize("NFKC", row.cells["institution_code"]).upper()
    if not is_institution_code(code):
        message = "醫事機構代碼格式錯誤 / not an institution code"
        errors.append(row.error("institution_code", "institution-code-format", message))
    elif not checksum_holds(code):
        message = (
            "醫事機構代碼檢查碼不符,請確認 / the check digit of the institution code is unusual, please look again"
        )
        warnings.append(row.error("institution_code", "institution-code-checksum", message))
    texts = {column: _text(row, column, errors) for column in LONGEST}
    if not texts["name"] and not errors:
        errors.append(row.error("name", "missing-value", "必填 / required"))
    active = ACTIVE.get(unicodedata.normalize("NFKC", row.cells.get("active", "")).lower())
    if active is None:
        errors.append(row.error("active", "not-yes-or-no", "須為開業或歇業 / must be yes or no"))
    county = county_of(texts["county"]) if texts["county"] else ""
    if county is None:
        errors.append(row.error("county", UNKNOWN_COUNTY, NO_SUCH_COUNTY))
    if errors or active is None or county is None:
        return row, None, tuple(errors)
    institution = Institution(code=code, name=texts["name"], kind=texts["kind"], county=county, active=active)
    return row, institution, tuple(warnings)


def _text(row: CsvRow, column: str, errors: list[FieldError]) -> str:
    text = unicodedata.normalize("NFC", row.cells.get(column, ""))
    if len(text) > LONGEST[column]:
        errors.append(
            row.error(column, "too-long", f"最多 {LONGEST[column]} 字 / at most {LONGEST[column]} characters")
        )
    if any(unicodedata.category(character) in {"Cc", "Cf", "Cs"} for character in text):
        errors.append(row.error(column, "bad-character", "含有控制字元 / contains a control character"))
    return text
