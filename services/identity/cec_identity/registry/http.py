"""What the registry sends, over HTTP: files and rows of practitioners and of institutions."""

from __future__ import annotations

from typing import Annotated, Any, Final

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import JSONBody, QueryParameter
from msgspec import Meta

from cec_chassis.csv_upload import SPREADSHEET, CsvRow, csv_operation, read_upload
from cec_chassis.database import Database, Transaction
from cec_chassis.http import HttpRequest, Page, Paging, Request, needs, run_command
from cec_identity.registry.import_registry import ImportReport, import_registry
from cec_identity.registry.jobs import ImportJob, imports_page, keep_report, open_import
from cec_identity.registry.kinds import INSTITUTIONS, PRACTITIONERS, Kind
from cec_identity.registry.staged import stage, unstage
from cec_identity.settings import IdentitySettings
from cec_identity.vault import Vault

AT_ONCE: Final = 10_000
"""Rows that one request and one transaction take in good time; more become a job."""
MOST_ROWS: Final = 100_000
FILE_BYTES: Final = 40_000_000
"""A hundred thousand rows are some seventeen million bytes."""
UNPACKED_BYTES: Final = 250_000_000
"""Of a spreadsheet with as many rows and all columns."""
MOST_JSON_ROWS: Final = 5_000
IMPORTING: Final = needs("identity.registry.keep")

DryRun = Annotated[bool, QueryParameter(description="只檢查,不寫入 / Check only, write nothing")]
Cell = Annotated[str, Meta(max_length=200)]
_ANSWERS: Final = {
    200: ResponseSpec(ImportReport, description="Up to 10,000 rows: what became of each", generate_examples=False),
    202: ResponseSpec(ImportJob, description="More rows: a job, at `Location`", generate_examples=False),
}


class RowsRequest(Request):
    """The rows of a file as JSON: each an object of the columns of the file by their English names, all of them text."""

    rows: Annotated[
        list[dict[Annotated[str, Meta(max_length=40)], Cell]], Meta(min_length=1, max_length=MOST_JSON_ROWS)
    ]

    def __repr__(self) -> str:
        """Nothing of them."""
        return f"RowsRequest({len(self.rows)} rows)"


class RegistryController(Controller):
    """Answers up to 10,000 rows at once, takes up to 100,000 as a job. Rows add and correct, they never remove."""

    path = "/registry"
    tags = ("registry",)

    @post(
        "/imports",
        status_code=200,
        guards=[IMPORTING],
        request_max_body_size=FILE_BYTES,
        operation_class=csv_operation(PRACTITIONERS.columns, most_rows=MOST_ROWS, also=(SPREADSHEET,)),
        responses=_ANSWERS,
    )
    async def import_practitioners(
        self,
        request: HttpRequest,
        database: NamedDependency[Database],
        vault: NamedDependency[Vault],
        settings: NamedDependency[IdentitySettings],
        dry_run: DryRun = False,
    ) -> Response[Any]:
        """Import practitioners from a file of the licence registry. Good rows are taken, bad rows reported.

        A file that cannot be read as a whole is refused with 422: `file-encoding-unknown`, `csv-header-invalid`,
        `csv-malformed`, `spreadsheet-unreadable`, `spreadsheet-not-plain`, `too-many-rows`. 409 `registry-import-running`.
        """
        return await _import_file(request, database, vault, settings, PRACTITIONERS, dry_run=dry_run)

    @get("/imports", guards=[needs("identity.registry.read")])
    async def list_imports(
        self, request: HttpRequest, database: NamedDependency[Database], paging: NamedDependency[Paging]
    ) -> Page[ImportJob]:
        """Imports, newest first, also those that were answered at once; a machine account sees its own."""
        async with database.reading() as tx:
            return await imports_page(tx, paging, request.user)

    @post(
        "/institution-imports",
        status_code=200,
        guards=[IMPORTING],
        request_max_body_size=FILE_BYTES,
        operation_class=csv_operation(INSTITUTIONS.columns, most_rows=MOST_ROWS, also=(SPREADSHEET,)),
        responses=_ANSWERS,
    )
    async def import_institutions(
        self,
        request: HttpRequest,
        database: NamedDependency[Database],
        vault: NamedDependency[Vault],
        settings: NamedDependency[IdentitySettings],
        dry_run: DryRun = False,
    ) -> Response[Any]:
        """Import medical institutions 醫事機構 from a file; refused as practitioners are."""
        return await _import_file(request, database, vault, settings, INSTITUTIONS, dry_run=dry_run)

    @post("/rows", status_code=200, guards=[IMPORTING])
    async def take_practitioners(
        self,
        request: HttpRequest,
        data: JSONBody[RowsRequest],
        database: NamedDependency[Database],
        vault: NamedDependency[Vault],
        settings: NamedDependency[IdentitySettings],
        dry_run: DryRun = False,
    ) -> Response[ImportReport]:
        """The rows of a file of practitioners as JSON, for the registry's own system. 409 `registry-import-running`."""
        rows, hours = _rows(data, PRACTITIONERS), settings.registry_result_hours
        return await _import_now(request, database, vault, PRACTITIONERS, rows, hours, dry_run=dry_run)

    @post("/institution-rows", status_code=200, guards=[IMPORTING])
    async def take_institutions(
        self,
        request: HttpRequest,
        data: JSONBody[RowsRequest],
        database: NamedDependency[Database],
        vault: NamedDependency[Vault],
        settings: NamedDependency[IdentitySettings],
        dry_run: DryRun = False,
    ) -> Response[ImportReport]:
        """The rows of a file of institutions as JSON. 409 `registry-import-running`."""
        rows, hours = _rows(data, INSTITUTIONS), settings.registry_result_hours
        return await _import_now(request, database, vault, INSTITUTIONS, rows, hours, dry_run=dry_run)


