"""The registry import over HTTP: a CSV file as the body, one result for each row as the answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from litestar import Controller, Response, post
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIType, Operation, RequestBody, Schema
from litestar.params import Parameter

from cec_chassis.database import Database, Transaction
from cec_chassis.http import HttpRequest, Role, allow, expect_media_type, run_command
from cec_identity.registry.import_registry import ImportReport, import_registry, read_registry
from cec_identity.registry.rows import COLUMNS
from cec_identity.vault import Vault

CSV = "text/csv"


@dataclass
class CsvOperation(Operation):
    """Tells the OpenAPI document of the body, which the handler reads itself."""

    request_body: RequestBody | None = field(
        default_factory=lambda: RequestBody(
            required=True,
            description=f"UTF-8 或 Big5,首列為欄位名稱 / UTF-8 or Big5, the header line being: {','.join(COLUMNS)}",
            content={CSV: OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING))},
        )
    )


class RegistryController(Controller):
    path = "/registry"
    tags = ("registry",)

    @post(
        "/imports",
        status_code=200,
        guards=[allow(Role.SYSTEM_ADMINISTRATOR)],
        operation_class=CsvOperation,
    )
    async def import_registry_file(
        self,
        request: HttpRequest,
        database: Database,
        vault: Vault,
        dry_run: Annotated[bool, Parameter(description="只檢查,不寫入 / Check only, write nothing")] = False,
    ) -> Response[ImportReport]:
        """Import practitioners from a file of the licence registry. Good rows are taken, bad rows reported.

        A file that cannot be read as a whole is refused with 422: `file-encoding-unknown`, `csv-header-invalid`,
        `csv-malformed`, `too-many-rows`. 409 `registry-import-running`.
        """
        expect_media_type(request, CSV)
        rows = await read_registry(await request.body(), vault, request.content_type[1].get("charset"))
        if dry_run:
            async with database.reading() as tx:
                return Response(await import_registry(tx, rows, vault, dry_run=True))

        async def command(tx: Transaction) -> ImportReport:
            return await import_registry(tx, rows, vault)

        return await run_command(request, database, command)
