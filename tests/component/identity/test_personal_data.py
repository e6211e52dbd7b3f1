"""What is personal: told in full to the person, to others only for a purpose that is written down; kept for its time only."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import LargeBinary
from tests.component.identity.applying import NATIONAL_ID
from tests.component.identity.conftest import LIN, PASSWORD, WANG, Identity, good, refusal, settings_for
from tests.component.identity.test_looks import applicant, looks_of
from tests.component.identity.test_merged_records import RESIDENT, merged, separated
from tests.support.tokens import an_actor

from cec_chassis.context import Actor
from cec_identity.personal_data.enforce_retention import forget_profiles
from cec_identity.personal_data.reseal import SEALED, reseal
from cec_identity.personal_data.retention import CLOSED_ACCOUNTS, RETENTION
from cec_identity.schema import metadata
from cec_identity.sealing import CannotUnseal, Sealer
from cec_identity.vault import Vault
from cec_identity.worker import LOOPS

NEW_SECRET = "another secret key of thirty-two bytes or more"
OLD_SECRET = "a secret key of thirty-two bytes or more"


def just_signed_in(identity: Identity, actor: Actor) -> Actor:
    return replace(actor, authenticated_at=identity.clock.now())


async def test_a_full_national_id_is_told_for_a_purpose_that_the_person_can_read(identity: Identity) -> None:
    lin = await identity.practitioner_id(LIN)
    path, body = f"/practitioners/{lin}/national-id/reveal", {"purpose": "換照疑義查核"}
    administrator = just_signed_in(identity, identity.administrator)
    assert good(await identity.ask(administrator, "POST", path, body))["national_id"] == "R121351632"
    looks = await identity.rows(
        "SELECT action, subject_id, reason FROM audit_log WHERE action = 'practitioner.national_id_revealed'"
    )
    assert [(row.subject_id, row.reason) for row in looks] == [(str(lin), "換照疑義查核")]
    long_ago = replace(administrator, authenticated_at=identity.clock.now() - timedelta(hours=1))
    assert refusal(await identity.ask(long_ago, "POST", path, body))[:2] == (401, "fresh-sign-in-needed")
    assert refusal(await identity.ask(administrator, "POST", path, {"purpose": " "}))[0] == 422
    assert (
        refusal(await identity.ask(just_signed_in(identity, an_actor("offering_unit")), "POST", path, body))[0] == 403
    )


async def test_a_person_gets_everything_that_is_held_about_them_and_nobody_elses(identity: Identity) -> None:
    lin, wang = await identity.practitioner_id(LIN), await identity.practitioner_id(WANG)
    account = await identity.account("lin-account", role="practitioner", practitioner_id=str(lin))
    assert (await identity.sign_in("lin-account", PASSWORD)).status_code == 200
    me = just_signed_in(identity, an_actor("practitioner", practitioner_id=lin, account_id=UUID(account["account_id"])))
    answer = await identity.ask(me, "GET", "/personal-data/mine")
    bundle = good(answer)
    assert bundle["national_ids"] == ["R121351632"]
    assert bundle["record"]["name"] == "林技師"
    assert [row["name"] for row in bundle["held"]["accounts"]] == ["lin-account"]
    assert len(bundle["held"]["sessions"]) == 1
    assert [row["county"] for row in bundle["held"]["licences"]] == ["臺北市"]
    assert bundle["elsewhere"]
    for hidden in ("password_hash", "argon2", "sealed", str(wang), "王醫師"):
        assert hidden not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    stale = replace(me, authenticated_at=identity.clock.now() - timedelta(minutes=11))
    assert refusal(await identity.ask(stale, "GET", "/personal-data/mine"))[1] == "fresh-sign-in-needed"


async def test_an_administrator_hands_out_a_bundle_for_a_purpose(identity: Identity) -> None:
    lin = await identity.practitioner_id(LIN)
    administrator = just_signed_in(identity, identity.administrator)
    path = f"/practitioners/{lin}/personal-data"
    assert good(await identity.ask(administrator, "POST", path, {"purpose": "本人書面申請"}))["national_ids"]
    assert "personal_data.exported" in await identity.audited()
    unknown = f"/practitioners/{administrator.account_id}/personal-data"
    assert refusal(await identity.ask(administrator, "POST", unknown, {"purpose": "本人申請"}))[0] == 404


def held_as(bundle: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Where the bundle says that somebody is or was who: the kind, the national ID, the practitioner number."""
    return [(each["held_as"], each["national_id"], each["number"]) for each in bundle["identities"]]


