"""Whoever is named when `make run` is up can sign in, in the role that stands beside the name."""

from __future__ import annotations

import asyncio
import json
from asyncio.subprocess import PIPE

import pytest
from tests.system.people import World

from cec_contracts.vocabulary import AccountRole
from cec_local.board import accounts_of, sign_in_lines
from cec_local.stack import Stack

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]


async def test_one_account_of_every_role_can_sign_in(stack: Stack, world: World) -> None:
    accounts = accounts_of(stack)
    assert sorted(role for role, _, _ in accounts) == sorted(AccountRole)
    opened = (await world.admin.get("/identity/accounts", page_size=200))["items"]
    roles = {account["name"]: account["role"] for account in opened}
    for role, name, password in accounts:
        answer = await world.http.post("/identity/sign-in", json={"name": name, "password": password})
        assert answer.status_code == 200, (role, answer.text)
        assert roles[name] == role


async def test_the_printed_lines_sign_in_and_ask_for_a_statement(stack: Stack, world: World) -> None:
    _, *lines = sign_in_lines(stack)
    shell = await asyncio.create_subprocess_exec("bash", "-euc", "\n".join(lines), stdout=PIPE)
    answer = json.loads((await shell.communicate())[0])
    assert [statement["profession"] for statement in answer["statements"]]
