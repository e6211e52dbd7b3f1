"""The step ``duplicate``: one person counts once for a course, once for a paper, and once for an hour.

1. The same course in the same role twice: the one that is worth more stays, of equal ones the earlier.
2. Learner and lecturer of one course: the lecturer stays, if teaching it is worth anything.
3. Two parts in one paper (first and corresponding author, say): the one that is worth more stays.
4. The same title and offering unit in the same role, under another course: as the rule set's policy says; ``flag``
   takes nothing, for a course may well be held anew.
5. Learner records whose times intersect: as the rule set's policy says; ``flag`` takes nothing. What is counted by the
   session and not by the hour, and what was applied for in person, has no hour to share.

A record names its course. Where one does not (a case from a file), two records paid by the hour are of one course if
method, times, attribute and flags agree, and are the same line of its roster if minutes and points agree as well.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Final

from cec_credits.statements.domain import INVALID, VALID, Entry, Record
from cec_credits.statements.ledger import Ledger, lose_all, note

_AUTHORS: Final = frozenset({"first_author", "corresponding_author", "second_author", "other_author"})
_TAUGHT: Final = frozenset({"learner", "lecturer"})
_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)
_worth = attrgetter("raw")
_begins = attrgetter("record.starts_at", "record.ends_at")
_alike = attrgetter("starts_at", "ends_at", "attribute", "infection_control", "gender")
_same_line = attrgetter("role", "item", "minutes", "points")


def settle_duplicates(ledger: Ledger) -> None:
    """Step ``duplicate``: what is the same is void, what has the same content is treated as the rule set says."""
    drop_duplicates(ledger)
    settle_repetitions(ledger)


def drop_duplicates(ledger: Ledger) -> None:
    """Void what repeats another record: rules 1 to 3."""
    repeated = [*_repeated_courses(ledger.live), *_repeated_papers(ledger.live)]
    if not repeated:
        return
    provision = ledger.rules.ground("DUPLICATE_COURSE")
    for loser, winner in repeated:
        if loser.state is VALID:
            detail = {"with": winner.record.id, "role": winner.record.role}
            lose_all(loser, INVALID, "duplicate", "DUPLICATE_COURSE", provision, detail)
    ledger.live = [entry for entry in ledger.live if entry.state is VALID]


def settle_repetitions(ledger: Ledger) -> None:
    """Flag or void what has the content of another record: rule 4."""
    contents = {entry.record.content for entry in ledger.live}
    if len(contents) == len(ledger.live) or contents == {None}:
        return
    repetition = ledger.rules.document.repetition
    provision = ledger.rules.provision(repetition)
    for first, *later in _sharing(ledger.live, _content):
        for entry in later:
            if repetition.policy == "flag":
                note(entry, "CONTENT_REPEATED", provision, {"with": first.record.id})
            else:
                lose_all(entry, INVALID, "duplicate", "CONTENT_REPEATED", provision, {"with": first.record.id})
    ledger.live = [entry for entry in ledger.live if entry.state is VALID]


def settle_overlaps(ledger: Ledger) -> None:
    """Flag or void what shares its hours with another record: rule 5."""
    overlap = ledger.rules.overlap
    pairs = _overlaps(ledger.live, timedelta(minutes=overlap.tolerance_minutes))
    if not pairs:
        return
    provision = ledger.rules.provision(overlap)
    if overlap.policy == "flag":
        for one, other in pairs:
            note(one, "OVERLAP_TIME", provision, {"with": other.record.id})
            note(other, "OVERLAP_TIME", provision, {"with": one.record.id})
        return
    rivals: dict[int, list[Entry]] = {}
    for one, other in pairs:
        rivals.setdefault(id(one), []).append(other)
        rivals.setdefault(id(other), []).append(one)
    contested = [entry for entry in ledger.live if id(entry) in rivals]
    if overlap.policy == "invalidate":
        contested.sort(key=lambda entry: -entry.raw)
    kept: set[int] = set()
    for entry in contested:
        winner = next((rival for rival in rivals[id(entry)] if id(rival) in kept), None)
        if winner is None:
            kept.add(id(entry))
        else:
            lose_all(entry, INVALID, "overlap", "OVERLAP_TIME", provision, {"with": winner.record.id})
    ledger.live = [entry for entry in ledger.live if entry.state is VALID]


def _repeated_courses(live: list[Entry]) -> Iterable[tuple[Entry, Entry]]:
    """(loser, winner) among the records of one course."""
    courses = {entry.record.course for entry in live}
    if len(courses) == len(live) and None not in courses:
        return
    for group in _sharing(live, _course):
        kept: list[Entry] = []
        for line in _lines(group):
            best = max(line, key=_worth)
            kept.append(best)
            yield from ((entry, best) for entry in line if entry is not best)
        for lecturer in (entry for entry in kept if entry.record.role == "lecturer" and entry.raw):
            for learner in (entry for entry in group if entry.record.role == "learner"):
                if _is_same_course(learner, lecturer):
                    yield learner, lecturer


def _lines(group: list[Entry]) -> list[list[Entry]]:
    """The records of one course by the line of its roster that they repeat."""
    lines: list[list[Entry]] = []
    for entry in group:
        for line in lines:
            if _is_same_line(entry, line[0]):
                line.append(entry)
                break
        else:
            lines.append([entry])
    return lines


def _repeated_papers(live: list[Entry]) -> Iterable[tuple[Entry, Entry]]:
    """(loser, winner) among the parts one person had in one paper."""
    for group in _sharing([entry for entry in live if entry.record.item is not None], _paper):
        winner = max(group, key=_worth)
        for entry in group:
            if entry is not winner:
                yield entry, winner


def _sharing(live: list[Entry], key_of: Callable[[Entry], Hashable | None]) -> list[list[Entry]]:
    """The groups of two or more entries that have a key in common, each in the order of the ledger."""
    first: dict[Hashable, Entry] = {}
    groups: dict[Hashable, list[Entry]] = {}
    for entry in live:
        key = key_of(entry)
        if key is not None and first.setdefault(key, entry) is not entry:
            groups.setdefault(key, [first[key]]).append(entry)
    return list(groups.values())


def _content(entry: Entry) -> Hashable | None:
    """What records of one content have in common; what stands there without a course has no title to compare."""
    record = entry.record
    return None if record.content is None or record.course is None else (record.content, record.role, record.item)


def _course(entry: Entry) -> Hashable | None:
    """What records of one course have in common; a record that names no course is only suspected by day and method."""
    record = entry.record
    if record.course is not None:
        return record.course
    if not entry.terms.hourly or record.role not in _TAUGHT:
        return None
    return record.method, record.ends_on


def _is_same_course(one: Entry, other: Entry) -> bool:
    return one.record.course is not None or _alike(one.record) == _alike(other.record)


def _is_same_line(one: Entry, other: Entry) -> bool:
    if one.record.course is not None:
        return (one.record.role, one.record.item) == (other.record.role, other.record.item)
    return _is_same_course(one, other) and _same_line(one.record) == _same_line(other.record)


def _paper(entry: Entry) -> Hashable | None:
    record = entry.record
    return (record.method, record.item) if record.role in _AUTHORS else None


def _overlaps(live: list[Entry], tolerance: timedelta) -> list[tuple[Entry, Entry]]:
    """Every pair of learner records, paid by the hour, that share more time than is tolerated; by the later beginning."""
    attended: list[Entry] = []
    pairs: list[tuple[Entry, Entry]] = []
    latest = _LONG_AGO
    for entry in live:
        record = entry.record
        if record.role != "learner" or record.individual or not entry.terms.hourly:
            continue
        if (record.starts_at + tolerance if tolerance else record.starts_at) < latest:
            in_order = (sorted((other, entry), key=_begins) for other in attended)
            pairs.extend((one, other) for one, other in in_order if _share(one.record, other.record, tolerance))
        latest = max(latest, record.ends_at)
        attended.append(entry)
    pairs.sort(key=lambda pair: (_begins(pair[1]), _begins(pair[0])))
    return pairs


def _share(earlier: Record, later: Record, tolerance: timedelta) -> bool:
    begins = later.starts_at + tolerance
    return earlier.ends_at > begins and later.ends_at > begins
