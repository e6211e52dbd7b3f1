"""What administrators see of recalculation: what reconciliation found, whose recalculation failed, what waits."""

from __future__ import annotations

from datetime import datetime

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency

from cec_chassis.database import Database
from cec_chassis.http import Page, Paging, needs
from cec_credits.recalculation.failures import Failure, newest
from cec_credits.recalculation.reports import Progress, Report, progress, reports

SHOWN = 100
"""How many failures are shown; their number is told in full."""
WAITING = "SELECT count(*) AS marked, min(since) AS oldest FROM dirty_standings"


class ReconciliationView(msgspec.Struct, frozen=True):
    """Whether the stored standings are those of the facts.

    `marked` changes wait to be worked in, the oldest since `oldest_mark`. `reports` are the runs that found a difference.
    """

    progress: Progress
    marked: int
    oldest_mark: datetime | None
    failures: list[Failure]
    failures_total: int
    reports: Page[Report]


class ReconciliationController(Controller):
    path = "/reconciliation"
    tags = ("recalculation",)

    @get("/", guards=[needs("credits.reconciliation.read")])
    async def reconciliation(
        self, database: NamedDependency[Database], paging: NamedDependency[Paging]
    ) -> ReconciliationView:
        """Stored standings held against the facts, and recalculations that failed."""
        async with database.reading() as tx:
            total, found = await reports(tx, paging.limit, paging.offset)
            failures_total, failures = await newest(tx, SHOWN)
            waiting = await tx.one(WAITING)
            return ReconciliationView(
                progress=await progress(tx),
                marked=waiting.marked,
                oldest_mark=waiting.oldest,
                failures=failures,
                failures_total=failures_total,
                reports=paging.of(found, total),
            )
