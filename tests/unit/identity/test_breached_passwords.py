"""The list of breached passwords, as large files of it come."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cec_chassis.problems import ValidationFailed
from cec_identity.accounts.breached_passwords import BreachedPasswords, NotAListOfHashes
from cec_identity.accounts.passwords import Passwords


def sha1(password: str) -> str:
    return hashlib.sha1(password.encode()).hexdigest().upper()


def a_list(
    path: Path, passwords: set[str], *, count: bool = True, end: str = "\r\n", last: bool = True
) -> BreachedPasswords:
    lines = [f"{hash_}:{number}" if count else hash_ for number, hash_ in enumerate(sorted(map(sha1, passwords)), 1)]
    path.write_text(end.join(lines) + (end if last else ""), newline="")
    return BreachedPasswords(path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    known=st.sets(st.text(max_size=12), min_size=1, max_size=40),
    others=st.sets(st.text(max_size=12), max_size=20),
    count=st.booleans(),
    end=st.sampled_from(["\r\n", "\n"]),
    last=st.booleans(),
)
def test_exactly_the_listed_ones_are_found(
    tmp_path: Path, known: set[str], others: set[str], count: bool, end: str, last: bool
) -> None:
    found = a_list(tmp_path / "hashes.txt", known, count=count, end=end, last=last)
    assert all(found.contains(password) for password in known)
    assert not any(found.contains(password) for password in others - known)


def test_lower_case_hashes_are_found_too(tmp_path: Path) -> None:
    path = tmp_path / "hashes.txt"
    path.write_text("\n".join(sorted(sha1(str(number)).lower() for number in range(1000))))
    found = BreachedPasswords(path)
    assert all(found.contains(str(number)) for number in range(1000))
    assert not found.contains("1000")


def test_another_file_is_no_list(tmp_path: Path) -> None:
    for content in ("", "password\n", "a" * 39 + "\n"):
        (tmp_path / "file.txt").write_text(content)
        with pytest.raises(NotAListOfHashes):
            BreachedPasswords(tmp_path / "file.txt")
    with pytest.raises(OSError, match="nothing"):
        BreachedPasswords(tmp_path / "nothing.txt")


async def test_a_breached_password_cannot_be_chosen_in_any_width(tmp_path: Path) -> None:
    passwords = Passwords(a_list(tmp_path / "hashes.txt", {"correct horse battery"}))
    for written in ("correct horse battery", "ｃｏｒｒｅｃｔ　ｈｏｒｓｅ　ｂａｔｔｅｒｙ"):
        with pytest.raises(ValidationFailed) as refused:
            await passwords.check(written, "unit-one")
        assert refused.value.errors[0].slug == "password-breached"
        assert "horse" not in str(refused.value.errors)
    await passwords.check("correct horse batteries", "unit-one")
    await Passwords().check("correct horse battery", "unit-one")
