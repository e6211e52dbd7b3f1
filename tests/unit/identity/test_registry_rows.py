"""One row of a registry file: what is accepted, what is folded, what is refused."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from cec_chassis.csv_upload import CsvRow
from cec_contracts.vocabulary import Area
from cec_identity.registry.institution_code import checksum_holds, is_institution_code
from cec_identity.registry.rows import HEADINGS, RefusedRow, RegistryRow, read_row

KEY = b"an index key of thirty-two bytes or more"
CELLS = dict(
    zip(
        HEADINGS,
        ("A123456789", "王醫師", "P0002", "D", "牙醫字第000002號", "2005-03-01", "2015-01-01", "2020-12-31", "2021-12-31",
         "592202A296", "臺南市", "remote", "2016-01-01", ""),
        strict=True,
    )
)  # fmt: skip


def read(**changes: str) -> RegistryRow | RefusedRow:
    return read_row(CsvRow(2, CELLS | changes), KEY)


def good(**changes: str) -> RegistryRow:
    row = read(**changes)
    assert isinstance(row, RegistryRow), row
    return row


def faults(**changes: str) -> list[tuple[str, str]]:
    row = read(**changes)
    assert isinstance(row, RefusedRow), row
    return [(error.path.removeprefix("rows[2]."), error.slug) for error in row.errors]


def test_a_full_row_keeps_the_nominal_and_the_extended_end_apart() -> None:
    row = good()
    assert row.licence is not None
    assert (row.licence.valid_until, row.licence.extended_until) == (date(2020, 12, 31), date(2021, 12, 31))
    assert (row.licence.institution_code, row.licence.county) == ("592202A296", "臺南市")
    assert row.area == (date(2016, 1, 1), Area.REMOTE)
    assert row.warnings == ()


def test_a_category_without_a_licence_cycle_is_one_of_the_ministry() -> None:
    assert {good(profession=code).certificate.profession for code in "LMNOP"} == set("LMNOP")


def test_a_category_of_another_ministry_is_known_from_its_published_rules() -> None:
    row = read_row(CsvRow(2, CELLS | {"profession": "SW"}), KEY, {"SW", "A"})
    assert isinstance(row, RegistryRow)
    row = read_row(CsvRow(2, CELLS | {"profession": "9"}), KEY, {"SW", "A"})
    assert isinstance(row, RefusedRow)
    assert "there are A to Z, 1 to 6, SW;" in row.errors[0].message


def test_full_width_lower_case_and_slashes_are_folded() -> None:
    row = good(
        national_id="ａ123456789", number="Ｐ０００２", certificate_issued_on="2005/3/1", county="台南市", area="Remote",
        institution_code="592202a296",
    )  # fmt: skip
    assert row.licence is not None
    assert (row.number, row.certificate.issued_on, row.licence.county) == ("P0002", date(2005, 3, 1), "臺南市")
    assert row.index == good().index


def test_somebody_with_a_certificate_need_not_have_a_licence_nor_an_area() -> None:
    nothing = dict.fromkeys(list(HEADINGS)[6:], "")
    row = good(**nothing)
    assert (row.licence, row.area) == (None, None)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"national_id": ""}, ("national_id", "national-id-format")),
        ({"national_id": "A123456788"}, ("national_id", "national-id-checksum")),
        ({"name": ""}, ("name", "missing-value")),
        ({"name": "王" * 61}, ("name", "too-long")),
        ({"name": "王\u202e明"}, ("name", "bad-character")),
        ({"name": "王\x00明"}, ("name", "bad-character")),
        ({"number": "P 2"}, ("number", "number-format")),
        ({"profession": "9"}, ("profession", "unknown-profession")),
        ({"profession": "SW"}, ("profession", "unknown-profession")),
        ({"profession": "牙"}, ("profession", "unknown-profession")),
        ({"certificate_number": ""}, ("certificate_number", "missing-value")),
        ({"certificate_issued_on": ""}, ("certificate_issued_on", "missing-value")),
        ({"certificate_issued_on": "99/03/01"}, ("certificate_issued_on", "ambiguous-year")),
        ({"certificate_issued_on": "42709"}, ("certificate_issued_on", "date-is-a-number")),
        ({"certificate_issued_on": "2005-02-29"}, ("certificate_issued_on", "not-a-date")),
        ({"certificate_issued_on": "0201-01-01"}, ("certificate_issued_on", "not-a-date")),
        ({"licence_valid_from": ""}, ("licence_valid_from", "missing-value")),
        ({"licence_valid_until": ""}, ("licence_valid_until", "missing-value")),
        ({"licence_valid_until": "2014-12-31"}, ("licence_valid_until", "ends-before-it-begins")),
        ({"licence_extended_until": "2019-12-31"}, ("licence_extended_until", "ends-before-it-begins")),
        ({"institution_code": "12345"}, ("institution_code", "institution-code-format")),
        ({"county": "foo"}, ("county", "unknown-county")),
        ({"area": "island"}, ("area", "unknown-area")),
        ({"area": ""}, ("area", "unknown-area")),
        ({"area_since": ""}, ("area_since", "missing-value")),
    ],
)  # fmt: skip
def test_each_fault_has_its_cell_and_slug(changes: dict[str, str], fault: tuple[str, str]) -> None:
    assert faults(**changes) == [fault]


@pytest.mark.parametrize(
    ("written", "county"), [("台北市", "臺北市"), ("臺北縣", "新北市"), ("桃園縣", "桃園市"), ("", "")]
)
def test_a_county_is_taken_by_its_name_of_today(written: str, county: str) -> None:
    licence = good(county=written).licence
    assert licence is not None
    assert licence.county == county


def test_all_faults_of_a_row_are_told_and_none_repeats_a_cell() -> None:
    row = read(national_id="A123456788", name="", certificate_issued_on="soon")
    assert isinstance(row, RefusedRow)
    assert len(row.errors) == 3
    assert not [e for e in row.errors if "A123456788" in e.message or "soon" in e.message]


def test_a_row_does_not_show_the_national_id_in_its_text_form() -> None:
    assert "A123456789" not in repr(good())


@pytest.mark.parametrize(("code", "fits"), [("592202A296", True), ("1137010024", True), ("1029384212", False)])
def test_the_check_digit_of_an_institution_is_told_apart_from_its_form(code: str, fits: Any) -> None:
    assert is_institution_code(code)
    assert checksum_holds(code) is fits
    assert bool(good(institution_code=code).warnings) is not fits


@pytest.mark.parametrize(
    "written",
    ["2016-12-05", "2016/12/5", "2016.12.05", "20161205", "2016-12-05 00:00:00", "民國105年12月5日", "105/12/05",
     "１０５/１２/０５", "民國105/12/5", "1051205"],
)  # fmt: skip
def test_a_day_may_be_written_by_either_calendar(written: str) -> None:
    assert good(certificate_issued_on=written).certificate.issued_on == date(2016, 12, 5)


def test_a_two_digit_year_of_the_republic_needs_the_word() -> None:
    assert good(certificate_issued_on="民國99年3月1日").certificate.issued_on == date(2010, 3, 1)


def test_a_former_national_id_is_known_by_its_index_and_checked() -> None:
    row = good(former_national_id="r121351632")
    assert row.former_index == good(national_id="R121351632").index
    assert faults(former_national_id="R121351633") == [("former_national_id", "national-id-checksum")]
