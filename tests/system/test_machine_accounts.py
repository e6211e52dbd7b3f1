"""Another system with a machine account: a token from identity through the gateway, and what it opens at each service."""

from __future__ import annotations

import pytest
from tests.system.people import Caller, World
from tests.system.problems import assert_problem

from cec_local.stack import Stack

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]


async def test_a_machine_account_reads_what_its_scopes_open_and_nothing_else(world: World, stack: Stack) -> None:
    metadata = await world.nobody.get("/identity/.well-known/openid-configuration")
    assert metadata["issuer"] == f"{stack.gateway.url}/api/v1/identity"
    client = await world.admin.post(
        "/identity/clients", {"kind": "machine", "name": "另一機關", "scopes": ["credits:read", "reporting:read"]}
    )
    auth = (client["client_id"], client["client_secret"])
    form = {"grant_type": "client_credentials", "scope": "credits:read"}
    answer = await world.http.post(metadata["token_endpoint"], data=form, auth=auth)
    assert answer.status_code == 200, answer.text
    system = Caller(world.http, answer.json())

    statement = await system.get(f"/credits/statements/{world.practitioner_id}/2", purpose="audit")
    assert statement["practitioner_id"] == world.practitioner_id
    for path in (
        "/reporting/attendance-counts",  # the account has this scope, the token does not
        "/identity/accounts",
        "/activities/activities",
        "/review/cases",
        "/enrolment/rosters",
    ):
        assert_problem(await system.ask("GET", path), 403, "forbidden")

    await world.admin.post(f"/identity/clients/{client['client_id']}/disable", {"reason": "測試結束"})
    refused = await world.http.post(metadata["token_endpoint"], data=form, auth=auth)
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
