"""The working sheet of one evaluation: the entries, and those that are still alive at the step at hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from cec_credits.rulesets.book import RuleBook
from cec_credits.rulesets.document import Profile, Standard
from cec_credits.rulesets.domain import ProfessionRules, Provision, share_of
from cec_credits.statements.domain import PARTLY_VALID, ZERO, Case, Entry, Loss, Note, Period, State


class Ledger:
    """What every step reads and writes.

    ``entries`` holds all records in the order in which caps consume: by day of effect, then by id. ``live`` is the same
    order without those that are lost already, ``under_change`` those of them whose approval is being examined.
    """

    __slots__ = ("book", "case", "closing", "entries", "live", "profile", "rules", "standard", "under_change", "window")

    def __init__(
        self,
        *,
        case: Case,
        book: RuleBook,
        rules: ProfessionRules,
        standard: Standard,
        profile: Profile,
        window: Period,
        closing: date,
        entries: list[Entry],
    ) -> None:
        self.case = case
        self.book = book
        self.rules = rules
        self.standard = standard
        self.profile = profile
        self.window = window
        self.closing = closing
        self.entries = entries
        self.live = entries
        self.under_change: list[Entry] = []

    @property
    def total(self) -> Decimal:
        """The points the occasion needs in all: those of the standard, or the share of them that it asks for."""
        return share_of(self.standard.total.points, self.profile.total_share)


def lose_all(
    entry: Entry, state: State, step: str, reason: str, provision: Provision, detail: Mapping[str, object]
) -> None:
    """Take everything that is left of an entry."""
    entry.losses += (Loss(step, reason, entry.counted, provision, detail),)
    entry.valid = entry.counted = ZERO
    entry.state = state


def lose_part(
    entry: Entry, kept: Decimal, step: str, reason: str, provision: Provision, detail: Mapping[str, object]
) -> None:
    """Divide an entry at a cap: ``kept`` stays valid, the rest is lost."""
    entry.losses += (Loss(step, reason, entry.counted - kept, provision, detail),)
    entry.valid = entry.counted = kept
    entry.state = PARTLY_VALID


def note(entry: Entry, reason: str, provision: Provision | None, detail: Mapping[str, object]) -> None:
    """Say something about an entry that takes no points."""
    entry.notes += (Note(reason, provision, detail),)
