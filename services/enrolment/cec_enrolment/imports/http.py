"""Roster files over HTTP: the file itself is the body, as `text/csv`."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import Annotated, Literal
from uuid import UUID

from litestar import Controller, Response, post
from litestar.openapi.spec import OpenAPIMediaType, Operation, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIType
from litestar.params import Parameter

from cec_chassis.database import Database
from cec_chassis.http import HttpRequest, expect_media_type, run_command
from cec_contracts import national_id
from cec_enrolment.imports.csv_file import RosterRow, read_rows
from cec_enrolment.imports.encoding import text_of
from cec_enrolment.imports.import_roster import ImportResult, ImportRoster, import_roster
from cec_enrolment.rosters.http import KEEPING

BODY_LIMIT = 2_000_000
"""Bytes; ten thousand rows with every column take less than one million."""

Mode = Annotated[
    Literal["partial", "all"],
    Parameter(description="部分匯入或全有全無 / `partial` skips refused rows, `all` takes in all rows or none"),
]
DryRun = Annotated[bool, Parameter(description="試算，不寫入 / Tells what would happen and writes nothing")]


@dataclass
class CsvOperation(Operation):
    """Says in the OpenAPI document what the body is, which is read raw."""

    def __post_init__(self) -> None:
        self.request_body = RequestBody(
            content={"text/csv": OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING))},
            description=(
                "UTF-8 或 Big5；標題列 / UTF-8 or Big5 with a header line: course_code (`/imports` only), "
                "national_id or number, and as wanted role, minutes, profession"
            ),
            required=True,
        )


class ImportController(Controller):
    """Import of rosters 匯入(檔案)."""

    tags = ["imports"]  # noqa: RUF012 - Litestar's own declaration
    request_max_body_size = BODY_LIMIT

    @post("/rosters/{course_id:uuid}/imports", guards=[KEEPING], status_code=200, operation_class=CsvOperation)
    async def import_one_roster(
        self,
        request: HttpRequest,
        database: Database,
        index_key: bytes,
        course_id: UUID,
        mode: Mode = "partial",
        dry_run: DryRun = False,
    ) -> Response[ImportResult]:
        """Take in a file for the roster of one course; tells for each row what became of it."""
        return await _import(request, database, index_key, course_id, mode, dry_run)

    @post("/imports", guards=[KEEPING], status_code=200, operation_class=CsvOperation)
    async def import_rosters(
        self,
        request: HttpRequest,
        database: Database,
        index_key: bytes,
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
    expect_media_type(request, "text/csv")
    content = await request.body()
    charset = request.content_type[1].get("charset")
    # Reading ten thousand rows takes a good part of a second: not on the loop, and before the rosters are held.
    rows = await asyncio.to_thread(_rows, content, charset, index_key, course_id is None)
    command = ImportRoster(
        course_id=course_id, rows=rows, mode=mode, dry_run=dry_run, file_digest=sha256(content).hexdigest()
    )
    return await run_command(request, database, lambda tx: import_roster(tx, command))


def _rows(content: bytes, charset: str | None, index_key: bytes, with_course: bool) -> list[RosterRow]:
    return read_rows(text_of(content, charset), partial(national_id.index, index_key), with_course=with_course)
