"""`python -m cec_reporting audit-heads`: what was told, for `python -m cec_<service> audit verify --heads -`."""

from __future__ import annotations

import asyncio
from typing import Annotated

import msgspec
import typer

from cec_chassis.service import Runtime, Service
from cec_reporting.audit_heads.queries import AuditHeadView, all_heads


def add_audit_heads(cli: typer.Typer, service: Service) -> None:
    """Adds the command."""

    @cli.command(name="audit-heads")
    def audit_heads(
        of: Annotated[str | None, typer.Option(help="of this service only")] = None,
    ) -> None:
        """Print the heads that were told, one JSON object a line."""
        for head in asyncio.run(_heads(service, of)):
            typer.echo(msgspec.json.encode(head).decode())


async def _heads(service: Service, of: str | None) -> list[AuditHeadView]:
    runtime = Runtime(service, service.load_settings())
    try:
        async with runtime.database("cli", 1).reading() as tx:
            return await all_heads(tx, of)
    finally:
        await runtime.close()
