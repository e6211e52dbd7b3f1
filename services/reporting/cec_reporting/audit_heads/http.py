"""Heads over HTTP, for administrators."""

from __future__ import annotations

from typing import Annotated

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from cec_chassis.database import Database
from cec_chassis.http import Page, Paging, needs
from cec_reporting.audit_heads.queries import AuditHeadView, heads_page

OfService = Annotated[str | None, QueryParameter(min_length=1, max_length=40, description="服務名稱 / Service")]


class AuditHeadController(Controller):
    """Heads of the audit chains 稽核鏈末端."""

    tags = ("audit",)

    @get("/audit-heads", guards=[needs("reporting.audit_heads.read")])
    async def audit_heads(
        self, database: NamedDependency[Database], paging: NamedDependency[Paging], service: OfService = None
    ) -> Page[AuditHeadView]:
        """What each service said of its audit chain, the newest first."""
        async with database.reading() as tx:
            return await heads_page(tx, paging, service)
