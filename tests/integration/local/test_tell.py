"""`make parked`, `redrive`, `republish`, `tell`: what cannot be told. What can be is in `test_run.py`."""

from __future__ import annotations

import shutil

import pytest
from tests.integration.local.command import Command


@pytest.mark.skipif(shutil.which("make") is None, reason="only where there is make")
def test_what_cannot_be_told_ends_with_one_line(command: Command) -> None:
    for variables, line in (
        (("SERVICE=credits",), "nothing runs here yet"),
        (("SERVICE=nobody",), "no such service: say SERVICE=<identity|"),
        ((), "no such service: say SERVICE=<identity|"),
    ):
        told = command.make("parked", *variables)
        assert told.returncode != 0
        assert line in told.stdout
        assert len(told.stdout.strip().splitlines()) == 1, told.stdout
    assert "nothing to tell it" in command.make("tell", "SERVICE=credits").stdout
    assert "nothing to tell it" in command.make("tell", "SERVICE=credits", "DO=all").stdout
