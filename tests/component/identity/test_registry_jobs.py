"""Large registry files: taken in piece by piece in the worker, each piece whole, every row with its result."""

from __future__ import annotations

import asyncio
import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from tests.component.identity.conftest import HEADER, LIN, WANG, Identity, a_file, good, refusal
from tests.component.identity.spreadsheets import XLSX, spreadsheet_of
from tests.support.tokens import an_actor

from cec_chassis.clock import FixedClock
from cec_chassis.database import engine
from cec_contracts import national_id
from cec_identity.registry import http, staged
from cec_identity.registry.import_loop import import_a_piece, remove_expired
from cec_identity.settings import settings_of
from cec_identity.vault import Vault

REGISTRY = an_actor("other_system", scopes=("registry:write",))


@pytest.fixture(autouse=True)
def _small_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """More than five rows are a job here, in pieces of about three."""
    monkeypatch.setattr(http, "AT_ONCE", 5)
    monkeypatch.setattr(staged, "PIECE", 3)


def an_id(at: int) -> str:
    """A national ID whose checksum holds."""
    for last in range(10):
        try:
            return national_id.validate(f"A1{at:07d}{last}")
        except national_id.InvalidNationalId:
            continue
    raise AssertionError


def people(count: int) -> list[str]:
    """Rows of so many people."""
    return [LIN.replace("R121351632", an_id(at)).replace("P0001", f"Q{at:05d}") for at in range(count)]


async def work(identity: Identity, pieces: int = 1000) -> int:
    """As the worker does; how many pieces it took in."""
    vault = Vault.of(settings_of(identity.runtime))
    for done in range(pieces):
        if not await import_a_piece(identity.runtime.database("worker"), vault):
            return done
    return pieces


async def job(identity: Identity, import_id: str) -> dict[str, Any]:
    return good(await identity.ask(identity.administrator, "GET", f"/registry/imports/{import_id}"))


async def results(identity: Identity, import_id: str, query: str = "") -> list[dict[str, Any]]:
    answer = await identity.ask(identity.administrator, "GET", f"/registry/imports/{import_id}/results?{query}")
    found: list[dict[str, Any]] = good(answer)["items"]
    return found


async def test_a_large_file_is_a_job_with_progress_and_a_result_for_every_row_in_its_order(identity: Identity) -> None:
    rows = [*people(8), WANG.replace("A123456789", "A123456788"), *people(1)]
    answer = await identity.upload(a_file(*rows))
    opened = good(answer, 202)
    assert answer.headers["Location"] == f"/api/v1/identity/registry/imports/{opened['import_id']}"
    assert (opened["state"], opened["rows"], opened["rows_done"]) == ("queued", 10, 0)
    assert await work(identity, 1) == 1
    halfway = await job(identity, opened["import_id"])
    assert halfway["state"] == "running"
    assert 0 < halfway["rows_done"] < 10
    assert await identity.rows("SELECT count(*) FROM practitioners") == [(halfway["created"],)]
    await work(identity)
    done = await job(identity, opened["import_id"])
    assert (done["state"], done["created"], done["unchanged"], done["refused"], done["events"]) == ("done", 8, 1, 1, 8)
    found = await results(identity, opened["import_id"])
    assert [result["line"] for result in found] == list(range(2, 12))
    assert found[8]["errors"][0] == {
        "path": "rows[10].national_id",
        "slug": "national-id-checksum",
        "message": found[8]["errors"][0]["message"],
    }
    assert [each["line"] for each in await results(identity, opened["import_id"], "result=refused")] == [10]
    told = [told for told in await identity.told() if ".practitioner_" in told.type]
    assert len(told) == 8
    audit = await identity.rows("SELECT after FROM audit_log WHERE action = 'registry.imported'")
    assert audit[0].after["created"] == 8


async def test_the_same_file_again_is_unchanged_in_every_row(identity: Identity) -> None:
    for _ in range(2):
        opened = good(await identity.upload(a_file(*people(9))), 202)
        await work(identity)
    done = await job(identity, opened["import_id"])
    assert (done["unchanged"], done["events"]) == (9, 0)


async def test_a_dry_run_of_a_large_file_writes_its_results_and_nothing_else(identity: Identity) -> None:
    opened = good(await identity.upload(a_file(*people(9)), query="dry_run=true"), 202)
    await work(identity)
    done = await job(identity, opened["import_id"])
    assert (done["state"], done["created"], done["dry_run"]) == ("done", 9, True)
    assert await identity.rows("SELECT count(*) FROM practitioners") == [(0,)]
    assert all("practitioner_id" not in result for result in await results(identity, opened["import_id"]))


