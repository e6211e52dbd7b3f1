"""On what an entry counts, and where a rule stands: rule set, version, article, a link to it, and the approval."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cache, lru_cache

import msgspec

from cec_credits.rulesets.document import Words
from cec_credits.rulesets.domain import Provision, Terms
from cec_credits.rulesets.law import address_of
from cec_credits.rulesets.words import cited
from cec_credits.statements import reasons
from cec_credits.statements.domain import Entry
from cec_credits.statements.roc import roc


class Source(msgspec.Struct, frozen=True):
    """Where a rule stands, and whether the text of that place was read; `note` says more, `中文 / English`.

    `version` is that of the published rule set, `url` the article in the official law database as it reads today; absent
    where the rule set does not say of which regulation or article it is.
    """

    rule_set: str
    article: str
    citation: Words
    verified: bool
    note: str
    version: int | msgspec.UnsetType = msgspec.UNSET
    url: str | msgspec.UnsetType = msgspec.UNSET


class Occasion(msgspec.Struct, frozen=True):
    """What the statement is for 適用情形: renewal unless another one was asked for, and where the rules speak of it."""

    profile: str
    text: Words
    source: Source


class Approval(msgspec.Struct, frozen=True):
    """What a review unit decided about the course for this profession and role; in words in `detail`.

    `awarded` are the points for the whole course, before the area multiplier. `attended_minutes` is null where it was
    attended whole; otherwise the points are in that proportion.
    """

    decided_on: date
    decided_on_roc: str
    awarded: Decimal
    course_minutes: int
    attended_minutes: int | None
    detail: Words


class Basis(msgspec.Struct, frozen=True):
    """By which rules a record counts: those in force on the day it ended, at the place of its method and role.

    `approved` says that approved points were taken instead of the rate; `approval` is their decision, null where it is
    not known or does not stand.
    """

    source: Source
    approved: bool
    approval: Approval | None = None


@cache
def source_of(provision: Provision) -> Source:
    """A provision as it is cited."""
    article = provision.article
    return Source(
        provision.rule_set,
        article,
        cited(article),
        provision.verified,
        provision.note,
        provision.version,
        address_of(provision.law, article) or msgspec.UNSET,
    )


@lru_cache(maxsize=4096)
def _plain(terms: Terms, approved: bool) -> Basis:
    return Basis(source_of(terms.provision), approved)


def basis_of(entry: Entry, approval: Approval | None = None) -> Basis:
    """The basis of an entry, with the approval if one is known."""
    plain = _plain(entry.terms, entry.record.points is not None)
    return plain if approval is None else Basis(plain.source, plain.approved, approval)


def approval_of(entry: Entry, decided_on: date, awarded: Decimal, course_minutes: int) -> Approval:
    """The decision behind an entry with approved points."""
    attended = entry.record.minutes
    part = attended is not None and course_minutes not in {0, attended}
    detail = reasons.of_approval(decided_on, awarded, attended if part else None, course_minutes, entry.base)
    return Approval(decided_on, roc(decided_on), awarded, course_minutes, attended if part else None, detail)
