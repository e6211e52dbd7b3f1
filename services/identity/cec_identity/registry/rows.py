"""One row of a registry file: what a practitioner, one certificate of theirs and perhaps a licence and an area are.

A row is good as a whole or refused with all its faults; no message repeats what stands in a cell.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from cec_chassis.csv_upload import Columns, CsvRow
from cec_chassis.ids import new_id
from cec_chassis.problems import FieldError
from cec_contracts import national_id
from cec_contracts.counties import NO_SUCH_COUNTY, UNKNOWN_COUNTY, county_of
from cec_contracts.vocabulary import MINISTRY_CATEGORIES, PROFESSION_PATTERN, Area
from cec_identity.practitioners.domain import Certificate, Licence
from cec_identity.registry.dates import NotADate, date_of
from cec_identity.registry.institution_code import checksum_holds, is_institution_code

HEADINGS = {
    "national_id": ("身分證或統一證號", "身分證字號"),
    "name": ("姓名",),
    "number": ("人員代碼",),
    "profession": ("人員類別",),
    "certificate_number": ("證書字號",),
    "certificate_issued_on": ("發證日期",),
    "licence_valid_from": ("執照有效起日",),
    "licence_valid_until": ("執照有效迄日",),
    "licence_extended_until": ("執照展延迄日",),
    "institution_code": ("醫事機構代碼",),
    "county": ("縣市",),
    "area": ("執業地區",),
    "area_since": ("執業地區起日",),
    "former_national_id": ("原身分證或統一證號", "原身分證字號"),
}
"""The columns, and how they may be called as well."""
COLUMNS = Columns(HEADINGS, needed=[(column,) for column in HEADINGS if column != "former_national_id"])
_NUMBER = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,19}")
_PROFESSION = re.compile(PROFESSION_PATTERN)
_AREAS = frozenset(Area)

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class RegistryRow:
    """A good row. `national_id` is the full number, on its way to be sealed; it shows in no text form."""

    line: int
    national_id: str = field(repr=False)
    index: str
    number: str
    name: str
    certificate: Certificate
    licence: Licence | None
    area: tuple[date, Area] | None
    former_index: str | None = None
    """Of the national ID that the person bore before, where the registry says that it changed."""
    warnings: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that is not taken, and why."""

    line: int
    errors: tuple[FieldError, ...]


def read_row(row: CsvRow, index_key: bytes, covered: Collection[str] = frozenset()) -> RegistryRow | RefusedRow:
    """What the row says, or every fault of it. `covered`: the professions of published rule sets, known beside the
    Ministry's categories."""
    return RefusedRow(row.line, row.errors) if row.errors else _Reading(row, covered).row(index_key)


