"""Checksum, mask and index of the national ID and both resident-certificate forms."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cec_contracts.national_id import InvalidNationalId, index, mask, validate

KEY = b"a key of sixteen bytes or more"
VALID = [
    *("A123456789", "R121351632"),
    *("AA00000009", "AB23456789", "BD01300667"),
    *("A800000014", "A870000015", "A880000018", "A890000011", "B801300667"),
]


@pytest.mark.parametrize("number", VALID)
def test_each_of_the_three_forms_is_accepted_when_its_checksum_holds(number: str) -> None:
    assert validate(number) == number


@pytest.mark.parametrize("number", VALID)
def test_any_other_last_digit_is_refused(number: str) -> None:
    for last in set("0123456789") - {number[-1]}:
        with pytest.raises(InvalidNationalId) as refusal:
            validate(number[:-1] + last)
        assert refusal.value.slug == "national-id-checksum"


@pytest.mark.parametrize("typed", ["r121351632", " R121351632\n", "Ｒ１２１３５１６３２", "\u3000ｒ121351632"])
def test_lower_case_spaces_and_full_width_are_the_same_number(typed: str) -> None:
    assert validate(typed) == "R121351632"
    assert index(KEY, typed) == index(KEY, "R121351632")


@pytest.mark.parametrize(
    "typed",
    ["", "A12345678", "A1234567890", "A323456789", "AE23456789", "1123456789", "A12345678X", "A1२3456789",
     "\u0410123456789", "ı121351632", "A1234\u200b56789"],
)  # fmt: skip
def test_a_wrong_form_is_refused_and_homoglyphs_do_not_pass(typed: str) -> None:
    with pytest.raises(InvalidNationalId) as refusal:
        validate(typed)
    assert refusal.value.slug == "national-id-format"


@given(st.text(max_size=14) | st.from_regex("[A-Za-z][1289A-Da-d][0-9]{8}", fullmatch=True))
def test_any_text_is_a_number_or_one_of_two_refusals_which_never_repeat_it(typed: str) -> None:
    try:
        number = validate(typed)
    except InvalidNationalId as invalid:
        said = (invalid.slug, str(invalid))
    else:
        said = ("valid", number)
    assert said in {
        (
            "national-id-format",
            "身分證或統一證號格式錯誤 / Not the form of a national ID or resident certificate number",
        ),
        ("national-id-checksum", "身分證或統一證號檢查碼錯誤 / The checksum of the national ID is wrong"),
        ("valid", typed.strip().upper()),
    }


def test_the_mask_shows_three_characters_at_each_end() -> None:
    assert mask("A123456789") == "A12****789"
    assert mask("A12") == "**********"


def test_the_index_needs_the_key_and_differs_with_it() -> None:
    assert re.fullmatch("[0-9a-f]{64}", index(KEY, "A123456789"))
    assert index(KEY, "A123456789") != index(KEY + b"!", "A123456789")
    assert index(KEY, "A123456789") != index(KEY, "R121351632")
    with pytest.raises(ValueError, match="16 bytes"):
        index(b"short", "A123456789")
