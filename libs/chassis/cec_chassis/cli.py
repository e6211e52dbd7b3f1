"""The command line every service has: `python -m cec_<service> serve | work | relay | all | migrate | …`."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
import typer
import uvloop
from aio_pika.exceptions import DeliveryError

from cec_chassis.audit.commands import audit_cli
from cec_chassis.bus import parking
from cec_chassis.bus.names import QueueNames
from cec_chassis.http.openapi import openapi_document
from cec_chassis.outbox.republish import republish
from cec_chassis.processes import migrate_and_prepare, run
from cec_chassis.service import Runtime, Service

AllParked = Annotated[bool, typer.Option("--all", help="every parked message")]


def _run(work: Coroutine[Any, Any, Any]) -> Any:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


def service_cli(service: Service) -> typer.Typer:
    """The commands of one service; a service may add its own."""
    cli = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

    @cli.command()
    def serve() -> None:
        """Answer HTTP."""
        _run(run(service, "serve"))

    @cli.command()
    def work() -> None:
        """Take events in, and do what is due."""
        _run(run(service, "work"))

    @cli.command()
    def relay() -> None:
        """Send what was committed."""
        _run(run(service, "relay"))

    @cli.command(name="all")
    def all_parts() -> None:
        """API, worker and relay in one process."""
        _run(run(service, "all"))

    @cli.command()
    def migrate() -> None:
        """Bring the database to the newest schema and prepare what must exist."""
        _run(migrate_and_prepare(service))

    @cli.command()
    def openapi() -> None:
        """Print the OpenAPI document."""
        typer.echo(msgspec.json.format(msgspec.json.encode(document_of(service)), indent=2).decode())

    @cli.command(name="republish")
    def republish_command(
        to: Annotated[str, typer.Option(help="the consuming service that rebuilds its copy")],
        types: Annotated[list[str] | None, typer.Option("--type", help="event type; default all of ours")] = None,
        since: Annotated[
            datetime | None, typer.Option(help="only events that happened at or after this UTC time")
        ] = None,
    ) -> None:
        """Send kept events once more, to one consumer only."""
        try:
            sent = _run(_republish(service, to, types, since))
        except DeliveryError as error:
            raise typer.BadParameter(
                f"no service {to!r} takes replays: the queue {QueueNames(to).replay!r} does not exist. Name a service "
                "that has been started once, for example --to credits"
            ) from error
        typer.echo(f"{sent} events sent to {QueueNames(to).replay}")

    _add_parking(cli, service)
    cli.add_typer(audit_cli(service), name="audit")
    return cli


def _add_parking(cli: typer.Typer, service: Service) -> None:
    @cli.command()
    def parked(reason: str | None = None, limit: int = 100) -> None:
        """List parked messages, oldest first, one JSON line each."""
        rows = _run(_parked(service, reason, limit))
        for row in rows:
            typer.echo(msgspec.json.encode(dict(row._mapping)).decode())
        if not rows:  # beside the lines, for people: who reads the lines by program reads none
            typer.echo(f"沒有擱置的訊息 / Nothing is parked in {service.name}", err=True)

    @cli.command()
    def redrive(
        ids: Annotated[list[UUID] | None, typer.Argument(help="parked message ids")] = None,
        reason: Annotated[str | None, typer.Option(help="all that were parked for this reason")] = None,
        everything: AllParked = False,
        by: Annotated[str, typer.Option(help="who decides; kept with the message")] = "operator",
    ) -> None:
        """Give parked messages to this service's consumer again."""
        if not ids and not reason and not everything:
            raise typer.BadParameter("name message ids, --reason or --all")
        typer.echo(f"{_run(_redrive(service, ids, reason, by))} messages redriven")

    @cli.command()
    def discard(message_id: UUID, reason: str, by: str = "operator") -> None:
        """Decide that a parked message is never taken in; the row and the reason stay."""
        if not _run(_discard(service, message_id, by, reason)):
            typer.echo("no such parked message", err=True)
            raise typer.Exit(1)


def document_of(service: Service) -> dict[str, Any]:
    """The service's OpenAPI 3.1 document; needs no database and no environment."""
    return openapi_document(service.create_app(Runtime(service, service.documentation_settings())))


async def _republish(service: Service, to: str, types: list[str] | None, since: datetime | None) -> int:
    settings = service.load_settings()
    runtime = Runtime(service, settings)
    return await republish(
        service=service.name,
        dsn=runtime.database("republish", 1).dsn,
        amqp_url=settings.amqp_url,
        to=to,
        types=types or [event.name for event in service.publishes],
        since=since,
    )


async def _parked(service: Service, reason: str | None, limit: int) -> list[Any]:
    runtime = Runtime(service, service.load_settings())
    try:
        async with runtime.database("cli", 1).reading() as tx:
            return list(await parking.list_parked(tx, service.name, reason, limit))
    finally:
        await runtime.close()


async def _redrive(service: Service, ids: list[UUID] | None, reason: str | None, by: str) -> int:
    settings = service.load_settings()
    runtime = Runtime(service, settings)
    try:
        return await parking.redrive(
            runtime.database("cli", 1), settings.amqp_url, service.name, ids=ids or None, reason=reason, by=by
        )
    finally:
        await runtime.close()


async def _discard(service: Service, message_id: UUID, by: str, reason: str) -> bool:
    runtime = Runtime(service, service.load_settings())
    try:
        async with runtime.database("cli", 1).transaction() as tx:
            return await parking.discard(tx, service.name, message_id, by=by, reason=reason)
    finally:
        await runtime.close()
