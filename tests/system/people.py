"""The people of the system: one of every role and a second one of those who must not see the first one's things."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
from tests.support.eventually import eventually

from cec_local.demo.data import read_json
from cec_local.stack import Stack

LENIENT_SECONDS = 30.0


@dataclass(frozen=True)
class Caller:
    """Somebody who has signed in, or (with no tokens) nobody. Paths begin with the service: `/credits/rule-sets`."""

    http: httpx.AsyncClient
    tokens: Mapping[str, Any] = field(repr=False)

    async def ask(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **request: Any
    ) -> httpx.Response:
        """Any request, any answer."""
        token = self.tokens.get("access_token")
        sent = {"Authorization": f"Bearer {token}"} if token else {}
        return await self.http.request(method, path, headers={**sent, **(headers or {})}, **request)

    async def get(self, path: str, **query: Any) -> Any:
        """The body of a good answer."""
        return _body(await self.ask("GET", path, params=query))

    async def post(self, path: str, body: Any = None) -> Any:
        """The body of a good answer."""
        return _body(await self.ask("POST", path, json=body if body is not None else {}))

    async def upload(self, path: str, content: bytes, content_type: str = "text/csv") -> Any:
        """The body of a good answer to a file."""
        return _body(await self.ask("POST", path, content=content, headers={"Content-Type": content_type}))


@dataclass(frozen=True)
class World:
    """Who is there, and some things that are there since the main job."""

    http: httpx.AsyncClient
    nobody: Caller
    admin: Caller
    offering: Caller
    other_offering: Caller
    review: Caller
    other_review: Caller
    committee: Caller
    practitioner: Caller
    other_practitioner: Caller
    other_system: Caller
    course: Mapping[str, Any]
    """An approved course of `offering`, with its code and a roster that may be changed."""
    case: Mapping[str, Any]
    """A case that `review` has not decided, with its activity."""

    @property
    def by_role(self) -> dict[str, Caller]:
        """One caller for each role."""
        people = (self.admin, self.offering, self.review, self.committee, self.practitioner, self.other_system)
        return {person.tokens["role"]: person for person in people}

    @property
    def practitioner_id(self) -> str:
        return str(self.practitioner.tokens["practitioner_id"])

    async def close(self) -> None:
        await self.http.aclose()


async def sign_in(http: httpx.AsyncClient, name: str, password: str) -> Caller:
    """Raises HTTPStatusError."""
    return Caller(http, _body(await http.post("/identity/sign-in", json={"name": name, "password": password})))


async def make_world(stack: Stack) -> World:
    """After the demo's walk: opens the accounts that the walk does not need, and signs everybody in."""
    http = httpx.AsyncClient(base_url=f"{stack.gateway.url}/api/v1", timeout=30, trust_env=False)
    people = read_json("organisations.json")
    password = stack.demo_password
    admin = await sign_in(http, *stack.administrator)
    own = {unit: await _organisation(admin, people[unit]["code"]) for unit in ("offering_unit", "review_unit")}
    others = {
        "offering_unit": await _register(admin, "D1002", "另一學會", offers_courses=True),
        "review_unit": await _register(admin, "R1002", "另一公會", reviews_courses=True),
    }
    second = (await admin.get("/identity/practitioners", number="D000002"))["items"][0]
    accounts: dict[str, dict[str, Any]] = {
        "another-offering": {"role": "offering_unit", "organisation_id": others["offering_unit"]},
        "another-review": {"role": "review_unit", "organisation_id": others["review_unit"]},
        "a-committee-member": {"role": "committee_member", "organisation_id": own["review_unit"]},
        "another-practitioner": {"role": "practitioner", "practitioner_id": second["practitioner_id"]},
        "a-foreign-system": {"role": "other_system"},
    }
    for name, account in accounts.items():
        await admin.post("/identity/accounts", {"name": name, "password": password, **account})
    names = [people[who]["account"] for who in own] + [people["practitioner_account"], *accounts]
    callers = await asyncio.gather(*(sign_in(http, name, password) for name in names))
    offering, review, practitioner, other_offering, other_review, committee, other_practitioner, system = callers
    return World(
        http=http,
        nobody=Caller(http, {}),
        admin=admin,
        offering=offering,
        other_offering=other_offering,
        review=review,
        other_review=other_review,
        committee=committee,
        practitioner=practitioner,
        other_practitioner=other_practitioner,
        other_system=system,
        course=(await offering.get("/enrolment/rosters", open="true"))["items"][0],
        case=await _open_case(offering, review),
    )


def proposal(review_unit_id: str, **changes: Any) -> dict[str, Any]:
    """An activity with one course, as a unit may hand it in, unless `changes` spoil it."""
    course = {
        "title": "感染管制實務",
        "attribute": "professional",
        "starts_at": "2016-05-03T09:00:00+08:00",
        "ends_at": "2016-05-03T12:00:00+08:00",
    }
    return {
        "title": "感染管制研討會",
        "review_unit_id": review_unit_id,
        "method": "M01",
        "professions": ["2"],
        "starts_on": "2016-05-03",
        "ends_on": "2016-05-03",
        "county": "臺北市",
        "courses": [course],
        **changes,
    }


async def _open_case(offering: Caller, review: Caller) -> dict[str, Any]:
    """Submitted, on the review unit's desk, and left there."""
    body = proposal(str(review.tokens["organisation_id"]))
    made = await offering.post("/activities/activities", body)
    await offering.post(f"/activities/activities/{made['activity_id']}/submit")
    found: list[dict[str, Any]] = []

    async def has_arrived() -> bool:
        found[:] = (await review.get("/review/cases", activity_id=made["activity_id"]))["items"]
        return bool(found)

    await eventually(has_arrived, within=LENIENT_SECONDS)
    return found[0]


async def _organisation(admin: Caller, code: str) -> str:
    return str((await admin.get("/identity/organisations", code=code))["items"][0]["organisation_id"])


async def _register(admin: Caller, code: str, name: str, **what: bool) -> str:
    body = {"code": code, "name": name, "kind": "學會", "county": "臺北市", **what}
    return str((await admin.post("/identity/organisations", body))["organisation_id"])


def _body(answer: httpx.Response) -> Any:
    if answer.is_error:
        raise AssertionError(f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text}")
    return answer.json() if answer.content else None