def _rows(data: RowsRequest, kind: Kind) -> list[CsvRow]:
    """As the file would give them: the first row is line 2. Raises CsvHeaderInvalid for a column that nobody knows, or that
    is missing in all rows."""
    kind.columns.order_in(list(dict.fromkeys(name for row in data.rows for name in row)))
    by_name = {name: column for column, others in kind.columns.headings.items() for name in (column, *others)}
    named = ({by_name.get(name, name): cell.strip() for name, cell in row.items()} for row in data.rows)
    return [
        CsvRow(line, {column: cells.get(column, "") for column in kind.columns.headings})
        for line, cells in enumerate(named, start=2)
    ]


async def _import_file(
    request: HttpRequest,
    database: Database,
    vault: Vault,
    settings: IdentitySettings,
    kind: Kind,
    *,
    dry_run: bool,
) -> Response[Any]:
    staged = await read_upload(
        request, kind.columns, stage, most_rows=MOST_ROWS, spreadsheets=True, most_unpacked=UNPACKED_BYTES
    )
    hours = settings.registry_result_hours
    if len(staged) <= AT_ONCE:
        rows = unstage(staged, kind.columns)
        return await _import_now(request, database, vault, kind, rows, hours, dry_run=dry_run)

    async def command(tx: Transaction) -> ImportJob:
        return await open_import(tx, kind, staged, vault, dry_run=dry_run, keep_hours=hours)

    answer: Response[Any] = await run_command(request, database, command, status=202)
    opened = msgspec.json.decode(answer.content, type=ImportJob)  # under a known key it is the job opened then
    answer.headers["Location"] = f"/api/v1/identity/registry/imports/{opened.import_id}"
    return answer


async def _import_now(
    request: HttpRequest,
    database: Database,
    vault: Vault,
    kind: Kind,
    rows: list[CsvRow],
    keep_hours: int,
    *,
    dry_run: bool,
) -> Response[ImportReport]:
    """A dry run leaves nothing behind, so nothing of it is found again."""
    if dry_run:
        async with database.reading() as tx:
            return Response(await import_registry(tx, kind, rows, vault, dry_run=True))

    async def command(tx: Transaction) -> ImportReport:
        report = await import_registry(tx, kind, rows, vault)
        await keep_report(tx, kind, report, keep_hours=keep_hours)
        return report

    return await run_command(request, database, command)
