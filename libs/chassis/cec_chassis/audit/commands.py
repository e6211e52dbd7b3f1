"""`python -m cec_<service> audit verify`: says how far the audit log is what was written."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from cec_chassis.audit.verify import ToldHead, Verdict, verify
from cec_chassis.service import Runtime, Service

Heads = Annotated[
    Path | None,
    typer.Option(
        "--heads",
        help="heads told outside, one JSON object a line ('-' is standard input): `python -m cec_reporting audit-heads`, "
        "or lines of the log",
        allow_dash=True,
    ),
]


def audit_cli(service: Service) -> typer.Typer:
    """The commands about the audit log of one service."""
    cli = typer.Typer(no_args_is_help=True, help="The audit log and its chain.")

    @cli.callback()
    def group() -> None:
        """The audit log and its chain."""

    @cli.command(name="verify")
    def verify_command(
        heads: Heads = None,
        start: Annotated[int, typer.Option("--from", min=1, help="position to begin at; those before are trusted")] = 1,
    ) -> None:
        """Compute the chain again and compare. Exit status 1 when something contradicts it."""
        verdict = asyncio.run(_verify(service, told_heads(heads), start))
        for line in report(verdict, datetime.now(UTC)):
            typer.echo(line)
        if not verdict.sound:
            raise typer.Exit(1)

    return cli


def told_heads(file: Path | None) -> list[ToldHead]:
    """The heads in a file of JSON lines. Other lines, such as the rest of a log, are passed over."""
    if file is None:
        return []
    text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    found = []
    for line in text.splitlines():
        try:
            found.append(msgspec.json.decode(line, type=ToldHead))
        except msgspec.MsgspecError:
            continue
    return found


def report(verdict: Verdict, now: datetime) -> list[str]:
    """The verdict for a person to read, the first fault first."""
    lines = []
    if verdict.checked:
        lines.append(f"{verdict.service}: verified positions {verdict.first} to {verdict.last}, {verdict.checked} rows")
        lines.append(f"head {verdict.last} {verdict.head}")
    else:
        lines.append(f"{verdict.service}: nothing is sealed from position {verdict.first} on")
    lines.append(f"heads told outside and compared: {verdict.heads_compared}")
    if verdict.unsealed_since is not None:
        age = int((now - verdict.unsealed_since).total_seconds())
        lines.append(f"not sealed yet: {verdict.unsealed} rows, the oldest {age} s old")
    else:
        lines.append("not sealed yet: none")
    for fault in verdict.faults:
        place = "" if fault.position is None else f" position {fault.position}"
        entry = "" if fault.entry_id is None else f" row {fault.entry_id}"
        lines.append(f"BROKEN{place}{entry}: {fault.what}")
    if verdict.broken > len(verdict.faults):
        lines.append(f"BROKEN at {verdict.broken - len(verdict.faults)} more places")
    lines.append("sound" if verdict.sound else "NOT SOUND")
    return lines


async def _verify(service: Service, heads: list[ToldHead], start: int) -> Verdict:
    runtime = Runtime(service, service.load_settings())
    try:
        return await verify(runtime.database("cli", 1), service.name, heads, start)
    finally:
        await runtime.close()
