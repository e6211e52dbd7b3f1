"""Roster files over HTTP: the file itself is the body, as `text/csv`."""

from __future__ import annotations

from functools import partial
from hashlib import sha256
from typing import Annotated, Literal
from uuid import UUID

from litestar import Controller, Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from cec_chassis.csv_upload import csv_operation, read_upload
from cec_chassis.database import Database
from cec_chassis.http import HttpRequest, run_command
from cec_contracts import national_id
from cec_enrolment.imports.columns import OF_MANY_COURSES, OF_ONE_COURSE
from cec_enrolment.imports.import_roster import ImportResult, ImportRoster, import_roster
from cec_enrolment.imports.rows import read_row
from cec_enrolment.rosters.http import KEEPING

BODY_LIMIT = 2_000_000
"""Bytes; ten thousand rows with every column take less than one million."""

Mode = Annotated[
    Literal["partial", "all"],
    QueryParameter(description="部分匯入或全有全無 / `partial` skips refused rows, `all` takes in all rows or none"),
]
DryRun = Annotated[bool, QueryParameter(description="試算，不寫入 / Tells what would happen and writes nothing")]


class ImportController(Controller):
    """Import of rosters 匯入(檔案)."""

    tags = ["imports"]  # noqa: RUF012 - Litestar's own declaration
    request_max_body_size = BODY_LIMIT

    @post(
        "/rosters/{course_id:uuid}/imports",
        guards=[KEEPING],
        status_code=200,
        operation_class=csv_operation(OF_ONE_COURSE),
    )
    async def import_one_roster(
        self,
        request: HttpRequest,
        database: NamedDependency[Database],
        index_key: NamedDependency[bytes],
        course_id: FromPath[UUID],
        mode: Mode = "partial",
        dry_run: DryRun = False,
    ) -> Response[ImportResult]:
        """Take in a file for the roster of one course; tells for each row what became of it."""
        return await _import(request, database, index_key, course_id, mode, dry_run)

    @post("/imports", guards=[KEEPING], status_code=200, operation_class=csv_operation(OF_MANY_COURSES))
    async def import_rosters(
        self,
        request: HttpRequest,
        database: NamedDependency[Database],
        index_key: NamedDependency[bytes],
        mode: Mode = "partial",
        dry_run: DryRun = False,
    ) -> Response[ImportResult]:
        """Take in a file whose rows name their courses by code."""
        return await _import(request, database, index_key, None, mode, dry_run)


async def _import(
    request: HttpRequest,
    database: Database,
    index_key: bytes,
    course_id: UUID | None,
    mode: Literal["partial", "all"],
    dry_run: bool,
) -> Response[ImportResult]:
    columns = OF_MANY_COURSES if course_id is None else OF_ONE_COURSE
    rows = await read_upload(request, columns, partial(read_row, index_of=partial(national_id.index, index_key)))
    digest = sha256(await request.body()).hexdigest()
    command = ImportRoster(course_id=course_id, rows=rows, mode=mode, dry_run=dry_run, file_digest=digest)
    return await run_command(request, database, lambda tx: import_roster(tx, command))
