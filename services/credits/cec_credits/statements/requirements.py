"""The last steps: sums by method and attribute, the requirement lines in their fixed order, and the verdict."""

from __future__ import annotations

from decimal import Decimal

from cec_credits.rulesets import document as doc
from cec_credits.rulesets.domain import amount_of, share_of
from cec_credits.statements.domain import EXCLUDED, OUT_OF_WINDOW, PENDING, VALID, ZERO, Entry, Requirement, Tally
from cec_credits.statements.ledger import Ledger


def tally(ledger: Ledger) -> dict[tuple[str, str], Tally]:
    """Sums for each (method, attribute) over what belongs to this window."""
    cells: dict[tuple[str, str], Tally] = {}
    for entry in ledger.entries:
        state = entry.state
        if state is OUT_OF_WINDOW or state is EXCLUDED:
            continue
        record = entry.record
        key = (record.method, record.attribute)
        cell = cells.get(key)
        if cell is None:
            cell = cells[key] = Tally()
        cell.records += 1
        if state is PENDING:
            cell.pending += entry.raw
            continue
        cell.valid += entry.valid
        cell.counted += entry.counted
        if state is not VALID:
            cell.invalid += entry.raw - entry.valid
    return cells


def courses_with(flagged: list[Entry], ledger: Ledger, line: doc.Courses) -> int:
    """How many different courses there are among flagged records that brought something, of the attributes the rule names."""
    attributes = line.attributes or ledger.standard.limited.attributes
    return len(
        {
            entry.record.course or entry.record.id
            for entry in flagged
            if entry.record.attribute in attributes and entry.valid
        }
    )


def requirement_lines(
    ledger: Ledger, *, professional: Decimal, limited: Decimal, counted: Decimal, infection_control: int, gender: int
) -> tuple[Requirement, ...]:
    """Those of the five lines that say something, then any further ones of the standard.

    The second is necessary and not sufficient: it follows from the total and the limited group's cap. A line that asks for
    nothing and that no occasion of the rule set names is left out: another regulation may know no such line at all.
    """
    standard, profile, rules = ledger.standard, ledger.profile, ledger.rules
    total = ledger.total
    cap = standard.limited.cap if profile.limited_cap else None
    minimum = standard.limited.minimum if profile.limited_minimum is None else profile.limited_minimum
    rest = max(total - cap, ZERO) if cap is not None else ZERO

    def line(key: doc.Line, unit: str, target: Decimal, current: Decimal, source: doc.Sourced) -> Requirement:
        limit = cap if key == "limited" else None
        required = key in profile.requires
        return Requirement(key, unit, target, current, limit, current >= target, required, rules.provision(source))

    infection, gendered = standard.infection_control, standard.gender
    five = (
        line("total", "points", total, counted, standard.total),
        line("professional", "points", rest, professional, standard.limited),
        line("limited", "points", minimum, limited, standard.limited),
        line("infection_control", "courses", Decimal(infection.courses), Decimal(infection_control), infection),
        line("gender", "courses", Decimal(gendered.courses), Decimal(gender), gendered),
    )
    named = rules.named_lines
    return (
        *(each for each in five if each.target or each.key in named),
        *(_further(ledger, each) for each in standard.further),
    )


def _further(ledger: Ledger, minimum: doc.Minimum) -> Requirement:
    """Where an occasion asks for a share of the total, it asks for that share of a further line too."""
    share = ledger.profile.total_share
    target = amount_of(minimum, ledger.total) if minimum.points is None else share_of(minimum.points, share)
    current = sum((entry.counted for entry in ledger.live if _belongs(entry, minimum)), ZERO)
    return Requirement(
        key=minimum.key,
        unit="points",
        target=target,
        current=current,
        cap=None,
        met=current >= target,
        required="total" in ledger.profile.requires,
        provision=ledger.rules.provision(minimum),
    )


def _belongs(entry: Entry, minimum: doc.Minimum) -> bool:
    record = entry.record
    return (not minimum.methods or record.method in minimum.methods) and (
        not minimum.attributes or record.attribute in minimum.attributes
    )
