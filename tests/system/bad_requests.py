"""Requests that must be refused, how, and where the answer says the fault is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from tests.system.people import proposal

NOBODY = "00000000-0000-7000-8000-000000000000"
WRONG_CHECKSUM = "A123456788"


class Bad(NamedTuple):
    """`who` asks `method path` with `sent` (as httpx takes it); `{course}` and the like are filled in.

    `paths` are those that the answer's errors must name.
    """

    who: str
    method: str
    path: str
    sent: Mapping[str, Any]
    status: int
    slug: str
    paths: tuple[str, ...] = ()


def _json(body: Any) -> dict[str, Any]:
    return {"json": body}


def _raw(content: bytes, content_type: str = "application/json") -> dict[str, Any]:
    return {"content": content, "headers": {"Content-Type": content_type}}


def _csv(text: str) -> dict[str, Any]:
    return _raw(text.encode(), "text/csv")


def attendance(sent: Mapping[str, Any], status: int, slug: str, *paths: str) -> Bad:
    """Somebody is put on a roster."""
    return Bad("offering", "POST", "/enrolment/rosters/{course}/attendances", sent, status, slug, paths)


def roster_file(sent: Mapping[str, Any], status: int, slug: str, *paths: str, query: str = "") -> Bad:
    return Bad("offering", "POST", "/enrolment/rosters/{course}/imports" + query, sent, status, slug, paths)


def registry_file(sent: Mapping[str, Any], status: int, slug: str, *paths: str) -> Bad:
    return Bad("admin", "POST", "/identity/registry/imports", sent, status, slug, paths)


def activity(slug: str, *paths: str, course: Mapping[str, Any] | None = None, **changes: Any) -> Bad:
    """An activity with something wrong in it, or in its course."""
    body = proposal(NOBODY, **changes)
    body["courses"] = [{**body["courses"][0], **(course or {})}]
    return Bad("offering", "POST", "/activities/activities", _json(body), 422, slug, paths)


def points(value: Any, slug: str = "validation-failed", *paths: str, profession: str = "2") -> tuple[Bad, Bad]:
    """The same points in a decision and in a change of an approval."""
    awards = [{"profession": profession, "role": "learner", "points": value}]
    decision = {"decision": "pass", "courses": [{"course_id": NOBODY, "awards": awards}]}
    inner = paths or ("awards[0].points",)
    return (
        Bad(
            "review",
            "POST",
            "/review/cases/{case}/decision",
            _json(decision),
            422,
            slug if slug == "validation-failed" else "decision-not-acceptable",
            tuple(f"body.courses[0].{path}" for path in inner),
        ),
        Bad(
            "review",
            "POST",
            "/review/approvals/{course}/change",
            _json({"awards": awards, "reason": "更正"}),
            422,
            slug,
            tuple(f"body.{path}" for path in inner),
        ),
    )


STATEMENT = "/credits/statements/{practitioner}"
_three, _three_change = points("1.005")
_number, _number_change = points(1.5)
_minus, _minus_change = points("-1.00")
_none, _none_change = points("0.00", "awards-not-acceptable")
_foreign, _foreign_change = points("1.00", "awards-not-acceptable", "awards[0].profession", profession="4")

BAD: dict[str, Bad] = {
    # JSON of a wrong shape
    "minutes that are text": attendance(
        _json({"number": "D000002", "minutes": "fifty"}), 422, "validation-failed", "body.minutes"
    ),
    "minutes that are a fraction": attendance(
        _json({"number": "D000002", "minutes": 1.5}), 422, "validation-failed", "body.minutes"
    ),
    "negative minutes": attendance(
        _json({"number": "D000002", "minutes": -1}), 422, "validation-failed", "body.minutes"
    ),
    "more minutes than the course": attendance(
        _json({"number": "D000002", "role": "lecturer", "minutes": 99_999}), 422, "minutes-out-of-range", "body.minutes"
    ),
    "an unknown field": attendance(
        _json({"number": "D000002", "minuets": 5}), 422, "validation-failed", "body.minuets"
    ),
    "an unknown field in the depth": activity("validation-failed", "body.courses[0].colour", course={"colour": "red"}),
    "an unknown role": attendance(
        _json({"number": "D000002", "role": "bystander"}), 422, "validation-failed", "body.role"
    ),
    "no body": attendance(_raw(b""), 422, "validation-failed", "body"),
    "a list instead of an object": attendance(_json([]), 422, "validation-failed", "body"),
    "text instead of a list": activity("validation-failed", "body.professions", professions="2"),
    "a missing field": Bad(
        "offering",
        "POST",
        "/activities/activities",
        _json({"title": "研習"}),
        422,
        "validation-failed",
        ("body.review_unit_id",),
    ),
    # no JSON at all
    "malformed JSON": attendance(_raw(b'{"number": "D000002",'), 400, "malformed-json"),
    "two JSON values": attendance(_raw(b"{}{}"), 400, "malformed-json"),
    "JSON that is not UTF-8": attendance(_raw(b'{"number": "\xb3\xb3"}'), 400, "malformed-json"),
    "JSON nested without end": attendance(_raw(b"[" * 100_000), 422, "validation-failed", "body"),
    "a body that says it is text": attendance(_raw(b"{}", "text/plain"), 415, "unsupported-media-type"),
    "a form": attendance({"data": {"number": "D000002"}}, 415, "unsupported-media-type"),
    "a character that cannot be stored": activity("validation-failed", "body.title", title="感染\0管制"),
    # people
    "a national ID with a wrong checksum": attendance(
        _json({"national_id": WRONG_CHECKSUM}), 422, "national-id-invalid", "body.national_id"
    ),
    "a national ID that is none": attendance(
        _json({"national_id": "12345"}), 422, "national-id-invalid", "body.national_id"
    ),
    "a person named twice over": attendance(
        _json({"number": "D000002", "practitioner_id": NOBODY}), 422, "practitioner-not-named", "body.practitioner_id"
    ),
    "a person nobody knows": attendance(_json({"number": "D999999"}), 422, "practitioner-unknown", "body.number"),
    "a search for a wrong checksum": Bad(
        "admin",
        "POST",
        "/identity/practitioners/by-national-id",
        _json({"national_id": WRONG_CHECKSUM}),
        422,
        "validation-failed",
        ("body.national_id",),
    ),
    "a password that is too short": Bad(
        "admin",
        "POST",
        "/identity/accounts",
        _json({"name": "somebody", "password": "1234", "role": "other_system"}),
        422,
        "validation-failed",
        ("body.password",),
    ),
    # activities
    "a course that ends before it starts": activity(
        "proposal-not-acceptable", "body.courses[0].ends_at", course={"ends_at": "2016-05-03T08:00:00+08:00"}
    ),
    "an activity that ends before it starts": activity("proposal-not-acceptable", "body.ends_on", ends_on="2016-05-02"),
    "a course outside its activity": activity(
        "proposal-not-acceptable",
        "body.courses[0].starts_at",
        course={"starts_at": "2016-05-02T09:00:00+08:00"},
    ),
    "a profession that has no credits": activity("proposal-not-acceptable", "body.professions[0]", professions=["L"]),
    "a profession that is no code": activity("validation-failed", "body.professions[1]", professions=["2", "??"]),
    "a method nobody knows": activity("validation-failed", "body.method", method="M99"),
    "a day that does not exist": activity("validation-failed", "body.starts_on", starts_on="2016-02-30"),
    "a time without a zone": activity(
        "validation-failed", "body.courses[0].starts_at", course={"starts_at": "2016-05-03T09:00:00"}
    ),
    "minutes below one": activity("validation-failed", "body.courses[0].minutes", course={"minutes": -60}),
    # points
    "points with three decimals": _three,
    "points with three decimals in a change": _three_change,
    "points as a number": _number,
    "points as a number in a change": _number_change,
    "negative points": _minus,
    "negative points in a change": _minus_change,
    "no points": _none,
    "no points in a change": _none_change,
    "points for a profession not applied for": _foreign,
    "points for a profession not applied for in a change": _foreign_change,
    "a decision nobody knows": Bad(
        "review",
        "POST",
        "/review/cases/{case}/decision",
        _json({"decision": "maybe"}),
        422,
        "validation-failed",
        ("body.decision",),
    ),
    "negative days": Bad(
        "review",
        "PUT",
        "/review/policies/{review_unit}",
        _json({"roster_days": -1}),
        422,
        "validation-failed",
        ("body.roster_days",),
    ),
    # questions
    "an as-of date that is none": Bad(
        "practitioner", "GET", STATEMENT + "/2?as_of=yesterday", {}, 422, "validation-failed", ("query.as_of",)
    ),
    "an as-of date that does not exist": Bad(
        "practitioner", "GET", STATEMENT + "/2?as_of=2015-02-29", {}, 422, "validation-failed", ("query.as_of",)
    ),
    "a day before all rules": Bad(
        "practitioner", "GET", STATEMENT + "/2?as_of=1990-01-01", {}, 422, "no-rule-on-that-day"
    ),
    "a statement of no profession": Bad("practitioner", "GET", STATEMENT + "/L", {}, 422, "profession-not-covered"),
    "entries of no profession": Bad(
        "practitioner", "GET", STATEMENT + "/nonsense/entries", {}, 422, "profession-not-covered"
    ),
    "page zero": Bad("offering", "GET", "/enrolment/rosters?page=0", {}, 422, "validation-failed", ("query.page",)),
    "a page too large": Bad(
        "review", "GET", "/review/cases?page_size=100000", {}, 422, "validation-failed", ("query.page_size",)
    ),
    "a status nobody knows": Bad(
        "offering", "GET", "/activities/activities?status=lost", {}, 422, "validation-failed", ("query.status",)
    ),
    "a county without a profession code": Bad(
        "admin",
        "GET",
        "/reporting/attendance-counts?profession=dentist",
        {},
        422,
        "validation-failed",
        ("query.profession",),
    ),
    "an idempotency key with a blank": Bad(
        "offering",
        "POST",
        "/enrolment/rosters/{course}/attendances",
        {"json": {"number": "D000002"}, "headers": {"Idempotency-Key": "two words"}},
        422,
        "validation-failed",
        ("header.Idempotency-Key",),
    ),
    # addresses
    "a roster that is not there": Bad(
        "offering",
        "POST",
        f"/enrolment/rosters/{NOBODY}/attendances",
        _json({"number": "D000002"}),
        404,
        "roster-not-found",
    ),
    "an id that is none": Bad("offering", "GET", "/enrolment/rosters/12", {}, 404, "not-found"),
    "a path no service has": Bad("offering", "GET", "/credits/nothing/here", {}, 404, "not-found"),
    "a service nobody has": Bad("offering", "GET", "/weather/today", {}, 404, "not-found"),
    "a method no route has": Bad(
        "offering", "DELETE", "/enrolment/rosters/{course}/attendances", {}, 405, "method-not-allowed"
    ),
    "a method a read has not": Bad(
        "admin", "POST", "/reporting/attendance-counts", _json({}), 405, "method-not-allowed"
    ),
    # files
    "a file of 42 MB": registry_file(_raw(b"x" * 42_000_000, "text/csv"), 413, "body-too-large"),
    "a roster above its own limit": roster_file(_raw(b"x" * 3_000_000, "text/csv"), 413, "body-too-large"),
    "a registry file with undecodable bytes": registry_file(
        _raw(b"national_id,name\n\xff\xfe\xff\x80", "text/csv"), 422, "file-encoding-unknown"
    ),
    "a roster file with undecodable bytes": roster_file(
        _raw(b"number\n\xff\xfe\xff\x80", "text/csv"), 422, "file-encoding-unknown"
    ),
    "a file in an encoding nobody asked for": roster_file(
        _raw("number\nD000002\n".encode("utf-16"), "text/csv; charset=utf-16"), 422, "file-encoding-unknown"
    ),
    "a registry file with strange columns": registry_file(
        _csv("who,where\nA,B\n"), 422, "csv-header-invalid", "rows[1].column_1", "rows[1].national_id"
    ),
    "a roster file with strange columns": roster_file(
        _csv("number,colour\nD000002,red\n"), 422, "csv-header-invalid", "rows[1].column_2"
    ),
    "a roster file whose quotes never close": roster_file(_csv('number\n"D000002\n'), 422, "csv-malformed"),
    "a registry file whose quotes never close": registry_file(_csv('national_id,"name\n'), 422, "csv-malformed"),
    "a file that says it is JSON": roster_file(_raw(b"number\nD000002\n"), 415, "unsupported-media-type"),
    "an empty file": roster_file(_csv(""), 422, "csv-header-invalid"),
    "one bad row where all or none was asked for": roster_file(
        _csv(f"national_id,role\nA800000014,lecturer\n{WRONG_CHECKSUM},learner\nA870000015,king\n"),
        422,
        "import-refused",
        "rows[3].national_id",
        "rows[4].role",
        query="?mode=all",
    ),
    "a mode nobody knows": roster_file(
        _csv("number\nD000002\n"), 422, "validation-failed", "query.mode", query="?mode=some"
    ),
}
