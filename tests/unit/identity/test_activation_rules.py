"""What somebody says to open an account: understood in every usual way of writing, refused in every other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cec_chassis.problems import ValidationFailed
from cec_contracts import national_id
from cec_identity.activation.domain import Facts, checked_facts

KEY = b"an index key of thirty-two bytes or more"


def facts(**changes: object) -> Facts:
    """By default of somebody who practises."""
    said = {
        "national_id_text": "A123456789",
        "practising": True,
        "institution_code": "592202A296",
        "certificate_number": "049465",
    } | changes
    return checked_facts(index_key=KEY, **said)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text", ["049465", "０４９４６５", " 049465 ", "牙醫字第049465號", "醫字第 049465 號", "第049465號", "049465號"]
)
def test_a_certificate_is_six_digits_however_it_is_written(text: str) -> None:
    assert facts(certificate_number=text).certificate_number == "049465"


@pytest.mark.parametrize(
    "text", ["", "49465", "0494650", "04946x", "牙醫字第49465號", "牙醫字049465", "٠٤٩٤٦٥", "-49465"]
)
def test_what_is_no_certificate(text: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        facts(certificate_number=text)
    assert [error.slug for error in refused.value.errors] == ["certificate-number-format"]


@pytest.mark.parametrize("number", ["A123456789", "AB23456789", "BD01300667", "A800000014", "B801300667", "r121351632"])
def test_all_forms_of_numbers_of_people_are_taken(number: str) -> None:
    assert facts(national_id_text=number).national_id_index == national_id.index(KEY, number)


@pytest.mark.parametrize("code", ["1029384212", "１０２９３８４２１２", "592202a296", "0101090517"])
def test_ten_characters_are_a_code_whatever_the_check_digit_says(code: str) -> None:
    assert facts(institution_code=code).institution_code is not None


def taken_or_none(**said: str) -> Facts | None:
    """The facts, if all of them have the form."""
    try:
        return facts(**said)
    except ValidationFailed:
        return None


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=40))
def test_no_text_gets_through_that_is_not_of_the_form(number: str, certificate: str, code: str) -> None:
    taken = taken_or_none(national_id_text=number, certificate_number=certificate, institution_code=code)
    assert taken is None or (taken.certificate_number.isdigit() and len(taken.certificate_number) == 6)


def test_what_was_typed_is_not_repeated() -> None:
    with pytest.raises(ValidationFailed) as refused:
        facts(national_id_text="A123456788", certificate_number="secret one", institution_code="another")
    assert len(refused.value.errors) == 3
    told = str([error.message for error in refused.value.errors])
    assert not any(typed in told for typed in ("A123456788", "secret one", "another"))
