"""What the engine is given and what it answers. Pure values: no I/O, no framework, no clock.

Points are ``Decimal`` with two decimals throughout. Days are dates in Asia/Taipei. The structs are plain and cheap to
build, so that a service may make them straight from database rows; what they hold is trusted here. Input from outside
comes through :mod:`cec_credits.statements.case_file`, which checks it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

import msgspec

from cec_credits.rulesets.document import Profile, Standard
from cec_credits.rulesets.domain import ProfessionRules, Provision, Terms

ZERO: Final = Decimal("0.00")


class Licence(msgspec.Struct, frozen=True, gc=False):
    """A practice licence 執業執照. ``valid_until`` is the nominal end; an extension is kept apart from it.

    ``predecessor_until`` is the nominal end of the licence it renewed, from which its own end is reckoned (Art. 8).
    """

    valid_from: date | None
    valid_until: date
    extended_until: date | None = None
    predecessor_until: date | None = None


class PracticeArea(msgspec.Struct, frozen=True, gc=False):
    """Where somebody practises 執業地區 from a day on: ordinary, remote or offshore."""

    since: date
    area: str


class Period(msgspec.Struct, frozen=True, gc=False):
    """Days from ``since`` to ``until``, both included."""

    since: date
    until: date


class OpenChange(msgspec.Struct, frozen=True, gc=False):
    """A review unit examines since a day, for a reason, whether to change what it approved 異動中."""

    since: date
    reason: str


class Record(msgspec.Struct, frozen=True, gc=False):
    """One fact that may bring points: somebody took part in something, in one role.

    ``ends_on`` is the date of ``ends_at`` in Taipei, the day from which it counts. ``points`` are approved points before
    the area multiplier and win over the rate table; ``minutes`` is then how long somebody stayed of a course that was not
    attended whole. ``course`` names the course, so that two records of one course are
    known as such; without it only records that agree in every particular are. ``void`` is the reason code of a ground
    that lies outside the rules: approval withdrawn, presence too short … ``under_change``: the approval is being
    examined; it takes nothing. ``content`` is equal where title and offering unit are. ``under`` is the id of the former
    record under which the fact stands, where two records of one person were merged; the rules do not look at it.
    """

    id: str
    method: str
    role: str
    attribute: str
    starts_at: datetime
    ends_at: datetime
    ends_on: date
    minutes: int | None = None
    quantity: Decimal | None = None
    points: Decimal | None = None
    infection_control: bool = False
    gender: bool = False
    item: str | None = None
    original: bool = True
    international: bool = False
    period: str | None = None
    profession: str | None = None
    course: str | None = None
    content: int | str | None = None
    individual: bool = False
    void: str | None = None
    under: str | None = None
    under_change: OpenChange | None = None


class Case(msgspec.Struct, frozen=True, gc=False):
    """One practitioner in one profession, with every record known, as of a day.

    ``window`` asks for a given period instead of the one the licence sets. ``profile`` names the occasion.
    """

    profession: str
    as_of: date
    licence: Licence | None
    records: list[Record]
    practice_areas: tuple[PracticeArea, ...] = ()
    profile: str = "renewal"
    window: Period | None = None


class State(StrEnum):
    """Where a record ends up. Every point of a record is in exactly one of these totals (a capped one in two)."""

    VALID = "valid"
    """all of it is valid 有效"""
    PARTLY_VALID = "partly_valid"
    """a cap divides it: one part valid, one part invalid"""
    INVALID = "invalid"
    """none of it is valid 無效"""
    PENDING = "pending"
    """it has not ended yet"""
    OUT_OF_WINDOW = "out_of_window"
    """it ended before the window or after it"""
    EXCLUDED = "excluded"
    """approved for another profession or purpose: no part of this statement's totals"""


VALID: Final = State.VALID
PARTLY_VALID: Final = State.PARTLY_VALID
INVALID: Final = State.INVALID
PENDING: Final = State.PENDING
OUT_OF_WINDOW: Final = State.OUT_OF_WINDOW
EXCLUDED: Final = State.EXCLUDED
"""The same by one name each: looking a member up in its enumeration costs more than comparing it, and the engine
compares them for every record at every step."""


