"""The registry import: rows become practitioners, bad rows are reported, nothing is half written."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest
from tests.component.identity.conftest import HEADER, LIN, WANG, Identity, a_file, good, refusal
from tests.support.one_service import News
from tests.support.tokens import an_actor

from cec_contracts import credits, national_id
from cec_contracts import identity as contract

REGISTERED, CHANGED = contract.PRACTITIONER_REGISTERED.name, contract.PRACTITIONER_CHANGED.name


async def practitioner_news(identity: Identity) -> list[tuple[str, int]]:
    return [(told.type, told.sequence) for told in await identity.told() if ".practitioner_" in told.type]


async def test_each_new_person_becomes_one_event_with_everything_the_others_need(identity: Identity) -> None:
    report = await identity.imported(LIN, WANG, LIN.replace(",2,牙技字", ",D,牙醫字"))
    assert (report["created"], report["changed"], report["refused"], report["events"]) == (3, 0, 0, 2)
    told = [told for told in await identity.told() if told.type == REGISTERED]
    lin = next(t.body for t in told if t.body.name == "林技師")
    assert {str(t.sequence) for t in told} == {"1"}
    assert [certificate.profession for certificate in lin.certificates] == ["2", "D"]
    assert [str(licence.valid_until) for licence in lin.licences] == ["2016-12-05", "2016-12-05"]
    assert [(str(area.since), area.area.value) for area in lin.practice_areas] == [("2000-01-01", "ordinary")]
    assert lin.national_id_masked == "R12****632"
    assert lin.national_id_index == national_id.index(b"an index key of thirty-two bytes or more", "R121351632")
    assert str(lin.practitioner_id) == report["results"][0]["practitioner_id"]


async def test_the_same_file_again_changes_nothing_and_tells_nobody(identity: Identity) -> None:
    await identity.imported(LIN, WANG)
    report = await identity.imported(LIN, WANG)
    assert (report["unchanged"], report["events"]) == (2, 0)
    assert await practitioner_news(identity) == [(REGISTERED, 1), (REGISTERED, 1)]


async def test_only_the_person_who_changed_is_told_of_with_the_next_sequence(identity: Identity) -> None:
    await identity.imported(LIN, WANG)
    report = await identity.imported(LIN.replace("2016-12-05,", "2016-12-05,2017-12-05"), WANG)
    assert [result["result"] for result in report["results"]] == ["changed", "unchanged"]
    changed = (await identity.told())[-1]
    assert (changed.type, changed.sequence) == (CHANGED, 2)
    licence = changed.body.licences[0]
    assert (str(licence.valid_until), str(licence.extended_until)) == ("2016-12-05", "2017-12-05")
    audit = await identity.rows("SELECT before, after FROM audit_log WHERE action = 'practitioner.changed'")
    assert len(audit) == 1


async def test_a_renewed_licence_and_a_new_area_are_added_to_the_history(identity: Identity) -> None:
    practitioner_id = await identity.practitioner_id(LIN)
    renewed = LIN.replace("2011-04-15,2016-12-05", "2016-12-06,2022-12-05").replace(
        "ordinary,2000-01-01", "offshore,2017-01-01"
    )
    await identity.imported(renewed)
    view = good(await identity.ask(identity.administrator, "GET", f"/practitioners/{practitioner_id}"))
    assert [licence["valid_from"] for licence in view["licences"]] == ["2011-04-15", "2016-12-06"]
    assert [area["area"] for area in view["practice_areas"]] == ["ordinary", "offshore"]


async def test_bad_rows_are_reported_with_cell_and_slug_and_the_good_ones_are_taken(identity: Identity) -> None:
    report = await identity.imported(
        LIN,
        WANG.replace("A123456789", "A123456788"),
        "," * 12,
        WANG.replace("2005/3/1", "2005-02-30").replace(",D,", ",牙,"),
        WANG + ",extra",
        WANG.replace("2020-12-31,2021-12-31", "2014-12-31,"),
        WANG.replace(",,", ",remote,"),
    )
    assert [result["line"] for result in report["results"]] == [2, 3, 5, 6, 7, 8]  # an empty line is no row
    errors = [[(e["path"], e["slug"]) for e in result.get("errors", [])] for result in report["results"]]
    assert errors == [
        [],
        [("rows[3].national_id", "national-id-checksum")],
        [("rows[5].profession", "unknown-profession"), ("rows[5].certificate_issued_on", "not-a-date")],
        [("rows[6].cells", "too-many-cells")],
        [("rows[7].licence_valid_until", "ends-before-it-begins")],
        [("rows[8].area_since", "missing-value")],
    ]
    assert (report["created"], report["refused"]) == (1, 5)
    assert [row.number for row in await identity.rows("SELECT number FROM practitioners")] == ["P0001"]


async def test_a_category_that_neither_the_ministry_nor_a_published_rule_set_has_is_refused(identity: Identity) -> None:
    rows = [LIN.replace("技師,P0001,2,", f"技師,P0001,{code},") for code in ("9", "SW", "L")]
    report = await identity.imported(*rows)
    assert [result["result"] for result in report["results"]] == ["refused", "refused", "created"]
    assert {error["slug"] for result in report["results"] for error in result.get("errors", [])} == {
        "unknown-profession"
    }
    rules = credits.RuleSet(
        rule_set_id="SW2020",
        effective_from=date(2020, 1, 1),
        minutes_per_credit_hour=60,
        professions=["SW"],
        rates=[],
    )
    await identity.hear(News(event=credits.RULE_SET_PUBLISHED, subject="SW2020", sequence=1, body=rules))
    report = await identity.imported(*rows)
    assert [result["result"] for result in report["results"]] == ["refused", "created", "unchanged"]


async def test_rows_that_contradict_one_another_or_take_a_number_are_refused(identity: Identity) -> None:
    await identity.imported(LIN)
    report = await identity.imported(
        WANG, WANG.replace("王醫師", "汪醫師"), WANG.replace("2021-12-31", ""), WANG.replace("P0002", "P0001")
    )
    errors = [[(e["path"], e["slug"]) for e in result.get("errors", [])] for result in report["results"]]
    assert errors == [
        [],
        [("rows[3].name", "contradicts-another-row")],
        [("rows[4].licence_valid_from", "contradicts-another-row")],
        [("rows[5].number", "number-taken")],
    ]


async def test_an_unusual_institution_code_is_a_warning_and_no_refusal(identity: Identity) -> None:
    report = await identity.imported(LIN.replace("2016-12-05,,,", "2016-12-05,,1029384212,"))
    result = report["results"][0]
    assert result["result"] == "created"
    assert result["warnings"][0]["slug"] == "institution-code-checksum"


async def test_a_dry_run_says_what_would_happen_and_writes_nothing(identity: Identity) -> None:
    known = await identity.rows("SELECT count(*) AS rows FROM audit_log")
    report = good(await identity.upload(a_file(LIN, WANG), query="dry_run=true"))
    assert (report["dry_run"], report["created"], report["events"]) == (True, 2, 2)
    assert "practitioner_id" not in report["results"][0]
    assert await identity.rows("SELECT id FROM practitioners") == []
    assert await practitioner_news(identity) == []
    assert await identity.rows("SELECT count(*) AS rows FROM audit_log") == known


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "big5", "cp950"])
async def test_utf8_with_and_without_mark_and_big5_give_the_same_names(identity: Identity, encoding: str) -> None:
    good(await identity.upload(a_file(LIN, WANG).encode(encoding)))
    names = await identity.rows("SELECT name FROM practitioners ORDER BY number")
    assert [row.name for row in names] == ["林技師", "王醫師"]
    counties = await identity.rows("SELECT county FROM licences ORDER BY county")
    assert [row.county for row in counties] == ["臺北市", "臺南市"]  # 台 and 臺 are one county


async def test_a_file_of_another_encoding_is_refused_and_not_misread(identity: Identity) -> None:
    for content in (a_file(LIN).encode("gb18030"), a_file(LIN).encode("utf-16"), b"\xff\x00\xfe"):
        status, slug, _ = refusal(await identity.upload(content))
        assert (status, slug) == (422, "file-encoding-unknown")
    declared = await identity.upload(a_file(LIN).encode(), media_type="text/csv; charset=big5")
    assert refusal(declared)[1] == "file-encoding-unknown"


async def test_a_wrong_header_refuses_the_whole_file_without_repeating_it(identity: Identity) -> None:
    response = await identity.upload(a_file(LIN).replace("name,", "title,").replace("county,", ""))
    assert refusal(response) == (
        422,
        "csv-header-invalid",
        [
            ("rows[1].column_2", "unknown-column"),
            ("rows[1].name", "missing-column"),
            ("rows[1].county", "missing-column"),
        ],
    )
    headless = await identity.upload(LIN + "\n" + WANG)
    assert refusal(headless)[1] == "csv-header-invalid"
    assert "R121351632" not in headless.text
    assert await identity.rows("SELECT id FROM practitioners") == []


async def test_other_faults_of_the_file_are_told_apart(identity: Identity) -> None:
    assert refusal(await identity.upload(a_file('"open'))) == (422, "csv-malformed", [])
    assert refusal(await identity.upload("")) [1] == "csv-header-invalid"  # fmt: skip
    many = a_file(*["x"] * 100_001)
    assert refusal(await identity.upload(many)) == (422, "too-many-rows", [("rows[100002]", "too-many-rows")])
    json = await identity.ask(identity.administrator, "POST", "/registry/imports", {"rows": []})
    assert refusal(json)[:2] == (415, "unsupported-media-type")
    large = await identity.upload(HEADER.encode() + b"\n" + b"x" * 40_000_001)
    assert refusal(large)[:2] == (413, "body-too-large")


async def test_nobody_but_a_system_administrator_imports(identity: Identity) -> None:
    for role in ("practitioner", "offering_unit", "review_unit", "committee_member", "other_system"):
        assert refusal(await identity.upload(a_file(LIN), actor=an_actor(role)))[:2] == (403, "forbidden")


async def test_a_second_import_at_the_same_time_is_told_to_wait(identity: Identity) -> None:
    async with identity.database.transaction() as tx:
        await tx.execute("SELECT pg_advisory_xact_lock(:key)", key=0x0CEC_1001)
        response = await identity.upload(a_file(LIN))
    assert refusal(response)[:2] == (409, "registry-import-running")
    assert response.headers["retry-after"]


async def test_two_imports_at_once_never_register_one_person_twice(identity: Identity) -> None:
    answers = await asyncio.gather(*(identity.upload(a_file(LIN, WANG)) for _ in range(4)))
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert len(await practitioner_news(identity)) == 2


async def test_the_full_national_id_stands_in_no_table_and_no_answer(identity: Identity) -> None:
    answer = await identity.upload(a_file(LIN, WANG.replace("P0002", "P 2")))
    assert "R121351632" not in answer.text
    assert "A123456789" not in answer.text
    tables = await identity.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    for table in tables:
        rows = await identity.rows(f'SELECT CAST(t AS text) AS content FROM "{table.tablename}" AS t')
        assert not [row for row in rows if "R121351632" in row.content], table.tablename
