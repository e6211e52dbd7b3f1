"""Large imports over HTTP: how far they are, and what became of their rows."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from cec_chassis.database import Database
from cec_chassis.http import (
    CursorPage,
    HttpRequest,
    csv_download,
    decode_cursor,
    encode_cursor,
    needs,
)
from cec_identity.registry.jobs import STEP, ImportJob, find_import, results_after
from cec_identity.registry.results import Outcome, RowResult
from cec_identity.sign_in.http import refused

HEADER = (
    "行 / Line",
    "結果 / Result",
    "代碼 / Number",
    "人員識別碼 / Practitioner",
    "錯誤 / Errors",
    "提醒 / Warnings",
)
Only = Annotated[Outcome | None, QueryParameter(name="result", description="僅列此結果 / Only rows of this result")]

_REMOVED = {410: refused("結果已刪除 / The results have been removed")}


class ImportController(Controller):
    path = "/registry/imports/{import_id:uuid}"
    tags = ("registry",)
    guards = (needs("identity.registry.read"),)

    @get("/")
    async def read_import(
        self, request: HttpRequest, import_id: FromPath[UUID], database: NamedDependency[Database]
    ) -> ImportJob:
        """How far an import is. 404."""
        async with database.reading() as tx:
            return await find_import(tx, import_id, request.user)

    @get("/results", responses=_REMOVED)
    async def read_results(
        self,
        request: HttpRequest,
        import_id: FromPath[UUID],
        database: NamedDependency[Database],
        only: Only = None,
        cursor: Annotated[str | None, QueryParameter(max_length=100, description="接續處 / Where to go on")] = None,
    ) -> CursorPage[RowResult]:
        """What became of the rows that are done, in the order of the file. 404, 410 `import-results-removed`."""
        after = 0 if cursor is None else decode_cursor(cursor, tuple[int])[0]
        async with database.reading() as tx:
            job = await find_import(tx, import_id, request.user)
            found = await results_after(tx, job, after, STEP, only)
        return CursorPage(items=found, next_cursor=encode_cursor(found[-1].line) if len(found) == STEP else None)

    @get("/results.csv", media_type="text/csv", responses=_REMOVED)
    async def download_results(
        self,
        request: HttpRequest,
        import_id: FromPath[UUID],
        database: NamedDependency[Database],
        only: Only = None,
    ) -> Response[bytes]:
        """The same as one CSV file. 404, 410 `import-results-removed`."""
        lines: list[tuple[object, ...]] = []
        async with database.reading() as tx:
            job = await find_import(tx, import_id, request.user)
            while found := await results_after(tx, job, lines[-1][0] if lines else 0, STEP, only):  # type: ignore[arg-type]
                lines += [_cells(result) for result in found]
        return csv_download(f"匯入結果-{import_id}.csv", HEADER, lines)


def _cells(result: RowResult) -> tuple[object, ...]:
    told = ["; ".join(f"{each.path}: {each.message}" for each in errors) for errors in (result.errors, result.warnings)]
    return (result.line, result.outcome.value, result.number, result.practitioner_id, *told)
