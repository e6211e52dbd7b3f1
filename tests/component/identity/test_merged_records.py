"""Two records that are one person, and a person whose national ID changes: nothing is lost, nothing moved for good."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from tests.component.identity.conftest import HEADER, LIN, PASSWORD, WANG, Identity, good, refusal
from tests.support.tokens import an_actor

from cec_chassis.ids import new_id
from cec_contracts import identity as contract
from cec_contracts import national_id

KEY = b"an index key of thirty-two bytes or more"
RESIDENT = "AB23456789,林技師,P0009,2,牙技字第000001號,2010-05-01,2016-12-06,2022-12-05,,,臺北市,offshore,2017-01-01"
"""What may be Lin as well, under the number of a residence permit and with a later licence."""


async def merged(identity: Identity, survivor: UUID, former: UUID) -> dict[str, Any]:
    body = {"former_id": str(former), "reason": "同一人 / one person"}
    return good(await identity.ask(identity.administrator, "POST", f"/practitioners/{survivor}/merge", body))


async def separated(identity: Identity, former: UUID) -> dict[str, Any]:
    body = {"reason": "不是同一人 / two people after all"}
    return good(await identity.ask(identity.administrator, "POST", f"/practitioners/{former}/separate", body))


async def last_news(identity: Identity, practitioner_id: UUID) -> Any:
    """What was told of somebody last, with its sequence."""
    told = [told for told in await identity.told() if told.subject == str(practitioner_id)]
    assert [each.sequence for each in told] == list(range(1, len(told) + 1))
    return told[-1].body


async def two(identity: Identity) -> tuple[UUID, UUID]:
    return await identity.practitioner_id(LIN), await identity.practitioner_id(RESIDENT)


async def test_the_survivor_has_everything_of_both_and_the_former_record_points_to_it(identity: Identity) -> None:
    lin, resident = await two(identity)
    view = await merged(identity, lin, resident)
    assert view["merged_from"] == [str(resident)]
    assert [licence["valid_from"] for licence in view["licences"]] == ["2011-04-15", "2016-12-06"]
    assert [area["area"] for area in view["practice_areas"]] == ["ordinary", "offshore"]
    former = good(await identity.ask(identity.administrator, "GET", f"/practitioners/{resident}"))
    assert former["merged_into"] == str(lin)
    assert [licence["valid_from"] for licence in former["licences"]] == ["2016-12-06"]  # its own stay its own
    news, old = await last_news(identity, lin), await last_news(identity, resident)
    assert news.former_national_id_indexes == [national_id.index(KEY, "AB23456789")]
    assert (news.merged_into, old.merged_into) == (None, lin)
    assert [str(licence.valid_from) for licence in news.licences] == ["2011-04-15", "2016-12-06"]
    history = good(await identity.ask(identity.administrator, "GET", f"/practitioners/{lin}/history"))
    assert [(merge["former_id"], merge["separated_at"]) for merge in history["merges"]] == [(str(resident), None)]


async def test_merging_again_changes_nothing_and_tells_nobody(identity: Identity) -> None:
    lin, resident = await two(identity)
    await merged(identity, lin, resident)
    told = len(await identity.told())
    await merged(identity, lin, resident)
    assert len(await identity.told()) == told


async def test_a_merge_that_was_an_error_is_taken_back_without_a_trace_in_either_record(identity: Identity) -> None:
    lin, resident = await two(identity)
    before = await last_news(identity, lin), await last_news(identity, resident)
    await merged(identity, lin, resident)
    view = await separated(identity, resident)
    assert (view["merged_into"], view["merged_from"]) == (None, [])
    assert (await last_news(identity, lin), await last_news(identity, resident)) == before
    history = good(await identity.ask(identity.administrator, "GET", f"/practitioners/{resident}/history"))
    assert history["merges"][0]["separation_reason"] == "不是同一人 / two people after all"
    again = await identity.ask(
        identity.administrator, "POST", f"/practitioners/{resident}/separate", {"reason": "once more"}
    )
    assert refusal(again)[:2] == (409, "not-merged")
    assert (await merged(identity, resident, lin))["merged_from"] == [str(lin)]  # the other way round


async def test_rows_for_a_former_record_are_the_survivors_news(identity: Identity) -> None:
    """The registry still knows the old number, and says something new under it."""
    lin, resident = await two(identity)
    await merged(identity, lin, resident)
    renewed = RESIDENT.replace("2016-12-06,2022-12-05", "2022-12-06,2028-12-05")
    report = await identity.imported(renewed)
    assert (report["results"][0]["practitioner_id"], report["events"]) == (str(resident), 2)
    assert [str(x.valid_from) for x in (await last_news(identity, lin)).licences] == [
        "2011-04-15",
        "2016-12-06",
        "2022-12-06",
    ]
    assert (await last_news(identity, resident)).merged_into == lin
    assert (await identity.imported(renewed, LIN))["unchanged"] == 2


async def test_a_number_may_stand_beside_either_national_id_once_both_are_one_person(identity: Identity) -> None:
    lin, resident = await two(identity)
    crossed = LIN.replace("P0001", "P0009")
    refused = await identity.imported(crossed)
    assert refused["results"][0]["errors"][0]["slug"] == "number-taken"
    await merged(identity, lin, resident)
    result = (await identity.imported(crossed))["results"][0]
    assert (result["result"], result["warnings"][0]["slug"]) == ("unchanged", "number-of-former-record")


async def test_merged_records_are_merged_no_further_and_a_chain_is_followed_to_its_end(identity: Identity) -> None:
    lin, resident = await two(identity)
    wang = await identity.practitioner_id(WANG)
    await merged(identity, lin, resident)
    for survivor, former in ((resident, wang), (wang, resident)):
        body = {"former_id": str(former), "reason": "x"}
        refused = await identity.ask(identity.administrator, "POST", f"/practitioners/{survivor}/merge", body)
        assert refusal(refused)[:2] == (409, "already-merged")
    view = await merged(identity, wang, lin)
    assert sorted(view["merged_from"]) == sorted([str(lin), str(resident)])
    assert {certificate["profession"] for certificate in view["certificates"]} == {"2", "D"}
    found = await identity.ask(
        identity.administrator, "POST", "/practitioners/by-national-id", {"national_id": "AB23456789"}
    )
    assert good(found)["practitioner_id"] == str(wang)
    await separated(identity, lin)
    assert (await last_news(identity, wang)).former_national_id_indexes == []
    assert len((await last_news(identity, lin)).licences) == 2


@pytest.mark.parametrize("other", ["itself", "nobody"])
async def test_nobody_is_merged_with_themselves_or_with_nobody(identity: Identity, other: str) -> None:
    lin = await identity.practitioner_id(LIN)
    body = {"former_id": str(lin if other == "itself" else new_id()), "reason": "x"}
    refused = refusal(await identity.ask(identity.administrator, "POST", f"/practitioners/{lin}/merge", body))
    assert refused[0] == {"itself": 422, "nobody": 404}[other]
    unit = an_actor("offering_unit")
    assert refusal(await identity.ask(unit, "POST", f"/practitioners/{lin}/merge", body))[0] == 403


async def test_a_practitioner_signs_in_with_one_account_after_a_merge(identity: Identity) -> None:
    lin, resident = await two(identity)
    mine = await identity.account("lin-account", role="practitioner", practitioner_id=str(lin))
    other = await identity.account("resident-account", role="practitioner", practitioner_id=str(resident))
    await merged(identity, lin, resident)
    rows = await identity.rows("SELECT id, practitioner_id, active FROM accounts WHERE role = 'practitioner'")
    assert {(str(row.id), row.practitioner_id, row.active) for row in rows} == {
        (mine["account_id"], lin, True),
        (other["account_id"], resident, False),
    }
    assert (await identity.sign_in("resident-account", PASSWORD)).status_code == 403


async def test_the_only_account_follows_the_person_and_comes_back(identity: Identity) -> None:
    lin, resident = await two(identity)
    account = UUID(
        (await identity.account("x-account", role="practitioner", practitioner_id=str(resident)))["account_id"]
    )
    await merged(identity, lin, resident)
    assert (await identity.told())[-3].body.practitioner_id == lin
    assert await identity.rows("SELECT practitioner_id FROM accounts WHERE id = :id", id=account) == [(lin,)]
    await separated(identity, resident)
    assert await identity.rows("SELECT practitioner_id FROM accounts WHERE id = :id", id=account) == [(resident,)]


async def test_a_changed_national_id_in_the_registry_keeps_the_person_and_the_history(identity: Identity) -> None:
    lin = await identity.practitioner_id(LIN)
    changed = LIN.replace("R121351632", "A800000014").replace("林技師", "林美")
    lost = await identity.imported(changed)
    assert lost["results"][0]["errors"][0]["slug"] == "number-taken"  # nobody says that it is the same person
    header = HEADER + ",former_national_id"
    report = good(await identity.upload("\n".join([header, changed + ",R121351632"])))
    assert (report["results"][0]["result"], report["results"][0]["practitioner_id"]) == ("changed", str(lin))
    news = await last_news(identity, lin)
    assert (news.name, news.national_id_masked) == ("林美", "A80****014")
    assert news.national_id_index == national_id.index(KEY, "A800000014")
    assert news.former_national_id_indexes == [national_id.index(KEY, "R121351632")]
    again = good(await identity.upload("\n".join([header, changed + ",R121351632"])))
    assert (again["unchanged"], again["events"]) == (1, 0)
    history = good(await identity.ask(identity.administrator, "GET", f"/practitioners/{lin}/history"))
    assert [(was["name"], was["national_id_masked"]) for was in history["former_identities"]] == [
        ("林技師", "R12****632")
    ]
    late = (await identity.imported(LIN))["results"][0]
    assert (late["result"], late["warnings"][0]["slug"]) == ("unchanged", "former-national-id")
    for number in ("R121351632", "A800000014"):
        body = {"national_id": number}
        found = await identity.ask(identity.administrator, "POST", "/practitioners/by-national-id", body)
        assert good(found)["practitioner_id"] == str(lin)


async def test_a_change_between_two_known_records_asks_for_a_merge(identity: Identity) -> None:
    await two(identity)
    report = good(await identity.upload("\n".join([HEADER + ",former_national_id", RESIDENT + ",R121351632"])))
    assert report["results"][0]["errors"][0]["slug"] == "two-records-of-one-person"


async def test_an_administrator_changes_a_national_id_but_not_to_that_of_another_record(identity: Identity) -> None:
    lin, resident = await two(identity)
    path = f"/practitioners/{resident}/national-id"
    taken = await identity.ask(
        identity.administrator, "POST", path, {"national_id": "R121351632", "reason": "居留證換身分證"}
    )
    assert refusal(taken)[:2] == (409, "national-id-taken")
    wrong = await identity.ask(identity.administrator, "POST", path, {"national_id": "A123456788", "reason": "x"})
    assert refusal(wrong)[2] == [("body.national_id", "national-id-checksum")]
    assert "A123456788" not in wrong.text
    await merged(identity, lin, resident)
    view = good(
        await identity.ask(identity.administrator, "POST", path, {"national_id": "A800000014", "reason": "新式證號"})
    )
    assert view["national_id_masked"] == "A80****014"
    news = await last_news(identity, lin)  # the survivor is found by every number of both
    assert news.former_national_id_indexes == sorted(national_id.index(KEY, n) for n in ("A800000014", "AB23456789"))
    assert contract.PRACTITIONER_CHANGED.name == "cec.identity.practitioner_changed.v1"
