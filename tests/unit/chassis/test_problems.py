"""Refusals and how they look on the wire."""

from __future__ import annotations

import msgspec
import pytest

from cec_chassis.problems import FieldError, Refusal, known_refusals


class RosterClosed(Refusal):
    slug = "roster-closed"
    status = 409
    title = "名冊登錄期限已過 / The roster is closed"


def test_a_refusal_becomes_a_problem_document() -> None:
    refusal = RosterClosed("截止日為 2016-07-07", errors=[FieldError("body.role", "unknown-role", "…")])
    written = msgspec.json.encode(refusal.problem(instance="/rosters/1", request_id="abc"))
    assert msgspec.json.decode(written) == {
        "type": "/problems/roster-closed",
        "title": "名冊登錄期限已過 / The roster is closed",
        "status": 409,
        "detail": "截止日為 2016-07-07",
        "instance": "/rosters/1",
        "request_id": "abc",
        "errors": [{"path": "body.role", "slug": "unknown-role", "message": "…"}],
    }


def test_without_a_detail_the_title_speaks() -> None:
    assert RosterClosed().problem().detail == RosterClosed.title


@pytest.mark.parametrize(
    ("facts", "complaint"),
    [
        ({"slug": "x", "status": 409}, "needs title"),
        ({"slug": "Not Kebab", "status": 409, "title": "t"}, "kebab-case"),
        ({"slug": "fine", "status": 200, "title": "t"}, "no status of a refusal"),
    ],
)
def test_a_careless_refusal_fails_when_it_is_defined(facts: dict[str, object], complaint: str) -> None:
    with pytest.raises(TypeError, match=complaint):
        type("Careless", (Refusal,), facts)


def test_no_two_refusals_share_a_slug() -> None:
    slugs = [kind.slug for kind in known_refusals() if kind.__module__.startswith("cec_")]
    assert len(slugs) == len(set(slugs))
    assert {"validation-failed", "malformed-json", "not-found", "internal-error"} <= set(slugs)
