"""`python -m cec_credits <command>`."""

from __future__ import annotations

import asyncio
from typing import Annotated
from uuid import UUID

import msgspec
import typer

from cec_chassis.cli import service_cli
from cec_chassis.clock import SystemClock
from cec_chassis.database import Database
from cec_chassis.service import Runtime
from cec_credits.evaluate import evaluate
from cec_credits.recalculation.mark_again import failed, mark_again
from cec_credits.recalculation.rebuild.run import Progress, Result
from cec_credits.recalculation.rebuild.run import rebuild as rebuild_standings
from cec_credits.service import SERVICE

LISTED = 1_000
"""How many failures `recalculate --list` prints."""
PATIENCE_SECONDS = 16 * 60.0
"""For the keys of a rebuilt table of a million rows."""

cli = service_cli(SERVICE)
cli.command()(evaluate)


@cli.command()
def recalculate(
    only_failed: Annotated[
        bool, typer.Option("--failed", help="先前失敗者（預設） / those that failed before")
    ] = False,
    everybody: Annotated[bool, typer.Option("--all", help="全部重算 / everybody")] = False,
    practitioner: Annotated[UUID | None, typer.Option(help="單一醫事人員 / one practitioner, by id")] = None,
    show: Annotated[bool, typer.Option("--list", help="只列出失敗者 / list the failed ones, mark nobody")] = False,
) -> None:
    """標記後由背景程式重新計算 / Mark standings again; the workers recalculate them."""
    if (only_failed, everybody, practitioner is not None, show).count(True) > 1:
        raise typer.BadParameter("one of --failed, --all, --practitioner, --list")
    runtime = Runtime(SERVICE, SERVICE.load_settings())
    if show:
        total, failures = asyncio.run(failed(runtime, LISTED))
        for each in failures:
            typer.echo(msgspec.json.encode(each).decode())
        typer.echo(f"{total} recalculations failed", err=True)
        return
    marked = asyncio.run(mark_again(runtime, everybody=everybody, practitioner=practitioner))
    typer.echo(f"{marked} standings marked")


@cli.command()
def rebuild(
    processes: Annotated[int, typer.Option(min=1, max=64, help="行程數 / how many processes compute")] = 1,
) -> None:
    """自原始事實全部重建後切換，期間服務不中斷 / Compute every standing anew from the facts, then switch; live work goes on."""
    result = asyncio.run(_rebuild(processes))
    rate = result.standings / result.seconds
    typer.echo(f"已重建 / rebuilt: {result.standings} standings in {result.seconds:.1f} s, {rate:.0f}/s")
    typer.echo(f"不同者 / differing from what stood: {result.differing}；失敗者 / failed: {result.failed}")


async def _rebuild(processes: int) -> Result:
    url = SERVICE.load_settings().database_url
    database = Database(
        url, SystemClock(), pool_size=4, application="credits-rebuild", command_timeout=PATIENCE_SECONDS
    )
    try:
        return await rebuild_standings(database, processes=processes, tell=_tell)
    finally:
        await database.close()


def _tell(progress: Progress) -> None:
    typer.echo(f"{progress.done}/{progress.chunks} stretches, {progress.standings} standings", err=True)


def main() -> None:
    cli()


if __name__ == "__main__":
    main()
