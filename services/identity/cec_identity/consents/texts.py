"""The texts, read from files. A text that somebody may have agreed to is never edited: a change is a new file.

A file is `<kind>.<version>.toml`; the version is the day from which the text is put before people (Taipei).
"""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path

import msgspec

from cec_chassis.problems import NotFound, Refusal

FOLDER = Path(__file__).with_name("texts")


class ConsentKind(StrEnum):
    """What one agrees to."""

    ACTIVATION = "activation"
    """Practitioners, before their account is opened."""
    APPLICATION = "application"
    """Units and committee members, before they apply for an account."""


class ConsentOutdated(Refusal):
    """The text was changed since it was read; the person reads the new one."""

    slug = "consent-outdated"
    status = 409
    title = "同意書已更新,請重新閱讀並同意 / The terms have changed; read them again and agree"


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of the text, in both languages."""

    heading: str
    heading_en: str
    text: str
    text_en: str


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    title: str
    title_en: str
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentText:
    """A version of a text. `digest` is the SHA-256 of its file: the proof of what was agreed to."""

    kind: ConsentKind
    version: str
    title: str
    title_en: str
    sections: tuple[Section, ...]
    digest: bytes


@cache
def all_texts() -> tuple[ConsentText, ...]:
    """Every version of every text, the oldest first."""
    return tuple(_read(path) for path in sorted(FOLDER.glob("*.toml"), key=lambda path: path.name.split(".")[1]))


def current_text(kind: ConsentKind, today: date) -> ConsentText:
    """The version that is put before people today.

    Raises:
        NotFound: there is none yet.
    """
    version = newest_version(kind, today)
    if version is None:
        raise NotFound
    return text_of(kind, version)


def newest_version(kind: ConsentKind, today: date) -> str | None:
    """The version that is put before people today; None when there is none yet."""
    versions = [text.version for text in all_texts() if text.kind is kind and text.version <= today.isoformat()]
    return max(versions, default=None)


def text_of(kind: ConsentKind, version: str) -> ConsentText:
    """A certain version; raises NotFound."""
    for text in all_texts():
        if (text.kind, text.version) == (kind, version):
            return text
    raise NotFound


def require_current(kind: ConsentKind, version: str, today: date) -> ConsentText:
    """The text somebody agrees to; raises ConsentOutdated when it is not today's."""
    text = current_text(kind, today)
    if text.version != version:
        raise ConsentOutdated
    return text


def _read(path: Path) -> ConsentText:
    content = path.read_bytes()
    kind, version, _ = path.name.split(".")
    file = msgspec.convert(tomllib.loads(content.decode()), _File)
    return ConsentText(
        kind=ConsentKind(kind),
        version=date.fromisoformat(version).isoformat(),
        title=file.title,
        title_en=file.title_en,
        sections=file.sections,
        digest=hashlib.sha256(content).digest(),
    )
