"""What an operator reads who asks for parked messages where there are none."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.conftest import MakeDatabase
from typer.testing import CliRunner

from cec_chassis.cli import service_cli
from cec_review.service import SERVICE


async def test_nothing_parked_is_said_beside_the_lines(
    make_database: MakeDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CEC_SERVICE_DATABASE_URL", await make_database("review"))
    monkeypatch.setenv("CEC_AMQP_URL", "amqp://127.0.0.1:1/")
    result: Any = await asyncio.to_thread(CliRunner().invoke, service_cli(SERVICE), ["parked"])
    assert (result.exit_code, result.stdout) == (0, "")
    assert "Nothing is parked in review" in result.stderr
