"""Who may do what: `access.toml`, read and checked. The words are there; this is only how programs get at them."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Annotated

import msgspec
from msgspec import Meta

from cec_contracts.vocabulary import AccountRole

Words = Annotated[str, Meta(pattern="^.+ / .+$", description="Chinese / English")]
Name = Annotated[str, Meta(pattern="^[a-z]+(_[a-z]+)*$")]


class Row(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A row as it stands in the file."""

    what: Words
    roles: tuple[AccountRole, ...] = ()
    scope: str = ""
    public: bool = False
    fresh: bool = False
    limits: Words | None = None


Service = dict[Name, dict[Name, Row]]


class AccessFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file."""

    roles: dict[AccountRole, Words] = {}
    scopes: dict[str, Words]
    identity: Service = {}
    activities: Service
    review: Service
    enrolment: Service
    credits: Service
    reporting: Service


class Permission(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the table under its full name, `service.subject.verb`."""

    name: str
    what: str
    roles: frozenset[AccountRole]
    """People. Other systems have no role here: a scope lets them in."""
    scope: str
    """Empty: closed to other systems and to applications that ask for a person."""
    everybody: bool
    fresh: bool
    """People have to have signed in a short while ago: an act that a stolen session must not be enough for."""
    limits: str
    """What is decided by the operation and not by the role, in words."""


class AccessTableWrong(ValueError):
    """`access.toml` contradicts itself; the text names the row."""


def table_of(content: bytes) -> tuple[dict[str, Permission], dict[str, str]]:
    """Permissions by name in the order of the file, and scopes with what they mean.

    Raises:
        AccessTableWrong: a row lets nobody in, or everybody and somebody; asks everybody for a fresh sign-in; names a role
            of machines or an unknown scope.
        msgspec.ValidationError: the file has another shape.
    """
    file = msgspec.toml.decode(content, type=AccessFile)
    permissions: dict[str, Permission] = {}
    for service in (
        field.name for field in msgspec.structs.fields(AccessFile) if field.name not in ("roles", "scopes")
    ):
        for subject, verbs in getattr(file, service).items():
            for verb, row in verbs.items():
                name = f"{service}.{subject}.{verb}"
                _check(name, row, file.scopes)
                permissions[name] = Permission(
                    name=name,
                    what=row.what,
                    roles=frozenset(row.roles),
                    scope=row.scope,
                    everybody=row.public,
                    fresh=row.fresh,
                    limits=row.limits or "",
                )
    return permissions, file.scopes


def _check(name: str, row: Row, scopes: dict[str, str]) -> None:
    if row.public == bool(row.roles or row.scope):
        raise AccessTableWrong(f"{name}: either public, or roles or a scope")
    if row.public and row.fresh:
        raise AccessTableWrong(f"{name}: who needs no token has not signed in lately either")
    if AccountRole.OTHER_SYSTEM in row.roles:
        raise AccessTableWrong(f"{name}: other systems are let in by a scope, not by a role")
    if row.scope and row.scope not in scopes:
        raise AccessTableWrong(f"{name}: nobody has said what the scope {row.scope} means")


def _content() -> bytes:
    return files("cec_contracts").joinpath("access.toml").read_bytes()


@cache
def _table() -> tuple[dict[str, Permission], dict[str, str]]:
    return table_of(_content())


@cache
def _roles() -> dict[AccountRole, str]:
    return dict(msgspec.toml.decode(_content(), type=AccessFile).roles)


def permissions() -> dict[str, Permission]:
    """The whole table."""
    return dict(_table()[0])


def permissions_of(service: str) -> dict[str, Permission]:
    """A service's part of the table."""
    return {name: row for name, row in _table()[0].items() if name.startswith(f"{service}.")}


def scopes() -> dict[str, str]:
    """Every scope and what it means, Chinese / English."""
    return dict(_table()[1])


def roles() -> dict[AccountRole, str]:
    """Every role of people and what it is called, Chinese / English."""
    return dict(_roles())
