"""Refusals and how they look on the wire."""

from __future__ import annotations

from importlib import import_module
from pkgutil import walk_packages

import msgspec
import pytest
from deploy.documents.services import service_names

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


def import_everything_of(service: str) -> None:
    package = import_module(f"cec_{service}")
    for module in walk_packages(package.__path__, f"{package.__name__}."):
        if not module.name.endswith(".__main__"):
            import_module(module.name)


def test_no_two_refusals_share_a_slug() -> None:
    """Neither within a service nor between two: a client that talks to several knows a refusal by its slug alone."""
    for service in service_names():
        import_everything_of(service)
    named: dict[str, set[str]] = {}
    for kind in known_refusals():
        if kind.__module__.startswith("cec_"):
            named.setdefault(kind.slug, set()).add(f"{kind.__module__}.{kind.__qualname__}")
    assert {slug: kinds for slug, kinds in named.items() if len(kinds) > 1} == {}
    assert {"validation-failed", "malformed-json", "roster-closed", "activity-frozen", "case-already-decided"} <= set(
        named
    )