async def test_the_bundle_has_the_numbers_of_before_and_those_of_every_record_of_the_person(identity: Identity) -> None:
    lin, resident = await identity.practitioner_id(LIN), await identity.practitioner_id(RESIDENT)
    wang = await identity.practitioner_id(WANG)
    administrator = just_signed_in(identity, identity.administrator)
    mistaken = {"national_id": "F131104093", "reason": "證號更正"}
    good(await identity.ask(administrator, "POST", f"/practitioners/{resident}/national-id", mistaken))
    await merged(identity, lin, resident)
    path, purpose = "/practitioners/{}/personal-data", {"purpose": "本人書面申請"}
    bundle = good(await identity.ask(administrator, "POST", path.format(lin), purpose))
    assert set(held_as(bundle)) == {
        ("practitioner", "R121351632", "P0001"),
        ("practitioner", "F131104093", "P0009"),
        ("former_identity", "AB23456789", "P0009"),
    }
    assert bundle["identities"][-1]["until"] is not None
    assert bundle["national_ids"] == [each["national_id"] for each in bundle["identities"]]
    assert [merge["former_id"] for merge in bundle["history"]["merges"]] == [str(resident)]
    assert [each["reason"] for each in bundle["history"]["former_identities"]] == ["證號更正"]
    same = good(await identity.ask(administrator, "POST", path.format(resident), purpose))
    assert (same["identities"], same["elsewhere"]) == (bundle["identities"], bundle["elsewhere"])
    assert f"/api/v1/credits/statements/{lin}/2/entries" in bundle["elsewhere"].values()
    await separated(identity, resident)
    alone = good(await identity.ask(administrator, "POST", path.format(lin), purpose))
    assert held_as(alone) == [("practitioner", "R121351632", "P0001")]
    of_wang = good(await identity.ask(administrator, "POST", path.format(wang), purpose))
    assert of_wang["national_ids"] == ["A123456789"]


async def test_somebody_of_a_unit_gets_their_own_data_too(identity: Identity) -> None:
    me = just_signed_in(identity, await applicant(identity))
    await identity.practitioner_id(LIN)
    answer = await identity.ask(me, "GET", "/personal-data/mine")
    bundle = good(answer)
    assert held_as(bundle) == [("account", NATIONAL_ID, ""), ("application", NATIONAL_ID, "")]
    assert (bundle["national_ids"], bundle["record"], bundle["history"]) == ([NATIONAL_ID], None, None)
    assert [row["person_name"] for row in bundle["held"]["account_profiles"]] == ["王小明"]
    assert [row["account_id"] for row in bundle["held"]["applications"]] == [str(me.account_id)]
    assert not any("/credits/" in link for link in bundle["elsewhere"].values())  # nothing of theirs is there
    for hidden in ("password_hash", "argon2", "sealed", "林技師"):
        assert hidden not in answer.text


async def test_an_administrator_hands_out_the_bundle_of_an_account_and_its_owner_reads_so(identity: Identity) -> None:
    me = await applicant(identity)
    path, purpose = f"/accounts/{me.account_id}/personal-data", {"purpose": "本人書面申請"}
    administrator = just_signed_in(identity, identity.administrator)
    bundle = good(await identity.ask(administrator, "POST", path, purpose))
    own = good(await identity.ask(just_signed_in(identity, me), "GET", "/personal-data/mine"))
    differing = {key for key in own if own[key] != bundle[key]}
    assert differing <= {"made_at"}
    assert (await looks_of(identity, me))[0] == ("personal_data.exported", "system_administrator")
    [look] = await identity.rows(
        "SELECT subject_id, reason FROM audit_log WHERE action = 'personal_data.exported' AND look"
    )
    assert (look.subject_id, look.reason) == (str(me.account_id), purpose["purpose"])
    long_ago = replace(administrator, authenticated_at=identity.clock.now() - timedelta(minutes=11))
    assert refusal(await identity.ask(long_ago, "POST", path, purpose))[:2] == (401, "fresh-sign-in-needed")
    assert refusal(await identity.ask(just_signed_in(identity, me), "POST", path, purpose))[0] == 403
    assert refusal(await identity.ask(administrator, "POST", path, {"purpose": ""}))[0] == 422
    nobody = f"/accounts/{await identity.practitioner_id(LIN)}/personal-data"
    assert refusal(await identity.ask(administrator, "POST", nobody, purpose))[0] == 404


