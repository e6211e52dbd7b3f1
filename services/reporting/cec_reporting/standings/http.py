"""Counts of compliance over HTTP, as JSON and as a file for spreadsheets."""

from __future__ import annotations

from litestar import Controller, Response, get
from litestar.di import NamedDependency

from cec_chassis.clock import TAIPEI
from cec_chassis.database import Database
from cec_chassis.http import csv_download, needs
from cec_reporting.activities.http import Profession
from cec_reporting.standings.queries import ComplianceCounts, compliance_of

READING = needs("reporting.compliance.read")

HEADER = (
    "人員類別 profession",
    "更新月份 renewal month",
    "人數 practitioners",
    "已達標 met",
    "未達標 not met",
    "資料時間 as of",
)


class ComplianceCountController(Controller):
    """Compliance by profession and renewal month 積分達標統計."""

    tags = ["compliance-counts"]  # noqa: RUF012 - Litestar's own declaration

    @get("/compliance-counts", guards=[READING])
    async def compliance_counts(
        self, database: NamedDependency[Database], profession: Profession = None
    ) -> ComplianceCounts:
        """How many meet their requirement, by profession and by the month in which the renewal window closed."""
        async with database.reading() as tx:
            return await compliance_of(tx, profession)

    @get("/compliance-counts.csv", guards=[READING], media_type="text/csv")
    async def compliance_counts_file(
        self, database: NamedDependency[Database], profession: Profession = None
    ) -> Response[bytes]:
        """The same as CSV (UTF-8 with a mark, so that Excel reads it; nothing in it can run as a formula)."""
        async with database.reading() as tx:
            counts = await compliance_of(tx, profession)
        at = counts.as_of.astimezone(TAIPEI) if counts.as_of else None
        rows = ((r.profession, r.renewal_month, r.practitioners, r.met, r.not_met, at) for r in counts.rows)
        return csv_download("積分達標統計.csv", HEADER, rows)
