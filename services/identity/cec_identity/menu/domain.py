"""What somebody may do, by the table that guards every route of every service. Pure."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from cec_contracts.access import Permission
from cec_contracts.vocabulary import AccountRole


class Title(msgspec.Struct, frozen=True, kw_only=True):
    """In both languages."""

    zh: str
    en: str


class MenuEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A permission that the caller has."""

    permission: str
    """`service.subject.verb`: the name never changes, so a client can hang a page on it."""
    service: str
    title: Title
    limits: Title | None
    """What the operation itself decides, with the thing in hand; null when nothing."""
    fresh: bool
    """It will ask for a sign-in within ten minutes."""
    anybody: bool
    """It needs no sign-in at all."""


class Menu(msgspec.Struct, frozen=True, kw_only=True):
    """What a client draws its menu by, in the order of the table."""

    role: AccountRole
    role_title: Title
    entries: list[MenuEntry]


def menu_of(role: AccountRole, role_title: str, table: Iterable[Permission]) -> Menu:
    """Everything that a person of the role may do, and anybody."""
    entries = [_entry(row) for row in table if row.everybody or role in row.roles]
    return Menu(role=role, role_title=_title(role_title), entries=entries)


def _entry(row: Permission) -> MenuEntry:
    return MenuEntry(
        permission=row.name,
        service=row.name.partition(".")[0],
        title=_title(row.what),
        limits=_title(row.limits) if row.limits else None,
        fresh=row.fresh,
        anybody=row.everybody,
    )


def _title(words: str) -> Title:
    chinese, _, english = words.partition(" / ")
    return Title(zh=chinese, en=english)
