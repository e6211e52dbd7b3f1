"""What the API tells of rule sets: which hold, their texts, drafts with their findings, histories, differences."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec

from cec_chassis.database import Transaction
from cec_credits.rulesets import versions
from cec_credits.rulesets.diff import Difference, differences
from cec_credits.rulesets.document import RuleDocument
from cec_credits.rulesets.edition import Rules
from cec_credits.rulesets.findings import Finding
from cec_credits.rulesets.refusals import NoSuchRuleSet
from cec_credits.rulesets.versions import Format, State, Version

NUMBERS = "SELECT rule_set_id, version, published_at FROM rule_set_versions WHERE state = 'published'"


class RuleSetView(msgspec.Struct, frozen=True):
    """A rule set 規則版本 that is published."""

    rule_set: str
    regulation: str
    effective_from: date
    professions: list[str]
    version: int
    published_at: datetime


class VersionView(msgspec.Struct, frozen=True, kw_only=True):
    """One version, and who did what to it. Null accounts: it came with the service."""

    rule_set: str
    version: int
    revision: int
    state: State
    regulation: str
    effective_from: date
    digest: str
    note: str
    drafted_by: UUID | None
    drafted_at: datetime
    checked_at: datetime | None
    published_by: UUID | None
    published_at: datetime | None
    reason: str


class TextView(VersionView, frozen=True, kw_only=True):
    """A version with its text, exactly as it was handed in."""

    format: Format
    text: str


class CheckView(msgspec.Struct, frozen=True, kw_only=True):
    """What stands against publishing a draft; `ready` when nothing does."""

    rule_set: str
    version: int
    revision: int
    checked_at: datetime | None
    ready: bool
    findings: list[Finding]


class DiffView(msgspec.Struct, frozen=True, kw_only=True):
    """What a version changes in another; `against` is null when it is the first of its regulation."""

    rule_set: str
    version: int
    against: str | None
    differences: list[Difference]


async def published_rule_sets(tx: Transaction, rules: Rules) -> list[RuleSetView]:
    """Every published rule set, oldest first."""
    book = (await rules.edition(tx)).book
    known = {row.rule_set_id: row for row in await tx.all(NUMBERS)}
    return [
        RuleSetView(
            each.id,
            each.regulation,
            each.effective_from,
            sorted(each.professions),
            known[each.id].version,
            known[each.id].published_at,
        )
        for each in book
    ]


async def published_version(tx: Transaction, name: str, version: int | None = None) -> Version:
    """The published version of a rule set, or the one of that number even if superseded. Raises NoSuchRuleSet."""
    for each in await versions.find(tx, versions.OF_ONE, id=name):
        if each.state == "published" if version is None else (each.version == version and each.state != "draft"):
            return each
    raise NoSuchRuleSet


async def history_of(tx: Transaction, name: str) -> list[VersionView]:
    """Every version, newest first; a draft is one of them. Raises NoSuchRuleSet."""
    found = await versions.find(tx, versions.OF_ONE, id=name)
    if not found:
        raise NoSuchRuleSet
    return [version_view(each) for each in found]


async def diff_of(tx: Transaction, version: Version, against: str | None) -> DiffView:
    """Against a published rule set: the one named, else its own published version, else the one of the same regulation
    in force when it takes effect. Raises NoSuchRuleSet."""
    base = await _base(tx, version, against)
    new: RuleDocument = version.parsed().document
    return DiffView(
        rule_set=version.rule_set_id,
        version=version.version,
        against=base.source if base else None,
        differences=differences(base.parsed().document if base else None, new),
    )


async def _base(tx: Transaction, version: Version, against: str | None) -> Version | None:
    published = await versions.find(tx, versions.PUBLISHED)
    if against is not None:
        return await published_version(tx, against)
    own = [each for each in published if each.rule_set_id == version.rule_set_id and each.version != version.version]
    before = [
        each
        for each in published
        if each.regulation == version.regulation
        and each.rule_set_id != version.rule_set_id
        and each.effective_from <= version.effective_from
    ]
    return next(iter(own or before[-1:]), None)


def version_view(version: Version) -> VersionView:
    """Without its text."""
    return msgspec.convert(_told(version), VersionView)


def text_view(version: Version) -> TextView:
    """With its text."""
    return msgspec.convert(_told(version) | {"format": version.format, "text": version.document}, TextView)


def _told(version: Version) -> dict[str, object]:
    fields = msgspec.structs.asdict(version)
    del fields["format"], fields["document"]
    return fields | {"rule_set": fields.pop("rule_set_id")}