class _Reading:
    """Collects the faults of one row while its cells are read."""

    def __init__(self, row: CsvRow, covered: Collection[str]) -> None:
        self.source = row
        self.covered = covered
        self.cells = row.cells
        self.errors: list[FieldError] = []
        self.warnings: list[FieldError] = []

    def row(self, index_key: bytes) -> RegistryRow | RefusedRow:
        person = self._national_id("national_id")
        former = self._national_id("former_national_id") if self.cells.get("former_national_id") else ""
        name = self._text("name", longest=60, required=True)
        number = self._matching(
            "number", _NUMBER, "number-format", "人員代碼格式錯誤 / not the form of a person number"
        )
        profession = self._profession()
        certificate_number = self._text("certificate_number", longest=40, required=True)
        issued_on = self._date("certificate_issued_on", required=True)
        licence = self._licence(profession)
        area = self._area()
        if self.errors or issued_on is None:
            return RefusedRow(self.source.line, tuple(self.errors))
        return RegistryRow(
            line=self.source.line,
            national_id=person,
            index=national_id.index(index_key, person),
            number=number,
            name=name,
            certificate=Certificate(profession, certificate_number, issued_on),
            licence=licence,
            area=area,
            former_index=national_id.index(index_key, former) if former else None,
            warnings=tuple(self.warnings),
        )

    def _fault(self, column: str, slug: str, message: str, empty: Value) -> Value:
        self.errors.append(self.source.error(column, slug, message))
        return empty

    def _national_id(self, column: str) -> str:
        try:
            return national_id.validate(self.cells[column])
        except national_id.InvalidNationalId as invalid:
            return self._fault(column, invalid.slug, str(invalid), "")

    def _text(self, column: str, *, longest: int, required: bool = False) -> str:
        text = unicodedata.normalize("NFC", self.cells[column])
        if required and not text:
            return self._fault(column, "missing-value", "必填 / required", "")
        if len(text) > longest:
            return self._fault(column, "too-long", f"最多 {longest} 字 / at most {longest} characters", "")
        # Nearly every text is printable as a whole, which is quick to say; what is not may still be no fault.
        if not text.isprintable() and any(unicodedata.category(each) in {"Cc", "Cf", "Cs"} for each in text):
            return self._fault(column, "bad-character", "含有控制字元 / contains a control character", "")
        return text

    def _matching(self, column: str, form: re.Pattern[str], slug: str, message: str) -> str:
        text = unicodedata.normalize("NFKC", self.cells[column])
        return text if form.fullmatch(text) else self._fault(column, slug, message, "")

    def _profession(self) -> str:
        code = self._matching(
            "profession", _PROFESSION, "unknown-profession", "醫事人員類別代碼錯誤 / not a person category code"
        )
        if not code or code in MINISTRY_CATEGORIES or code in self.covered:
            return code
        others = sorted(set(self.covered) - MINISTRY_CATEGORIES)
        return self._fault(
            "profession",
            "unknown-profession",
            f"無此人員類別;可用 A 至 Z、1 至 6{''.join(f'、{each}' for each in others)},其他類別請先發布其規則"
            f" / no such category; there are {', '.join(('A to Z', '1 to 6', *others))}; others once their rules are published",
            "",
        )

    def _date(self, column: str, *, required: bool = False) -> date | None:
        text = self.cells[column]
        if not text:
            return self._fault(column, "missing-value", "必填 / required", None) if required else None
        try:
            return date_of(text)
        except NotADate as wrong:
            return self._fault(column, wrong.slug, str(wrong), None)

    def _licence(self, profession: str) -> Licence | None:
        valid_from, valid_until = self._date("licence_valid_from"), self._date("licence_valid_until")
        extended_until = self._date("licence_extended_until")
        institution_code = self._institution_code()
        county = self._county()
        if valid_from is None or valid_until is None:
            for column in ("licence_valid_from", "licence_valid_until"):
                if self._says_a_licence() and not self.cells[column]:
                    self._fault(column, "missing-value", "有執照時必填 / required with a licence", None)
            return None
        if valid_until < valid_from:
            self._fault("licence_valid_until", "ends-before-it-begins", "迄日早於起日 / ends before it begins", None)
        if extended_until is not None and extended_until < valid_until:
            self._fault(
                "licence_extended_until",
                "ends-before-it-begins",
                "展延迄日早於原迄日 / earlier than the nominal end",
                None,
            )
        return Licence(new_id(), profession, valid_from, valid_until, extended_until, institution_code, county)

    def _county(self) -> str:
        text = self._text("county", longest=20)
        return (county_of(text) or self._fault("county", UNKNOWN_COUNTY, NO_SUCH_COUNTY, "")) if text else ""

    def _says_a_licence(self) -> bool:
        return any(
            self.cells[column]
            for column in ("licence_valid_from", "licence_valid_until", "licence_extended_until", "institution_code")
        )

    def _institution_code(self) -> str:
        code = unicodedata.normalize("NFKC", self.cells["institution_code"]).upper()
        if not code:
            return ""
        if not is_institution_code(code):
            return self._fault(
                "institution_code", "institution-code-format", "醫事機構代碼格式錯誤 / not an institution code", ""
            )
        if not checksum_holds(code):
            self.warnings.append(
                self.source.error(
                    "institution_code",
                    "institution-code-checksum",
                    "醫事機構代碼檢查碼不符,請確認 / the check digit of the institution code is unusual, please look again",
                )
            )
        return code

    def _area(self) -> tuple[date, Area] | None:
        text = unicodedata.normalize("NFKC", self.cells["area"]).lower()
        since = self._date("area_since")
        if not text and not self.cells["area_since"]:
            return None
        if text not in _AREAS:
            return self._fault("area", "unknown-area", "須為 ordinary、remote 或 offshore / must be one of these", None)
        if since is None:
            if not self.cells["area_since"]:
                self._fault("area_since", "missing-value", "有執業地區時必填 / required with an area", None)
            return None
        return since, Area(text)
