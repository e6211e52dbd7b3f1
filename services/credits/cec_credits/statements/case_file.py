"""From a case as JSON to a case for the engine: nothing unknown, nothing of the wrong kind, nothing impossible.

Every fault is told with the path of the field it sits in.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import msgspec

from cec_credits.statements import domain
from cec_credits.statements.admission import VOID_REASONS

_TAIPEI = ZoneInfo("Asia/Taipei")
_MOST_POINTS = Decimal(100_000)
FIRST_YEAR, LAST_YEAR = 1900, 2199

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Role = Literal[
    "learner",
    "lecturer",
    "presenter",
    "special_lecturer",
    "first_author",
    "corresponding_author",
    "second_author",
    "other_author",
]


class CaseRefused(Exception):
    """The input is not a case. ``path`` names the field, ``slug`` the kind of fault, the message says what is wrong."""

    def __init__(self, path: str, slug: str, message: str) -> None:
        super().__init__(f"{path}: {message}" if path else message)
        self.path = path
        self.slug = slug
        self.message = message


class _Given(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Base of what comes from outside."""


class GivenLicence(_Given, kw_only=True):
    """A practice licence as given."""

    valid_from: date | None = None
    valid_until: date
    extended_until: date | None = None
    predecessor_until: date | None = None


class GivenArea(_Given, kw_only=True):
    """Where somebody practises from a day on, as given."""

    since: date
    area: Literal["ordinary", "remote", "offshore"]


class GivenPeriod(_Given, kw_only=True):
    """A period asked for instead of the licence's own window."""

    since: date
    until: date


class GivenChange(_Given, kw_only=True):
    """The review unit examines the approval since a day, as given."""

    since: date
    reason: Text


class GivenRecord(_Given, kw_only=True):
    """One record as given. Points are a decimal string; a quantity is a number or a decimal string."""

    id: Text
    method: Text
    role: Role
    attribute: Literal["professional", "quality", "ethics", "regulations"]
    infection_control: bool = False
    gender: bool = False
    starts_at: datetime
    ends_at: datetime
    minutes: int | None = None
    quantity: Decimal | None = None
    points: str | None = None
    item: Text | None = None
    original: bool = True
    international: bool = False
    period: Text | None = None
    profession: Text | None = None
    withdrawn: bool = False
    course: Text | None = None
    content: Text | None = None
    individual: bool = False
    void: Text | None = None
    under_change: GivenChange | None = None


class GivenCase(_Given, kw_only=True):
    """A case as given."""

    profession: Text
    as_of: date
    licence: GivenLicence | None = None
    practice_areas: list[GivenArea] = []
    records: list[GivenRecord]
    profile: Text = "renewal"
    window: GivenPeriod | None = None


class _Whole(msgspec.Struct, forbid_unknown_fields=True):
    """A whole case file: the case, and what somebody expects of it (not looked at)."""

    case: msgspec.Raw
    expect: msgspec.Raw = msgspec.Raw(b"{}")


class _Probe(msgspec.Struct):
    case: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


def read_case(content: bytes) -> domain.Case:
    """The case in a JSON text, which is either the case itself or a whole file with ``case`` and ``expect``.

    Raises:
        CaseRefused: it is not JSON, or a field is missing, unknown, of the wrong kind or impossible. Paths start at the
            case, wherever it stands.
    """
    try:
        if msgspec.json.decode(content, type=_Probe).case is not msgspec.UNSET:
            content = bytes(msgspec.json.decode(content, type=_Whole).case)
        given = msgspec.json.decode(content, type=GivenCase)
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at `$")
        raise CaseRefused(path.rstrip("`").lstrip("."), "invalid-field", message) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise CaseRefused("", "not-json", f"not JSON in UTF-8: {error}") from error
    return case_of(given)


