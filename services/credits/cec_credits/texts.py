"""The texts that statements, documents and tables tell people, by their codes, each in both languages.

The catalogues in ``locale/`` are read once, when this is imported, and a fault in them stops the import. So callers look
up what they tell when they are imported themselves, and find out there and then that a code has no text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from string import Formatter
from typing import Final, TypeVar

from babel.messages.pofile import read_po

from cec_credits.rulesets.document import Words

LOCALE: Final = Path(__file__).with_name("locale")
_CODE = re.compile(r'^msgid "(.+)"$', re.MULTILINE)
_Code = TypeVar("_Code", bound=str)


class FaultyCatalogues(Exception):
    """Texts that must not be told to anybody; says which, and why."""


def read(folder: Path) -> dict[str, Words]:
    """Both catalogues side by side. Raises FaultyCatalogues, and PoFileError where a file is no catalogue."""
    zh, en = (_catalogue(folder / language / "LC_MESSAGES" / "credits.po") for language in ("zh_Hant_TW", "en"))
    _refuse(
        folder,
        *(f"{code} stands in one language only" for code in sorted(zh.keys() ^ en.keys())),
        *(f"{code}: parameters differ" for code in zh if code in en and _parameters(zh[code]) != _parameters(en[code])),
    )
    return {code: Words(zh=zh[code], en=en[code]) for code in zh}


def _catalogue(path: Path) -> dict[str, str]:
    written = path.read_text(encoding="utf-8")
    messages = [message for message in read_po(written.splitlines(), abort_invalid=True) if message.id]
    _refuse(
        path,
        *(f"{code} stands twice" for code, times in Counter(_CODE.findall(written)).items() if times > 1),
        *(f"{message.id} is fuzzy" for message in messages if message.fuzzy),
        *(f"{message.id} has no text" for message in messages if not message.string),
    )
    return {str(message.id): str(message.string) for message in messages}


def _parameters(text: str) -> set[str | None]:
    try:
        return {name for _, name, _, _ in Formatter().parse(text)} - {None}
    except ValueError as error:
        raise FaultyCatalogues(f"{text}: {error}") from error


def _refuse(where: Path, *faults: str) -> None:
    if faults:
        raise FaultyCatalogues(f"{where}: {'; '.join(faults)}")


_TEXTS: Final = read(LOCALE)


def words(code: str) -> Words:
    """The text of a code."""
    return _TEXTS[code]


def each(kind: str, codes: Iterable[_Code]) -> Mapping[_Code, Words]:
    """The texts of some codes of a kind: ``each("role", ParticipantRole)``."""
    return {code: words(f"{kind}.{code}") for code in codes}


def all_of(kind: str) -> Mapping[str, Words]:
    """The texts of every code of a kind, for kinds whose codes nothing else lists."""
    return {code: text for known, text in _TEXTS.items() for of, _, code in [known.partition(".")] if of == kind}


def both(code: str, between: str = " / ") -> str:
    """Both languages in one line, as in the heading of a column: ``列次 / Row``."""
    return f"{words(code).zh}{between}{words(code).en}"