async def test_the_bundle_of_a_practitioners_account_has_the_record_and_the_look_is_told_to_the_person(
    identity: Identity,
) -> None:
    lin = await identity.practitioner_id(LIN)
    account = await identity.account("lin-account", role="practitioner", practitioner_id=str(lin))
    path = f"/accounts/{account['account_id']}/personal-data"
    administrator = just_signed_in(identity, identity.administrator)
    bundle = good(await identity.ask(administrator, "POST", path, {"purpose": "本人書面申請"}))
    assert bundle["record"]["name"] == "林技師"
    assert held_as(bundle) == [("practitioner", "R121351632", "P0001")]
    me = an_actor("practitioner", practitioner_id=lin, account_id=UUID(account["account_id"]))
    assert await looks_of(identity, me) == [("personal_data.exported", "system_administrator")]


async def test_everything_sealed_is_sealed_anew_under_a_new_secret_while_both_are_set(identity: Identity) -> None:
    lin = await identity.practitioner_id(LIN)
    await identity.practitioner_id(WANG)
    url = identity.runtime.settings.database_url
    both = Vault.of(settings_for(url, secret_key=NEW_SECRET, former_secret_key=OLD_SECRET))
    alone = Vault.of(settings_for(url, secret_key=NEW_SECRET))
    sealed = await sealed_of(identity, lin)
    assert both.national_ids.open(sealed, belongs_to=str(lin)) == b"R121351632"
    with pytest.raises(CannotUnseal):
        alone.national_ids.open(sealed, belongs_to=str(lin))
    done = await reseal(identity.database, both)
    assert (done["practitioners"], done["signing_key_pairs"]) == (2, 2)
    assert alone.national_ids.open(await sealed_of(identity, lin), belongs_to=str(lin)) == b"R121351632"
    assert set((await reseal(identity.database, alone)).values()) == {0}


async def sealed_of(identity: Identity, practitioner_id: Any) -> bytes:
    rows = await identity.rows("SELECT national_id_sealed FROM practitioners WHERE id = :id", id=practitioner_id)
    return bytes(rows[0].national_id_sealed)


def test_a_value_from_before_keys_were_told_apart_opens() -> None:
    sealer = Sealer(NEW_SECRET, "national-id", OLD_SECRET)
    old = Sealer(OLD_SECRET, "national-id").seal(b"x", belongs_to="row")
    assert sealer.open(b"\x01" + old[5:], belongs_to="row") == b"x"
    with pytest.raises(CannotUnseal):
        sealer.open(b"\x01" + old[5:], belongs_to="another row")
    with pytest.raises(CannotUnseal):
        sealer.open(b"\x07" + old[1:], belongs_to="row")


def test_every_sealed_column_is_known_to_reseal() -> None:
    columns = {
        (table.name, column.name)
        for table in metadata.tables.values()
        for column in table.c
        if isinstance(column.type, LargeBinary) and column.name.endswith("_sealed")
    }
    assert {(each.table, each.column) for each in SEALED} == columns


def test_of_every_table_it_is_said_how_long_it_is_kept_and_by_what() -> None:
    assert set(RETENTION) == set(metadata.tables)
    page = (Path(__file__).parents[3] / "docs/architecture/identity.md").read_text(encoding="utf-8")
    assert {name for name in RETENTION if f"`{name}`" not in page} == set()
    loops = {loop.__name__ for loop in LOOPS}
    assert {kept.enforced_by for kept in RETENTION.values() if kept.enforced_by} <= loops


async def test_by_what_one_could_be_reached_goes_a_year_after_the_account_was_closed(identity: Identity) -> None:
    accounts = [(await identity.account(f"account-{at}"))["account_id"] for at in range(2)]
    async with identity.database.transaction() as tx:
        for account_id in accounts:
            await tx.execute(
                """
                INSERT INTO account_profiles (account_id, person_name, email, email_key, phone, language, version, changed_at)
                VALUES (CAST(:id AS uuid), '林某', 'Lin@example.tw', 'lin@example.tw', '02-2345', 'zh-Hant', 1, :now)
                ON CONFLICT (account_id) DO UPDATE SET person_name = excluded.person_name, email = excluded.email,
                    email_key = excluded.email_key, phone = excluded.phone
                """,
                id=account_id,
                now=tx.now,
            )
    closed = await identity.ask(identity.administrator, "POST", f"/accounts/{accounts[0]}/disable", {"reason": "離職"})
    assert closed.status_code in {200, 204}, closed.text
    for days, forgotten in ((CLOSED_ACCOUNTS.days - 1, 0), (2, 1), (1, 0)):
        identity.clock.advance(timedelta(days=days))
        async with identity.runtime.database("worker").transaction() as tx:
            assert await forget_profiles(tx) == forgotten
    rows = await identity.rows("SELECT person_name, email, email_key, phone FROM account_profiles ORDER BY person_name")
    assert [tuple(row) for row in rows] == [
        ("", None, None, None),
        ("林某", "Lin@example.tw", "lin@example.tw", "02-2345"),
    ]
