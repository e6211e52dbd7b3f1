"""`python -m cec_credits <command>`."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from cec_chassis.cli import service_cli
from cec_chassis.service import Runtime
from cec_credits.evaluate import evaluate
from cec_credits.recalculation.mark_again import mark_again
from cec_credits.service import SERVICE

cli = service_cli(SERVICE)
cli.command()(evaluate)


@cli.command()
def recalculate(
    everybody: Annotated[
        bool, typer.Option("--all", help="全部重算；否則只有先前失敗者 / everybody, not only those that failed before")
    ] = False,
) -> None:
    """標記後由背景程式重新計算 / Mark standings again; the workers recalculate them."""
    runtime = Runtime(SERVICE, SERVICE.load_settings())
    typer.echo(f"{asyncio.run(mark_again(runtime, everybody=everybody))} standings marked")


def main() -> None:
    cli()


if __name__ == "__main__":
    main()
