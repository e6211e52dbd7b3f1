"""Extension letters 展延函釋: by which letters of the ministry a practice licence lasts longer than its nominal end.

The letters move nobody's window and nobody's cycle. They explain the extended end that the registry gives; an end that
they do not explain is taken as the registry says, without a letter.
"""

from __future__ import annotations

import calendar
import tomllib
from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final

import msgspec

FILE: Final = Path(__file__).with_name("extension_letters.toml")
_MONTHS_IN_YEAR: Final = 12


class ExtensionLetter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Licences that end from `due_from` to `due_until`, both included, last so many `months` longer.

    No `professions` means every one. `verified` says whether the text of the letter was read; `note` what is believed.
    """

    number: str
    issued: date
    professions: tuple[str, ...]
    due_from: date
    due_until: date
    months: int
    verified: bool
    note: str

    def covers(self, profession: str, end: date) -> bool:
        """Whether a licence of the profession that ends on that day is extended by this letter."""
        return self.due_from <= end <= self.due_until and (not self.professions or profession in self.professions)


class Extension(msgspec.Struct, frozen=True):
    """Until when a licence lasts by some letters, in the order in which they were issued."""

    until: date
    letters: tuple[ExtensionLetter, ...]


@cache
def letters() -> tuple[ExtensionLetter, ...]:
    """Those of the file, oldest first."""
    content = tomllib.loads(FILE.read_text(encoding="utf-8"))
    found = msgspec.convert(content["letters"], tuple[ExtensionLetter, ...])
    return tuple(sorted(found, key=lambda each: each.issued))


def extension_of(profession: str, valid_until: date, known: Sequence[ExtensionLetter] | None = None) -> Extension:
    """What the letters make of a licence with that nominal end. Each looks at the end that the letters before it left."""
    until, by = valid_until, []
    for letter in letters() if known is None else known:
        if letter.covers(profession, until):
            until = months_after(until, letter.months)
            by.append(letter)
    return Extension(until, tuple(by))


def months_after(day: date, months: int) -> date:
    """The same day so many months later; the last of the month where there is none."""
    years, month = divmod(day.month - 1 + months, _MONTHS_IN_YEAR)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
