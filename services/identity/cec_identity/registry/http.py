"""The registry import over HTTP: a CSV file as the body, one result for each row as the answer."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from litestar import Controller, Response, post
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from cec_chassis.csv_upload import csv_operation, read_upload
from cec_chassis.database import Database, Transaction
from cec_chassis.http import HttpRequest, needs, run_command
from cec_identity.registry.import_registry import ImportReport, import_registry
from cec_identity.registry.rows import COLUMNS, read_row
from cec_identity.vault import Vault


class RegistryController(Controller):
    path = "/registry"
    tags = ("registry",)

    @post(
        "/imports",
        status_code=200,
        guards=[needs("identity.registry.keep")],
        operation_class=csv_operation(COLUMNS),
    )
    async def import_registry_file(
        self,
        request: HttpRequest,
        database: NamedDependency[Database],
        vault: NamedDependency[Vault],
        dry_run: Annotated[bool, QueryParameter(description="只檢查,不寫入 / Check only, write nothing")] = False,
    ) -> Response[ImportReport]:
        """Import practitioners from a file of the licence registry. Good rows are taken, bad rows reported.

        A file that cannot be read as a whole is refused with 422: `file-encoding-unknown`, `csv-header-invalid`,
        `csv-malformed`, `too-many-rows`. 409 `registry-import-running`.
        """
        rows = await read_upload(request, COLUMNS, partial(read_row, index_key=vault.index_key))
        if dry_run:
            async with database.reading() as tx:
                return Response(await import_registry(tx, rows, vault, dry_run=True))

        async def command(tx: Transaction) -> ImportReport:
            return await import_registry(tx, rows, vault)

        return await run_command(request, database, command)
