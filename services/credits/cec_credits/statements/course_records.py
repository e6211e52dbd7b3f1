"""Course records 上課紀錄: the entries of a period in the groups in which they have always been shown.

Lecturers and other roles on the platform; courses attended; correspondence courses; posters and papers; what the person
applied for. Each has its valid and invalid points; what a review unit is examining anew is in a group of its own beside
each of the first four, and in no other. Its points stand until that is decided.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

import msgspec

from cec_contracts.vocabulary import Method, ParticipantRole
from cec_credits import texts
from cec_credits.rulesets.document import Words
from cec_credits.statements.answer import occasion_of
from cec_credits.statements.basis import Occasion
from cec_credits.statements.domain import ZERO, Entry, Record, State
from cec_credits.statements.filters import Filters
from cec_credits.statements.head import StatementHead
from cec_credits.statements.queries import Explained
from cec_credits.statements.views import EntryView


class Group(StrEnum):
    """The groups, in the order of the page."""

    TEACHING = "teaching"
    ATTENDED = "attended"
    CORRESPONDENCE = "correspondence"
    PAPERS = "papers"
    INDIVIDUAL = "individual"


TITLES: Final = texts.each("group", Group)
PENDING_CHANGE: Final = texts.words("group.change_pending")

_AUTHORS: Final = frozenset(
    {
        ParticipantRole.FIRST_AUTHOR,
        ParticipantRole.CORRESPONDING_AUTHOR,
        ParticipantRole.SECOND_AUTHOR,
        ParticipantRole.OTHER_AUTHOR,
    }
)
_BY_PERSON: Final = frozenset({Method.M08, Method.M10, Method.M11, Method.M12, Method.M13})
"""Methods that no unit can apply for: university study, practice abroad, research stays, training."""


class _Key(NamedTuple):
    group: Group
    change_pending: bool


KEYS: Final = (
    *(_Key(group, change_pending=False) for group in Group),
    *(_Key(group, change_pending=True) for group in Group if group is not Group.INDIVIDUAL),
)


class RecordGroup(msgspec.Struct, frozen=True):
    """One group with its points. What has not ended, or ended outside the period, is in neither total."""

    group: Group
    change_pending: bool
    title: Words
    valid: Decimal
    invalid: Decimal
    entries: list[EntryView]


class CourseRecords(msgspec.Struct, frozen=True):
    """The page: whose records, of which days, and every group, the empty ones as well.

    The national ID is masked, and empty when it has not been told yet.
    """

    statement: StatementHead
    number: str
    name: str
    national_id_masked: str
    certificate_number: str
    groups: list[RecordGroup]
    occasion: Occasion


def group_of(record: Record) -> Group:
    """In which group a record is shown."""
    if record.individual or record.method in _BY_PERSON:
        return Group.INDIVIDUAL
    if record.role in _AUTHORS or record.method == Method.M07:
        return Group.PAPERS
    if record.method == Method.M06:
        return Group.CORRESPONDENCE
    return Group.ATTENDED if record.role == ParticipantRole.LEARNER else Group.TEACHING


def course_records(explained: Explained, filters: Filters) -> CourseRecords:
    """Every entry of the period that the filters let through; of other professions and other cycles none."""
    shown: dict[_Key, list[Entry]] = {key: [] for key in KEYS}
    for entry in explained.statement.entries:
        if entry.state in {State.EXCLUDED, State.OUT_OF_WINDOW}:
            continue
        if filters.hold(entry, explained.course(entry)):
            shown[_key_of(entry.record)].append(entry)
    person = explained.person
    return CourseRecords(
        statement=explained.head,
        number=person.number,
        name=person.name,
        national_id_masked=explained.national_id_masked,
        certificate_number=person.certificate_number(explained.head.profession),
        groups=[_group(key, entries, explained) for key, entries in shown.items()],
        occasion=occasion_of(explained.statement),
    )


def _key_of(record: Record) -> _Key:
    group = group_of(record)
    return _Key(group, change_pending=record.under_change is not None and group is not Group.INDIVIDUAL)


def _group(key: _Key, entries: list[Entry], explained: Explained) -> RecordGroup:
    title = TITLES[key.group]
    if key.change_pending:
        title = Words(zh=PENDING_CHANGE.zh.format(title=title.zh), en=PENDING_CHANGE.en.format(title=title.en))
    return RecordGroup(
        group=key.group,
        change_pending=key.change_pending,
        title=title,
        valid=sum((entry.valid for entry in entries), ZERO),
        invalid=sum((entry.raw - entry.valid for entry in entries if entry.state is not State.PENDING), ZERO),
        entries=[explained.view(entry) for entry in entries],
    )
