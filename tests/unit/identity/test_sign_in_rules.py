"""Refresh tokens, signing keys, names and sealed values: the rules without a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cec_chassis.ids import new_id
from cec_chassis.problems import ValidationFailed
from cec_identity.accounts.domain import checked_name, name_key
from cec_identity.accounts.passwords import WORST, check_password
from cec_identity.sealing import CannotUnseal, Sealer
from cec_identity.sign_in.domain import (
    RefreshToken,
    Session,
    Worth,
    digest_of,
    expiry_of_token,
    new_refresh_token,
    worth_of,
)
from cec_identity.signing_keys.domain import FreshKey, KeyStatus, NextKeyTooYoung, first_set, rotated

NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)
SECRET = "a secret key of thirty-two bytes or more"


def worth(
    *, used: bool = False, ended: bool = False, active: bool = True, expires: timedelta = HOUR, ends: timedelta = HOUR
) -> Worth:
    token = RefreshToken(digest=b"", expires_at=NOW + expires, used_at=NOW if used else None)
    session = Session(
        session_id=new_id(), account_id=new_id(), ends_at=NOW + ends, ended_at=NOW - HOUR if ended else None
    )
    return worth_of(token, session, NOW, account_active=active)


def test_a_fresh_token_of_a_living_session_is_good() -> None:
    assert worth() is Worth.GOOD


def test_a_used_token_is_reuse_even_when_it_has_expired_or_the_account_is_disabled() -> None:
    assert worth(used=True) is worth(used=True, expires=-HOUR) is worth(used=True, active=False) is Worth.REUSED


def test_everything_is_over_once_the_session_has_ended_expired_or_lost_its_account() -> None:
    for over in (worth(ended=True), worth(ended=True, used=True), worth(active=False)):
        assert over is Worth.ENDED
    assert worth(expires=timedelta()) is worth(ends=timedelta()) is Worth.ENDED


def test_refresh_tokens_are_random_and_kept_as_digests() -> None:
    tokens = {new_refresh_token() for _ in range(100)}
    assert len(tokens) == 100
    assert min(map(len, tokens)) >= 43
    assert all(len(digest_of(token)) == 32 for token in tokens)


def test_a_token_never_outlives_its_session() -> None:
    assert expiry_of_token(NOW, NOW + 2 * HOUR, HOUR) == NOW + HOUR
    assert expiry_of_token(NOW, NOW + HOUR / 2, HOUR) == NOW + HOUR / 2


def key(kid: str) -> FreshKey:
    return FreshKey(kid, {"kid": kid})


@given(st.lists(st.integers(10, 5000), min_size=1, max_size=8))
def test_after_any_rotations_one_key_is_current_one_next_and_no_token_in_hand_loses_its_key(pauses: list[int]) -> None:
    settle, lifetime = timedelta(seconds=10), timedelta(minutes=10)
    now = NOW
    keys = first_set(key("0"), key("1"), now, settle)
    signed = [("0", now)]
    for number, pause in enumerate(pauses, start=2):
        now += timedelta(seconds=pause)
        signed.append((next(k.kid for k in keys if k.status is KeyStatus.CURRENT), now))
        known_before = {k.kid for k in keys}
        keys = rotated(keys, key(str(number)), now, settle=settle, token_lifetime=lifetime)
        statuses = [k.status for k in keys]
        assert statuses.count(KeyStatus.CURRENT) == statuses.count(KeyStatus.NEXT) == 1
        assert next(k.kid for k in keys if k.status is KeyStatus.CURRENT) in known_before
        verifies = {k.kid for k in keys if k.retires_at is None or k.retires_at > now}
        assert {kid for kid, at in signed if at + lifetime > now} <= verifies


def test_a_key_younger_than_the_settling_time_is_not_put_to_use() -> None:
    keys = first_set(key("0"), key("1"), NOW, HOUR)
    with pytest.raises(NextKeyTooYoung):
        rotated(keys, key("2"), NOW + HOUR / 2, settle=HOUR, token_lifetime=HOUR)


@pytest.mark.parametrize("name", ["abcde", "a.b-c_d@e", "x" * 64, "ＵＮＩＴ-1", " unit-one "])
def test_account_names_are_folded_to_half_width(name: str) -> None:
    assert name_key(checked_name(name)) == name_key(name)


@pytest.mark.parametrize(
    "name", ["abcd", "x" * 65, ".abcde", "unit one", "ünit-one", "unіt-one", "單位帳號一", "unit\u200bone"]
)
def test_other_account_names_are_refused(name: str) -> None:
    with pytest.raises(ValidationFailed):
        checked_name(name)


@pytest.mark.parametrize(
    "name",
    ["A123456789", "a123456789", "ＡB23456789", "ad23456789", "A823456789", "ａ９23456789", " A123456789 ", "A123456788",
     "a123456789@hospital", "dr.A123456789"],
)  # fmt: skip
def test_the_number_of_a_person_is_no_account_name(name: str) -> None:
    """A wrong checksum is somebody's slip of the finger, and tells as much."""
    with pytest.raises(ValidationFailed) as refused:
        checked_name(name)
    assert [error.slug for error in refused.value.errors] == ["account-name-is-national-id"]


@pytest.mark.parametrize("name", ["a1234567890", "ward-23456789", "ax23456789", "nurse123456789"])
def test_a_name_that_only_resembles_one_is_taken(name: str) -> None:
    assert checked_name(name) == name


def test_the_worst_passwords_are_refused_in_any_writing_and_long_ones_accepted() -> None:
    assert len(WORST) > 50
    assert {word.lower() for word in WORST} == WORST
    for password in ("qwertyuiop", "QwErTyUiOp", "ｐａｓｓｗｏｒｄ１"):
        with pytest.raises(ValidationFailed) as refused:
            check_password(password, "unit-one")
        assert refused.value.errors[0].slug == "password-too-common"
        assert password not in str(refused.value.errors)
    check_password("四個字不夠但八個字夠", "unit-one")
    check_password("Aa1! Aa1! " * 12, "unit-one")


def test_a_sealed_value_opens_only_with_its_secret_purpose_and_row() -> None:
    sealed = Sealer(SECRET, "ids").seal(b"A123456789", belongs_to="row-1")
    assert b"A123456789" not in sealed
    assert sealed != Sealer(SECRET, "ids").seal(b"A123456789", belongs_to="row-1")
    assert Sealer(SECRET, "ids").open(sealed, belongs_to="row-1") == b"A123456789"
    wrong = [
        (Sealer(SECRET + "!", "ids"), sealed, "row-1"),
        (Sealer(SECRET, "keys"), sealed, "row-1"),
        (Sealer(SECRET, "ids"), sealed, "row-2"),
        (Sealer(SECRET, "ids"), sealed[:-1] + bytes([sealed[-1] ^ 1]), "row-1"),
        (Sealer(SECRET, "ids"), b"\x03" + sealed[1:], "row-1"),
        (Sealer(SECRET, "ids"), b"", "row-1"),
    ]
    for sealer, value, row in wrong:
        with pytest.raises(CannotUnseal):
            sealer.open(value, belongs_to=row)
