"""From a TOML or JSON document to a rule set that may be used; every fault names the file and the key."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final, NoReturn, TypeVar

import msgspec

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
    """Check a parsed document. ``source`` names it in errors: a file, or the draft it came from.

    Raises:
        RuleSetRefused: a field is missing, unknown or of the wrong kind, or the values contradict one another.
    """
    for field, kind in _NAMED.items():
        named = content.get(field)
        for name, value in named.items() if isinstance(named, Mapping) else ():
            _converted(value, kind, source, f"{field}.{name}")
    document = _converted(content, RuleDocument, source)
    if found := problems_of(document):
        raise RuleSetRefused(source, found)
    return document


def _converted(value: object, kind: type[_Kind], source: str, at: str = "") -> _Kind:
    """The value as a struct; a fault is told with its whole key, of which ``at`` is the beginning."""
    try:
        return msgspec.convert(value, kind, strict=False)
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at `$")
        key = (at + path.rstrip("`")).lstrip(".")
        raise RuleSetRefused(source, [Problem(key or "document", message)]) from error


def parse_toml(text: str, source: str) -> RuleDocument:
    """Check a document written in TOML; decimals stay exact.

    Raises:
        RuleSetRefused: see :func:`read_document`; also when the text is not TOML.
    """
    try:
        content = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise RuleSetRefused(source, [Problem("document", f"not TOML: {error}")]) from error
    return read_document(content, source)


def parse_json(text: str, source: str) -> RuleDocument:
    """Check a document written in JSON; decimals may be numbers or quoted, either way they stay exact.

    Raises:
        RuleSetRefused: see :func:`read_document`; also when the text is not JSON.
    """
    try:
        content = json.loads(text, parse_float=Decimal, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise RuleSetRefused(source, [Problem("document", f"not JSON: {error}")]) from error
    if not isinstance(content, dict):
        raise RuleSetRefused(source, [Problem("document", "is not an object")])
    return read_document(content, source)


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
    """The rule set of a text that never changes, such as a published one; whoever asks for it gets the same.

    Raises:
        RuleSetRefused: see :func:`parse`.
    """
    return RuleSet(parse(text, written_in, source), version)


def load_file(path: Path) -> RuleSet:
    """The rule set of one file.

    Raises:
        RuleSetRefused: the file cannot be read as UTF-8, or see :func:`parse_toml`.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RuleSetRefused(path.name, [Problem("document", f"cannot be read: {error}")]) from error
    return RuleSet(parse_toml(text, path.name))


def load_folder(folder: Path) -> RuleBook:
    """All rule sets of a folder, as a book."""
    return RuleBook(load_file(path) for path in sorted(folder.glob("*.toml")))


@cache
def bundled() -> RuleBook:
    """The book of the rule sets that come with the service; read once."""
    return load_folder(DATA)
