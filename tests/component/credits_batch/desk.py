"""Credits with people and their records, asked by somebody who may."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

import httpx
import msgspec
from tests.support.credits_worker import recalculate, take_in
from tests.support.facts import NAMESPACE, News, approval_of, attendance_of, practitioner_of
from tests.support.one_service import OneService
from tests.support.tokens import an_actor

from cec_chassis.context import Actor
from cec_contracts import national_id, review
from cec_credits.batch.cases import Cases
from cec_credits.batch.loop import answer_a_piece
from cec_credits.rulesets.edition import PublishedRules
from cec_credits.rulesets.load import DATA
from cec_credits.rulesets.load_bundled import files_in, load_files
from cec_credits.service import SERVICE
from cec_credits.settings import CreditsSettings

TODAY = datetime(2022, 10, 1, 4, tzinfo=UTC)
KEY = "a key of thirty-two bytes or more"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ADMIN = an_actor("system_administrator", account_id=UUID(int=7))
PURPOSE = {"X-Purpose": "renewal"}


class Settings(CreditsSettings, frozen=True, kw_only=True):
    """With a key that can be used."""

    national_id_index_key: str = KEY


def a_person(at: int) -> UUID:
    return uuid5(NAMESPACE, f"person {at}")


def an_id(at: int) -> str:
    """A national ID whose checksum holds."""
    for last in range(10):
        number = f"A1{at:07d}{last}"
        try:
            return national_id.validate(number)
        except national_id.InvalidNationalId:
            continue
    raise AssertionError


def told_of(at: int, *, profession: str = "F", name: str = "王測試", **changes: Any) -> News:
    """News of a practitioner with national ID, number `P…` and certificate `C…`."""
    case = {
        "profession": profession,
        "licence": {"valid_from": "2017-01-01", "valid_until": "2023-01-01", "extended_until": None},
        "practice_areas": [],
    }
    news = practitioner_of(case, a_person(at))
    certificates = [msgspec.structs.replace(news.body.certificates[0], number=f"C{at:06d}")]
    body = msgspec.structs.replace(
        news.body,
        number=f"P{at:06d}",
        name=name,
        national_id_index=national_id.index(KEY.encode(), an_id(at)),
        national_id_masked=national_id.mask(an_id(at)),
        certificates=certificates,
    )
    return News(news.event, news.subject, news.sequence, msgspec.structs.replace(body, **changes))


def courses(count: int) -> list[News]:
    """Approved courses of two points each, by turns professional and quality."""
    made = []
    for at in range(count):
        starts = datetime(2020, 1, 1, 1, tzinfo=UTC) + timedelta(days=at)
        record = {
            "method": "M01",
            "attribute": "professional" if at % 2 else "quality",
            "role": "learner",
            "infection_control": False,
            "gender": False,
            "starts_at": starts.isoformat(),
            "ends_at": (starts + timedelta(minutes=100)).isoformat(),
            "minutes": 100,
        }
        made.append(approval_of(a_course(at), record, "F", Decimal(2)))
    return made


def a_course_withdrawn(at: int) -> News:
    """The approval of the course is taken back."""
    granted = courses(at + 1)[at]
    body = msgspec.structs.replace(granted.body, status="withdrawn", reason="不符規定")
    return News(review.COURSE_APPROVAL_WITHDRAWN, granted.subject, 2, body)


def a_course(at: int) -> UUID:
    return uuid5(NAMESPACE, f"course {at}")


def attended(person: int, courses: int) -> list[News]:
    return [attendance_of(a_person(person), a_course(at), "F", "learner") for at in range(courses)]


def a_csv(rows: Sequence[Sequence[str]], header: Sequence[str] = ("national_id",)) -> bytes:
    written = io.StringIO()
    csv.writer(written).writerows([header, *rows])
    return written.getvalue().encode()


@dataclass
class BatchDesk(OneService):
    """Sends files, does the worker's part by hand."""

    rules: PublishedRules = field(default_factory=PublishedRules)
    cases: Cases = field(default_factory=Cases)

    async def send(
        self, content: bytes, query: str = "", *, actor: Actor = ADMIN, media_type: str = "text/csv", key: str = ""
    ) -> httpx.Response:
        sent = self.headers_of(actor) | {"Content-Type": media_type, **PURPOSE}
        if key:
            sent["Idempotency-Key"] = key
        return await self.client.post(f"/batches?{query}", content=content, headers=sent)

    async def fetch(self, path: str, actor: Actor = ADMIN) -> httpx.Response:
        return await self.ask(actor, "GET", path)

    async def take_in(self, *news: News) -> None:
        await take_in(self.database, news)

    async def recalculate(self) -> None:
        await recalculate(self.database)

    async def work(self) -> int:
        """Until no piece is left; how many there were."""
        pieces = 0
        while await answer_a_piece(self.database, self.rules, self.cases):
            pieces += 1
        return pieces


async def a_desk(database_url: str, settings: CreditsSettings | None = None) -> BatchDesk:
    """With the rule sets that come with the service; `close` it."""
    desk = await BatchDesk.start(replace(SERVICE, settings=Settings), database_url, TODAY, settings)
    assert isinstance(desk, BatchDesk)
    async with desk.database.transaction() as tx:
        await load_files(tx, files_in(DATA))
    return desk
