"""How often one may apply and ask for a reference: mailboxes are protected, and nobody keeps others from applying."""

from __future__ import annotations

import httpx
from tests.component.identity.applying import applied, apply, mailed, proof, token_mailed
from tests.component.identity.conftest import Identity, good, refusal


async def ask_reference(identity: Identity, name: str = "society-one") -> httpx.Response:
    """Another link to the status of Wang's application."""
    body = {"name": name, "email": "wang@society.example.org", "proof_of_work": await proof(identity)}
    return await identity.ask(None, "POST", "/apply/reference", body)


async def test_forms_that_fail_use_up_nothing_of_the_address_or_the_person_they_name(identity: Identity) -> None:
    await applied(identity, email="chen@society.example.org", national_id="A870000015")
    for _ in range(12):
        assert refusal(await apply(identity))[:2] == (409, "account-name-applied")
    await applied(identity, name="society-two")
    assert (await mailed(identity))[1:] == [("application_received", "wang@society.example.org")]


async def test_an_address_gets_five_receipts_a_day_and_its_owner_applies_all_the_same(identity: Identity) -> None:
    for number in range(5):
        await applied(identity, name=f"somebody-{number}", national_id="A870000015")
    await applied(identity)
    assert len(await mailed(identity)) == 5
    assert (await ask_reference(identity)).status_code == 202
    assert len(await mailed(identity)) == 6
    token = await token_mailed(identity, "application_received")
    assert good(await identity.ask(None, "POST", "/apply/status", {"reference": token}))["name"] == "Society-One"


async def test_one_network_sends_thirty_forms_an_hour(identity: Identity) -> None:
    await applied(identity)
    statuses = [(await apply(identity)).status_code for _ in range(31)]
    assert statuses == [409] * 29 + [429] * 2


async def test_a_flood_for_references_fills_no_mailbox_and_tells_nothing(identity: Identity) -> None:
    await applied(identity)
    for name in ("nobody-here", "society-one"):
        answers = [await ask_reference(identity, name) for _ in range(8)]
        assert {(answer.status_code, answer.content) for answer in answers} == {(202, answers[0].content)}
    assert len(await mailed(identity)) == 1 + 5
    token = await token_mailed(identity, "application_received")
    good(await identity.ask(None, "POST", "/apply/status", {"reference": token}))
    # whoever has used the last one reads the mailbox, and is not shut out by those who asked before
    assert (await ask_reference(identity)).status_code == 202
    assert len(await mailed(identity)) == 1 + 6