async def test_what_dies_in_a_piece_leaves_it_whole_for_the_next(
    identity: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = good(await identity.upload(a_file(*people(9))), 202)
    await work(identity, 1)
    before = await job(identity, opened["import_id"])

    async def dies(point: str) -> None:
        if point == "command.before_commit":
            raise asyncio.CancelledError

    with monkeypatch.context() as patched:
        patched.setattr(engine, "hit", dies)
        with pytest.raises(asyncio.CancelledError):
            await work(identity, 1)
    assert await job(identity, opened["import_id"]) == before
    assert await identity.rows("SELECT count(*) FROM practitioners") == [(before["created"],)]
    await work(identity)
    assert (await job(identity, opened["import_id"]))["created"] == 9


async def test_a_piece_waits_while_somebody_else_takes_rows_in(identity: Identity) -> None:
    good(await identity.upload(a_file(*people(9))), 202)
    async with identity.database.transaction() as tx:
        assert await tx.scalar("SELECT pg_try_advisory_xact_lock(:key)", key=0x0CEC_1001)
        assert await work(identity) == 0
        refused = await identity.upload(a_file(LIN))
        assert refusal(refused)[:2] == (409, "registry-import-running")
    assert await work(identity) >= 3


async def test_rows_wait_sealed_and_are_gone_once_they_are_taken_in(identity: Identity) -> None:
    good(await identity.upload(a_file(*people(9))), 202)
    waiting = await identity.rows("SELECT rows_sealed FROM registry_import_pieces")
    assert len(waiting) >= 3
    assert not any(an_id(at).encode() in row.rows_sealed for row in waiting for at in range(9))
    await work(identity)
    left = await identity.rows("SELECT rows_sealed FROM registry_import_pieces WHERE rows_sealed IS NOT NULL")
    assert left == []


async def test_results_are_a_csv_file_too_and_go_after_their_time_while_the_counts_stay(identity: Identity) -> None:
    opened = good(await identity.upload(a_file(*people(6))), 202)
    await work(identity)
    path = f"/registry/imports/{opened['import_id']}/results.csv"
    answer = await identity.ask(identity.administrator, "GET", path)
    table = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(table) == 7
    assert table[1][:3] == ["2", "created", "Q00000"]
    assert isinstance(identity.clock, FixedClock)
    identity.clock.advance(timedelta(hours=73))
    assert await remove_expired(identity.database) == 1
    assert refusal(await identity.ask(identity.administrator, "GET", path))[:2] == (410, "import-results-removed")
    assert (await job(identity, opened["import_id"]))["created"] == 6
    assert await identity.rows("SELECT count(*) FROM registry_import_results") == [(0,)]


async def test_the_registrys_machine_sends_rows_and_sees_its_own_imports_only(identity: Identity) -> None:
    columns = HEADER.split(",")
    rows = [dict(zip(columns, row.split(","), strict=True)) for row in (LIN, WANG)]
    report = good(await identity.ask(REGISTRY, "POST", "/registry/rows", {"rows": rows}))
    assert [result["result"] for result in report["results"]] == ["created", "created"]
    again = good(await identity.ask(REGISTRY, "POST", "/registry/rows?dry_run=true", {"rows": rows}))
    assert again["unchanged"] == 2
    without = an_actor("other_system", scopes=("credits:read",))
    assert refusal(await identity.ask(without, "POST", "/registry/rows", {"rows": rows}))[0] == 403
    unknown = await identity.ask(REGISTRY, "POST", "/registry/rows", {"rows": [{"nationality": "x"}]})
    assert refusal(unknown)[1] == "csv-header-invalid"
    opened = good(await identity.upload(a_file(*people(9)), actor=REGISTRY), 202)
    for actor, status in ((REGISTRY, 200), (an_actor("other_system", scopes=("registry:write",)), 404)):
        assert (await identity.ask(actor, "GET", f"/registry/imports/{opened['import_id']}")).status_code == status
    mine = good(await identity.ask(REGISTRY, "GET", "/registry/imports"))["items"]
    assert {each["import_id"] for each in mine} == {opened["import_id"], report["import_id"]}


async def test_what_was_answered_at_once_is_found_again_by_the_id_that_histories_name(identity: Identity) -> None:
    report = good(await identity.upload(a_file(LIN, "壞", WANG)))
    path = f"/registry/imports/{report['import_id']}"
    kept = good(await identity.ask(identity.administrator, "GET", path))
    assert (kept["state"], kept["rows"], kept["rows_done"]) == ("done", 3, 3)
    assert (kept["created"], kept["refused"], kept["events"]) == (2, 1, report["events"])
    results = good(await identity.ask(identity.administrator, "GET", f"{path}/results"))["items"]
    assert results == report["results"]
    tried = good(await identity.upload(a_file(LIN), query="dry_run=true"))
    gone = await identity.ask(identity.administrator, "GET", f"/registry/imports/{tried['import_id']}")
    assert gone.status_code == 404


INSTITUTIONS = [
    "醫事機構代碼,機構名稱,機構類別,縣市,開業狀況",
    "592202A296,某藥局,藥局,台北市,開業",
    "0101090517,市立聯合醫院,醫院,臺北市,",
    "1137010024,甲醫院,醫院,彰化縣,歇業",
    "12345,壞,醫院,,",
    "0101090517,別的名字,醫院,臺北市,",
    "1029384212,乙診所,診所,臺中市,也許",
]


async def institutions_sent(identity: Identity, way: str, lines: list[str]) -> dict[str, Any]:
    """The report on the lines, the first of which has the headings, sent in this way: as a file, or by the registry's own
    system as JSON."""
    rows = [line.split(",") for line in lines]
    if way == "json":
        body = {"rows": [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]}
        return good(await identity.ask(REGISTRY, "POST", "/registry/institution-rows", body))
    content = spreadsheet_of(rows) if way == XLSX else "\r\n".join([*lines, ""]).encode()
    headers = identity.headers_of(identity.administrator) | {"Content-Type": way}
    answer = await identity.client.post("/registry/institution-imports", content=content, headers=headers)
    if answer.status_code == 202:
        await work(identity)
        done = await job(identity, answer.json()["import_id"])
        return done | {"results": await results(identity, done["import_id"])}
    return good(answer)


@pytest.mark.parametrize("way", ["text/csv", XLSX, "json"])
async def test_institutions_are_imported_and_found_by_code_name_and_county(identity: Identity, way: str) -> None:
    report = await institutions_sent(identity, way, INSTITUTIONS)
    assert [result["result"] for result in report["results"]] == ["created"] * 3 + ["refused"] * 3
    assert [result["errors"][0]["slug"] for result in report["results"][3:]] == [
        "institution-code-format",
        "contradicts-another-row",
        "not-yes-or-no",
    ]
    assert report["results"][1]["warnings"][0]["slug"] == "institution-code-checksum"
    corrected = ["institution_code,name,kind,county", "592202A296,某某藥局,藥局,臺北市"]
    renamed = await institutions_sent(identity, way, corrected)
    assert renamed["changed"] == 1
    one = good(await identity.ask(None, "GET", "/institutions?code=592202a296"))
    assert one["items"][0] == {
        "code": "592202A296",
        "name": "某某藥局",
        "kind": "藥局",
        "county": "臺北市",
        "active": True,
    }
    assert good(await identity.ask(None, "GET", "/institutions?code=9999999999"))["items"] == []
    typed = await identity.ask(None, "GET", "/institutions?code=A123456789")
    assert refusal(typed) == (422, "validation-failed", [("query.code", "institution-code-format")])
    assert "A123456789" not in typed.text
    found = good(await identity.ask(None, "GET", "/institutions", headers={}))
    assert [each["code"] for each in found["items"]] == ["0101090517", "592202A296"]
    closed = good(await identity.ask(None, "GET", "/institutions?active=false&county=彰化縣"))
    assert [each["name"] for each in closed["items"]] == ["甲醫院"]


async def test_rows_of_a_profession_that_another_system_looks_after_are_skipped_from_the_day_on(
    identity: Identity,
) -> None:
    body = {
        "since": "2016-08-15",
        "system": "護產人員繼續教育積分管理系統",
        "address": "https://nmcec.example.gov.tw/",
        "reason": "護產人員改由該系統管理",
    }
    path = "/professions-elsewhere"
    assert good(await identity.ask(identity.administrator, "PUT", f"{path}/D", body))["profession"] == "D"
    coming = body | {"since": "2099-01-01"}
    good(await identity.ask(identity.administrator, "PUT", f"{path}/2", coming))
    assert [each["profession"] for each in (await identity.ask(None, "GET", path)).json()] == ["2", "D"]
    report = await identity.imported(LIN, WANG)
    assert [(result["result"], result.get("skipped")) for result in report["results"]] == [
        ("created", None),
        ("unchanged", True),
    ]
    assert report["results"][1]["warnings"][0]["slug"] == "handled-elsewhere"
    assert report["skipped"] == 1
    back = await identity.ask(identity.administrator, "POST", f"{path}/D/take-back", {"reason": "收回"})
    assert back.status_code == 204
    assert (await identity.imported(WANG))["created"] == 1
    assert "profession.taken_back" in await identity.audited()
    for wrong in (body | {"address": "http://127.0.0.1/"}, body | {"address": "https://a b"}, body | {"reason": " "}):
        assert (await identity.ask(identity.administrator, "PUT", f"{path}/D", wrong)).status_code == 422
    assert (await identity.ask(an_actor("review_unit"), "PUT", f"{path}/D", body)).status_code == 403
