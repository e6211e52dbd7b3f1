"""From a TOML or JSON document to a rule set that may be used; every fault names the file and the key."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final, NoReturn, TypeVar

import msgspec

from cec_chassis.http.validation import field_error
from cec_credits.rulesets.book import RuleBook
from cec_credits.rulesets.checks import Problem, problems_of
from cec_credits.rulesets.document import Area, Profile, RuleDocument, Sourced, Standard
from cec_credits.rulesets.domain import RuleSet

DATA = Path(__file__).parent / "data"
_Kind = TypeVar("_Kind")
_NAMED: Final[dict[str, type]] = {"standards": Standard, "profiles": Profile, "areas": Area, "grounds": Sourced}
"""Tables with names of the author's choice; looked at one by one, so that a fault can say in which it is."""


class RuleSetRefused(Exception):
    """A document that cannot be a rule set. ``problems`` lists every fault with its key."""

    def __init__(self, source: str, problems: list[Problem]) -> None:
        super().__init__("\n".join(f"{source}: {problem}" for problem in problems))
        self.source = source
        self.problems = problems


def read_document(content: Mapping[str, Any], source: str) -> RuleDocument:
    """A parsed document in its shape. ``source`` names it in errors: a file, or the draft it came from.

    Raises:
        RuleSetRefused: a field is missing, unknown or of the wrong kind.
    """
    for field, kind in _NAMED.items():
        named = content.get(field)
        for name, value in named.items() if isinstance(named, Mapping) else ():
            _converted(value, kind, source, f"{field}.{name}")
    return _converted(content, RuleDocument, source)


def checked(document: RuleDocument, source: str) -> RuleDocument:
    """The document, if it may be used.

    Raises:
        RuleSetRefused: a value is none that can be reckoned with, or they contradict one another.
    """
    if found := problems_of(document):
        raise RuleSetRefused(source, found)
    return document


def _converted(value: object, kind: type[_Kind], source: str, at: str = "") -> _Kind:
    """The value as a struct; a fault is told with its whole key, of which ``at`` is the beginning."""
    try:
        return msgspec.convert(value, kind, strict=False)
    except msgspec.ValidationError as error:
        found = field_error(str(error), "body", kind)
        key = f"{at}{found.path.removeprefix('body')}".lstrip(".")
        raise RuleSetRefused(source, [Problem(key or "document", found.message, found.slug)]) from error


def parse_toml(text: str, source: str) -> RuleDocument:
    """Check a document written in TOML; decimals stay exact.

    Raises:
        RuleSetRefused: see :func:`read_document` and :func:`checked`; also when the text is not TOML.
    """
    return checked(read_document(_toml(text, source), source), source)


def parse_json(text: str, source: str) -> RuleDocument:
    """Check a document written in JSON; decimals may be numbers or quoted, either way they stay exact.

    Raises:
        RuleSetRefused: see :func:`read_document` and :func:`checked`; also when the text is not JSON.
    """
    return checked(read_document(_json(text, source), source), source)


def _toml(text: str, source: str) -> Mapping[str, Any]:
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except (
        ValueError,
        RecursionError,
    ) as error:  # beside bad TOML: a number of thousands of digits, tables without end
        raise RuleSetRefused(source, [_not_written_in("TOML", error)]) from error


def _json(text: str, source: str) -> Mapping[str, Any]:
    try:
        content = json.loads(text, parse_float=Decimal, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise RuleSetRefused(source, [_not_written_in("JSON", error)]) from error
    if not isinstance(content, dict):
        raise RuleSetRefused(source, [Problem("document", "須為物件 / is not an object", "wrong-type")])
    return content


_PLACE: Final = re.compile(r"line (\d+),? column (\d+)")


def _not_written_in(language: str, error: Exception) -> Problem:
    place = _PLACE.search(str(error))
    where = f",錯在第 {place[1]} 行第 {place[2]} 字" if place else ""
    return Problem("document", f"不是 {language}{where} / not {language}: {error}", "wrong-format")


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number")


def parse(text: str, written_in: str, source: str) -> RuleDocument:
    """Check a document written in ``toml`` or ``json``.

    Raises:
        RuleSetRefused: see :func:`parse_toml` and :func:`parse_json`.
    """
    return parse_json(text, source) if written_in == "json" else parse_toml(text, source)


@lru_cache(maxsize=128)
def rule_set_of(text: str, written_in: str, source: str, version: int) -> RuleSet:
    """The rule set of a text that has been accepted, such as a published one; whoever asks for it gets the same.

    Checks that came after it was published do not take it away: what may be published is asked of drafts.

    Raises:
        RuleSetRefused: see :func:`read_document`.
    """
    content = _json(text, source) if written_in == "json" else _toml(text, source)
    return RuleSet(read_document(content, source), version)


def load_file(path: Path) -> RuleSet:
    """The rule set of one file.

    Raises:
        RuleSetRefused: the file cannot be read as UTF-8, or see :func:`parse_toml`.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RuleSetRefused(path.name, [Problem("document", f"無法讀取 / cannot be read: {error}")]) from error
    return RuleSet(parse_toml(text, path.name))


def load_folder(folder: Path) -> RuleBook:
    """All rule sets of a folder, as a book."""
    return RuleBook(load_file(path) for path in sorted(folder.glob("*.toml")))


@cache
def bundled() -> RuleBook:
    """The book of the rule sets that come with the service; read once."""
    return load_folder(DATA)