def case_of(given: GivenCase) -> domain.Case:
    """Check what the shape alone does not show, and build the case.

    A record that stands there twice in exactly the same words is one record.

    Raises:
        CaseRefused: naming the first field at fault.
    """
    _check_days(given)
    records: dict[str, GivenRecord] = {}
    for at, record in enumerate(given.records):
        path = f"records[{at}]"
        _check_record(record, path)
        known = records.setdefault(record.id, record)
        if known != record:
            raise CaseRefused(f"{path}.id", "repeated-id", f"{record.id!r} stands twice with different content")
    licence = given.licence
    if licence is not None and licence.extended_until is not None and licence.extended_until < licence.valid_until:
        raise CaseRefused("licence.extended_until", "ends-before-it-starts", "lies before valid_until")
    if given.window is not None and given.window.until < given.window.since:
        raise CaseRefused("window.until", "ends-before-it-starts", "lies before since")
    return domain.Case(
        profession=given.profession,
        as_of=given.as_of,
        licence=None if licence is None else domain.Licence(*msgspec.structs.astuple(licence)),
        records=list(_records(records)),
        practice_areas=tuple(domain.PracticeArea(each.since, each.area) for each in given.practice_areas),
        profile=given.profile,
        window=None if given.window is None else domain.Period(given.window.since, given.window.until),
    )


def _check_days(given: GivenCase) -> None:
    """Six years before and after every day must exist, and no day of this field lies further off than these."""
    days: dict[str, date | None] = {"as_of": given.as_of}
    for name in ("licence", "window"):
        block = getattr(given, name)
        if block is not None:
            days |= {f"{name}.{field}": value for field, value in msgspec.structs.asdict(block).items()}
    for at, record in enumerate(given.records):
        days |= {f"records[{at}].starts_at": record.starts_at, f"records[{at}].ends_at": record.ends_at}
    for path, day in days.items():
        if day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise CaseRefused(path, "impossible-day", f"lies outside the years {FIRST_YEAR} to {LAST_YEAR}")


def _check_record(record: GivenRecord, path: str) -> None:
    for field in ("starts_at", "ends_at"):
        if getattr(record, field).tzinfo is None:
            raise CaseRefused(f"{path}.{field}", "no-timezone", "needs an offset, such as +08:00")
    if record.ends_at < record.starts_at:
        raise CaseRefused(f"{path}.ends_at", "ends-before-it-starts", "lies before starts_at")
    if record.minutes is None and record.quantity is None and record.points is None:
        raise CaseRefused(path, "measure-missing", "needs one of minutes, quantity or points")
    if record.minutes is not None and not 0 <= record.minutes <= 1_000_000:
        raise CaseRefused(f"{path}.minutes", "out-of-range", "must lie between 0 and 1,000,000")
    if record.void is not None and record.void not in VOID_REASONS:
        known = ", ".join(sorted(VOID_REASONS))
        raise CaseRefused(f"{path}.void", "unknown-reason", f"{record.void!r} is none of {known}")
    _decimal(record.quantity, f"{path}.quantity")
    _decimal(record.points, f"{path}.points")


def _decimal(value: Decimal | str | None, path: str) -> Decimal | None:
    if value is None:
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise CaseRefused(path, "not-a-number", f"{value!r} is no decimal number") from None
    if not number.is_finite() or not 0 <= number <= _MOST_POINTS:
        raise CaseRefused(path, "out-of-range", f"must lie between 0 and {_MOST_POINTS:,}")
    if number != number.quantize(Decimal("0.01")):
        raise CaseRefused(path, "too-many-decimals", f"{value} has more than two decimals")
    return number


def _records(given: dict[str, GivenRecord]) -> Iterator[domain.Record]:
    for record in given.values():
        yield domain.Record(
            id=record.id,
            method=record.method,
            role=record.role,
            attribute=record.attribute,
            starts_at=record.starts_at,
            ends_at=record.ends_at,
            ends_on=record.ends_at.astimezone(_TAIPEI).date(),
            minutes=record.minutes,
            quantity=_decimal(record.quantity, "quantity"),
            points=_decimal(record.points, "points"),
            infection_control=record.infection_control,
            gender=record.gender,
            item=record.item,
            original=record.original,
            international=record.international,
            period=record.period,
            profession=record.profession,
            course=record.course,
            content=record.content,
            individual=record.individual,
            void="APPROVAL_WITHDRAWN" if record.withdrawn else record.void,
            under_change=None
            if record.under_change is None
            else domain.OpenChange(record.under_change.since, record.under_change.reason),
        )
