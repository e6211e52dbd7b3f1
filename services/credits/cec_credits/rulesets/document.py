"""The shape of a rule-set file: what a person writes, reads and compares.

Every table that holds a number also says where the number stands (``article``), whether the text itself was read
(``verified``) and, where it was not, why it is believed (``note``). Numbers are exact decimals: ``1.5`` in TOML,
``"1.5"`` in JSON. A field that is not named here is refused, so a misspelt key cannot be overlooked.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

import msgspec

Unit = Literal["hour", "time", "item", "academic_credit", "day", "week", "year"]
Period = Literal["window", "semester", "academic_year", "year"]
RepetitionPolicy = Literal["flag", "invalidate"]
OverlapPolicy = Literal["flag", "invalidate", "reject"]
Line = Literal["total", "professional", "limited", "infection_control", "gender"]


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One text in Traditional Chinese and in English."""

    zh: str
    en: str


class Sourced(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a value stands.

    ``article`` is written ``13(2)(1)`` (article, paragraph 項, subparagraph 款, item 目) or ``appendix 4`` (row of the
    appendix). ``verified`` is false when the text of the regulation itself was not read, or says less than the value does and
    the rest is a reading of it; ``note`` then says why, in Chinese and English with `` / `` between: practitioners read it.
    """

    article: str = ""
    verified: bool = True
    note: str = ""


class Instrument(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The regulation this file restates: its name, and the number (if known) and day of the order that issued it.

    ``code`` is that of the regulation in the official law database; without it nothing is linked.
    """

    zh: str
    en: str
    code: str = ""
    number: str = ""
    published: date
    changes: Words


class CreditHour(Sourced, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many minutes make one credit hour 積分時數."""

    minutes: int


class Window(Sourced, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many years before the licence's nominal end count, and whether an extended licence keeps it open longer.

    ``extension`` is where the latter stands; the article beside ``years`` is that of the years alone.
    """

    years: int
    open_while_extended: bool = True
    extension: Sourced = Sourced(
        verified=False,
        note="未載明出處：展延之執照有效，其期間亦未結束。"
        " / Not said where: an extended licence is valid, and so its window open.",
    )


class Overlap(Sourced, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What happens to learner records whose times intersect by more than the tolerance.

    ``flag`` notes it and takes nothing; ``invalidate`` takes the record that is worth less; ``reject`` takes the later.
    """

    policy: OverlapPolicy
    tolerance_minutes: int = 0


class Repetition(Sourced, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What happens to a record whose course has the title and the offering unit of another course of the same person in
    the same role: ``flag`` notes it and takes nothing, ``invalidate`` takes all but the earliest.
    """

    policy: RepetitionPolicy = "flag"


class Total(Sourced, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The points that are needed in all."""

    points: Decimal


class Limited(Sourced, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The group of attributes that has a minimum, and above ``cap`` adds nothing to what counts."""

    attributes: tuple[str, ...]
    minimum: Decimal = Decimal(0)
    cap: Decimal | None = None


class Courses(Sourced, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many courses with a flag are needed; only valid records of these attributes are counted.

    Without ``attributes`` those of the limited group are meant.
    """

    courses: int
    attributes: tuple[str, ...] | None = None


class Minimum(Sourced, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A further line: the records of these methods and attributes (empty: any) must bring at least ``points``, or
    ``share`` of what the occasion needs in all (0.6 is 60 %). One of the two is said.
    """

    key: str
    zh: str
    en: str
    points: Decimal | None = None
    share: Decimal | None = None
    methods: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()


class Standard(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a group of professions must reach: the five requirement lines come from here."""

    total: Total
    limited: Limited
    infection_control: Courses = Courses(courses=0)
    gender: Courses = Courses(courses=0)
    further: tuple[Minimum, ...] = ()


class Profession(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A category 醫事人員類別 the regulation covers, and the standard it is held to."""

    code: str
    zh: str
    en: str
    standard: str


class Transition(Sourced, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another standard for some professions up to and including a day of evaluation."""

    professions: tuple[str, ...]
    until: date
    standard: str


class Profile(Sourced, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An occasion on which other lines are required than at an ordinary renewal.

    ``years`` counts back from the day of evaluation instead of from the licence's end. ``total_share`` is the divisor
    of the total ("one sixth" is 6). ``limited_minimum`` replaces the group's minimum, ``limited_cap`` false lifts its cap.
    ``professions`` empty means every profession of the rule set.
    """

    zh: str
    en: str
    requires: tuple[Line, ...]
    professions: tuple[str, ...] = ()
    years: int | None = None
    total_share: int = 1
    limited_minimum: Decimal | None = None
    limited_cap: bool = True


class Rate(Sourced, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Points per unit in a role. Of several for one role the first that names the profession holds, else the first
    that names none.

    ``at_most`` bounds the quantity in days for which a daily rate holds; above it the weekly one pays whole weeks.
    """

    role: str
    per: Unit
    points: Decimal
    professions: tuple[str, ...] = ()
    at_most: int | None = None


class Method(Sourced, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An implementation method 實施方式 with what it pays. ``applicants``: who may apply for it, unit or person."""

    code: str
    zh: str
    en: str
    rates: tuple[Rate, ...]
    applicants: tuple[Literal["unit", "person"], ...] = ("unit", "person")
    professions: tuple[str, ...] = ()
    non_original_factor: Decimal | None = None
    international_factor: Decimal | None = None


class Cap(Sourced, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The most that these methods together bring within a period; ``professions`` empty means all but ``except_``…

    It is so many ``points``, or a ``share`` of what the occasion needs in all (0.2 is 20 %). One of the two is said.
    """

    methods: tuple[str, ...]
    points: Decimal | None = None
    share: Decimal | None = None
    per: Period = "window"
    professions: tuple[str, ...] = ()
    except_professions: tuple[str, ...] = ()


class Area(Sourced, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The multiplier for a kind of practice area; ``only_methods`` empty means all but ``except_methods``."""

    factor: Decimal
    only_methods: tuple[str, ...] = ()
    except_methods: tuple[str, ...] = ()


class RuleDocument(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole rule-set file. ``regulation`` names the line of succession it belongs to."""

    id: str
    regulation: str
    effective_from: date
    supersedes: tuple[str, ...] = ()
    instrument: Instrument
    credit_hour: CreditHour
    window: Window
    overlap: Overlap
    repetition: Repetition = Repetition(
        verified=False,
        note="未載明：重複之課程內容僅予註記，不扣積分。 / Not said: a repeated content is shown and takes nothing.",
    )
    standards: dict[str, Standard]
    professions: tuple[Profession, ...]
    transitions: tuple[Transition, ...] = ()
    profiles: dict[str, Profile]
    areas: dict[str, Area] = {}
    grounds: dict[str, Sourced] = {}
    """Where a ground for not counting that is no number stands, by reason code."""
    methods: tuple[Method, ...]
    caps: tuple[Cap, ...] = ()
