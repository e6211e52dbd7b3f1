"""Credits with the rule sets that come with it loaded, an administrator, and everybody else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import httpx
import pytest
from tests.conftest import MakeDatabase
from tests.support.credits_worker import take_in
from tests.support.facts import News
from tests.support.one_service import OneService
from tests.support.tokens import an_actor

from cec_chassis.context import Actor
from cec_credits.recalculation.loop import drain
from cec_credits.rulesets.edition import PublishedRules
from cec_credits.rulesets.load import DATA
from cec_credits.rulesets.load_bundled import files_in, load_files
from cec_credits.rulesets.mark_affected import mark_affected
from cec_credits.service import SERVICE

TODAY = datetime(2026, 3, 2, 4, tzinfo=UTC)
ADMIN = UUID(int=7)
FILES = files_in(DATA)
R2022 = (DATA / "R2022.toml").read_text(encoding="utf-8")
SOCIAL_WORKERS = (Path(__file__).parent / "social_workers.toml").read_text(encoding="utf-8")


def r2027(**changes: str) -> str:
    """R2022 as a successor from 2027 on; `changes` exchange texts in it, by any name, as "old -> new"."""
    text = R2022.replace('id = "R2022"', 'id = "R2027"').replace('supersedes = ["R2016"]', 'supersedes = ["R2022"]')
    text = text.replace("effective_from = 2022-08-26", "effective_from = 2027-01-01")
    for change in changes.values():
        old, new = change.split(" -> ")
        assert old in text
        text = text.replace(old, new, 1)
    return text


@dataclass
class RulesDesk:
    """The service, its worker done by hand, and who asks."""

    service: OneService
    rules: PublishedRules
    admin: Actor

    async def ask(self, method: str, path: str, body: Any = None, actor: Actor | None = None) -> httpx.Response:
        """As the administrator unless somebody else is named."""
        return await self.service.ask(actor or self.admin, method, path, body)

    async def draft(self, text: str, written_in: str = "toml", **more: Any) -> httpx.Response:
        return await self.ask("POST", "/rule-sets/drafts", {"document": {"format": written_in, "text": text}, **more})

    async def publish(self, text: str, waive: tuple[str, ...] = ()) -> dict[str, Any]:
        """Drafted and published in one go; the answer must be good."""
        drafted = await self.draft(text)
        assert drafted.status_code == 201, drafted.text
        name, revision = drafted.json()["rule_set"], drafted.json()["revision"]
        answer = await self.ask(
            "POST",
            f"/rule-sets/drafts/{name}/publish",
            {"revision": revision, "reason": "測試", "waive": list(waive)},
        )
        assert answer.status_code == 200, answer.text
        published: dict[str, Any] = answer.json()
        return published

    async def take_in(self, *news: News) -> None:
        await take_in(self.service.database, news)

    async def work(self) -> None:
        """What the worker does until nothing is left: mark whom a publication touches, recalculate."""
        stop = asyncio.Event()
        await mark_affected(self.service.database, stop)
        await drain(self.service.database, self.rules, stop)

    async def look(self, practitioner_id: UUID, profession: str, asked: dict[str, str] | None = None) -> httpx.Response:
        """At somebody's statement, for an audit."""
        path = f"/statements/{practitioner_id}/{profession}?{urlencode(asked or {})}"
        return await self.service.ask(self.admin, "GET", path, headers={"X-Purpose": "audit"})

    async def statement(
        self, practitioner_id: UUID, profession: str, asked: dict[str, str] | None = None
    ) -> dict[str, Any]:
        answer = await self.look(practitioner_id, profession, asked)
        assert answer.status_code == 200, answer.text
        statement: dict[str, Any] = answer.json()
        return statement


@pytest.fixture
async def rules(make_database: MakeDatabase) -> AsyncIterator[RulesDesk]:
    service = await OneService.start(SERVICE, await make_database("credits"), TODAY)
    async with service.database.transaction() as tx:
        await load_files(tx, FILES)
    yield RulesDesk(service, PublishedRules(), an_actor("system_administrator", account_id=ADMIN))
    await service.close()
