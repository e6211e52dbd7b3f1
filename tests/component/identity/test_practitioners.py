"""Reading practitioners: one's own record, the administrator's view, and what a unit may look up."""

from __future__ import annotations

from tests.component.identity.conftest import LIN, WANG, Identity, good, refusal, settings_for
from tests.support.tokens import an_actor

from cec_chassis.ids import new_id
from cec_identity.vault import Vault


async def test_a_practitioner_reads_the_own_record_and_no_other(identity: Identity) -> None:
    lin, wang = await identity.practitioner_id(LIN), await identity.practitioner_id(WANG)
    me = an_actor("practitioner", practitioner_id=lin)
    own = good(await identity.ask(me, "GET", "/practitioners/me"))
    assert own == good(await identity.ask(me, "GET", f"/practitioners/{lin}"))
    assert own["certificates"] == [{"profession": "2", "number": "牙技字第000001號", "issued_on": "2010-05-01"}]
    assert own["licences"][0]["county"] == "臺北市"
    for other in (wang, new_id()):
        assert refusal(await identity.ask(me, "GET", f"/practitioners/{other}"))[:2] == (403, "forbidden")
    assert refusal(await identity.ask(me, "GET", "/practitioners?number=P0002"))[0] == 403


async def test_a_unit_finds_somebody_by_number_and_sees_a_masked_card(identity: Identity) -> None:
    lin = await identity.practitioner_id(LIN)
    page = good(await identity.ask(an_actor("offering_unit"), "GET", "/practitioners?number=P0001"))
    assert page["total"] == 1
    card = page["items"][0]
    assert (card["practitioner_id"], card["national_id_masked"]) == (str(lin), "R12****632")
    assert "licences" not in card
    assert "national_id_index" not in card
    typed = good(await identity.ask(an_actor("offering_unit"), "GET", "/practitioners?number=p0001"))
    assert [each["practitioner_id"] for each in typed["items"]] == [str(lin)]
    assert good(await identity.ask(an_actor("review_unit"), "GET", "/practitioners?number=P9"))["items"] == []


async def test_a_unit_cannot_page_through_everybody_and_an_administrator_can(identity: Identity) -> None:
    await identity.imported(WANG, LIN)
    listing = await identity.ask(an_actor("offering_unit"), "GET", "/practitioners")
    assert refusal(listing) == (422, "validation-failed", [("query.number", "missing-field")])
    page = good(await identity.ask(identity.administrator, "GET", "/practitioners?page_size=1&page=2"))
    assert (page["total"], [card["number"] for card in page["items"]]) == (2, ["P0002"])


async def test_an_administrator_finds_somebody_by_national_id_in_any_writing(identity: Identity) -> None:
    lin = await identity.practitioner_id(LIN)
    for written in ("R121351632", " r121351632", "Ｒ１２１３５１６３２"):
        found = await identity.ask(
            identity.administrator, "POST", "/practitioners/by-national-id", {"national_id": written}
        )
        assert good(found)["practitioner_id"] == str(lin)
        assert "R121351632" not in found.text


async def test_a_national_id_that_is_wrong_or_unknown_is_refused_without_repeating_it(identity: Identity) -> None:
    path = "/practitioners/by-national-id"
    wrong = await identity.ask(identity.administrator, "POST", path, {"national_id": "A123456788"})
    assert refusal(wrong) == (422, "validation-failed", [("body.national_id", "national-id-checksum")])
    assert "A123456788" not in wrong.text
    form = await identity.ask(identity.administrator, "POST", path, {"national_id": "12345"})
    assert refusal(form)[2] == [("body.national_id", "national-id-format")]
    unknown = await identity.ask(identity.administrator, "POST", path, {"national_id": "A123456789"})
    assert refusal(unknown)[:2] == (404, "not-found")
    stranger = await identity.ask(an_actor("review_unit"), "POST", path, {"national_id": "A123456789"})
    assert refusal(stranger)[0] == 403


async def test_the_sealed_ids_open_again_with_the_secret(identity: Identity) -> None:
    await identity.imported(LIN, WANG)
    sealer = Vault.of(settings_for("")).national_ids
    rows = await identity.rows("SELECT id, national_id_sealed FROM practitioners ORDER BY number")
    opened = [sealer.open(row.national_id_sealed, belongs_to=str(row.id)) for row in rows]
    assert opened == [b"R121351632", b"A123456789"]