class Loss(msgspec.Struct, frozen=True, gc=False):
    """Points that did not count: at which step, for which reason (a key of the catalogue), under which provision."""

    step: str
    reason: str
    amount: Decimal
    provision: Provision
    detail: Mapping[str, object]


class Note(msgspec.Struct, frozen=True, gc=False):
    """Something worth saying that takes no points."""

    reason: str
    provision: Provision | None
    detail: Mapping[str, object]


class Entry(msgspec.Struct, gc=False):
    """One record's way through the pipeline.

    ``base`` is its worth before the area multiplier, ``raw`` after it. ``valid`` is what the caps left of it, ``counted``
    what of that adds to the standard. Always ``counted + every loss = raw``.
    """

    record: Record
    terms: Terms
    base: Decimal
    raw: Decimal
    valid: Decimal
    counted: Decimal
    state: State = VALID
    losses: tuple[Loss, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def reason(self) -> str:
        """The code that sums it up: COUNTED, or the reason of the loss that decided."""
        return self.losses[-1].reason if self.losses else "COUNTED"


class Tally(msgspec.Struct, gc=False):
    """Sums over some records."""

    valid: Decimal = ZERO
    invalid: Decimal = ZERO
    pending: Decimal = ZERO
    counted: Decimal = ZERO
    records: int = 0

    def add(self, other: Tally) -> None:
        """Add another sum to this one."""
        self.valid += other.valid
        self.counted += other.counted
        if other.invalid:
            self.invalid += other.invalid
        if other.pending:
            self.pending += other.pending
        self.records += other.records


class Requirement(msgspec.Struct, frozen=True, gc=False):
    """One line of the standard. ``target``, ``current`` and ``cap`` are points, or numbers of courses.

    ``required`` is false where the occasion asks for less than every line; such a line is shown and decides nothing.
    """

    key: str
    unit: str
    target: Decimal
    current: Decimal
    cap: Decimal | None
    met: bool
    required: bool
    provision: Provision


class Statement(msgspec.Struct, gc=False):
    """The answer: totals, requirement lines and every record explained.

    ``change_pending`` is the part of ``valid`` whose approval is being examined.

    ``window`` reaches to the day of evaluation; one that has not begun yet is shown whole, and nothing is counted in it.

    ``closing`` is the day on which the window closes for good.

    ``met`` compares with what the occasion asks for whatever the window; what is told of it is ``fulfilled``.

    ``changes_on`` is the first day on which the passing of time alone may change the answer; until then only ``as_of``
    and ``window.until`` move (and the whole window, where the occasion counts it back from the day of evaluation).
    """

    case: Case
    rules: ProfessionRules
    standard: Standard
    profile: Profile
    window: Period
    closing: date
    entries: list[Entry]
    cells: dict[tuple[str, str], Tally]
    valid: Decimal
    invalid: Decimal
    pending: Decimal
    out_of_window: Decimal
    excluded: Decimal
    professional: Decimal
    quality_ethics_regulations: Decimal
    counted: Decimal
    change_pending: Decimal
    infection_control_courses: int
    gender_courses: int
    requirements: tuple[Requirement, ...]
    met: bool
    anomalies: tuple[str, ...]
    changes_on: date | None

    @property
    def rule_set(self) -> str:
        """The id of the rule set whose caps and thresholds were applied."""
        return self.rules.rule_set

    @property
    def judged(self) -> bool:
        """Whether the sums are held against the standard: over a period of one's own they are sums and nothing else."""
        return self.case.window is None

    @property
    def fulfilled(self) -> bool:
        """Whether what the occasion asks for is met; never where nothing is judged."""
        return self.met and self.judged

    @property
    def raw(self) -> Decimal:
        """What all records together would be worth; always what counted plus what was lost."""
        return sum((entry.raw for entry in self.entries), ZERO)

    def by_method(self) -> dict[str, Tally]:
        """Totals by implementation method."""
        return self._grouped(0)

    def by_attribute(self) -> dict[str, Tally]:
        """Totals by course attribute."""
        return self._grouped(1)

    def _grouped(self, by: int) -> dict[str, Tally]:
        groups: dict[str, Tally] = {}
        for key, tally in sorted(self.cells.items()):
            groups.setdefault(key[by], Tally()).add(tally)
        return groups
