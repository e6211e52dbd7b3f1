"""`python -m cec_identity serve | work | relay | all | migrate | republish | parked | redrive | openapi | reseal`."""

from __future__ import annotations

import asyncio

import typer

from cec_chassis.cli import service_cli
from cec_chassis.service import Runtime
from cec_identity.personal_data.reseal import reseal as reseal_values
from cec_identity.service import SERVICE
from cec_identity.settings import settings_of
from cec_identity.vault import Vault

app = service_cli(SERVICE)


@app.command()
def reseal() -> None:
    """以新密鑰重新加密所有加密資料 / Seal everything at rest under CEC_SECRET_KEY; CEC_FORMER_SECRET_KEY opens what is older."""
    runtime = Runtime(SERVICE, SERVICE.load_settings())

    async def run() -> dict[str, int]:
        try:
            return dict(await reseal_values(runtime.database("cli", 1), Vault.of(settings_of(runtime))))
        finally:
            await runtime.close()

    for table, count in asyncio.run(run()).items():
        typer.echo(f"{table}: {count}")


if __name__ == "__main__":
    app()
