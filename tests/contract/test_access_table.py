"""The table of who may do what: consistent in itself, used whole, and shown to people as it is."""

from __future__ import annotations

import pytest
from deploy.documents.access_page import PAGE, access_page

from cec_contracts.access import AccessTableWrong, permissions, permissions_of, scopes, table_of
from cec_contracts.vocabulary import AccountRole

EMPTY = """
[scopes]
"a:read" = "讀取 / Read"
[activities]
[review]
[enrolment]
[credits]
[reporting]
"""


def a_table(row: str) -> bytes:
    return f"{EMPTY}\n[identity.things.do]\nwhat = '做 / Do'\n{row}".encode()


def test_the_page_is_what_the_table_and_the_routes_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == access_page(), (
        "run `make documents` and commit docs/architecture/access.md"
    )


def test_every_scope_opens_something_or_is_about_the_person_who_signs_in() -> None:
    used = {row.scope for row in permissions().values() if row.scope}
    assert set(scopes()) - used == {"profile"}, "the scope `profile` widens what userinfo tells"


def test_every_row_belongs_to_one_service() -> None:
    services = ("identity", "activities", "review", "enrolment", "credits", "reporting")
    assert sum(len(permissions_of(service)) for service in services) == len(permissions())


def test_every_role_can_do_something_and_other_systems_nothing_without_a_scope() -> None:
    having = {role for row in permissions().values() for role in row.roles}
    assert having == set(AccountRole) - {AccountRole.OTHER_SYSTEM}


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("", "either public, or roles or a scope"),
        ("public = true\nroles = ['practitioner']", "either public, or roles or a scope"),
        ("public = true\nscope = 'a:read'", "either public, or roles or a scope"),
        ("public = true\nfresh = true", "has not signed in lately"),
        ("roles = ['other_system']", "by a scope, not by a role"),
        ("roles = ['practitioner']\nscope = 'b:read'", "nobody has said what the scope b:read means"),
        ("roles = ['somebody']", "Invalid enum value"),
        ("roles = ['practitioner']\nrole = 'review_unit'", "unknown field"),
        ("roles = ['practitioner']\nlimits = 'only English'", "matching regex"),
    ],
)
def test_a_table_that_contradicts_itself_is_not_read(row: str, complaint: str) -> None:
    with pytest.raises((AccessTableWrong, ValueError), match=complaint):
        table_of(a_table(row))


def test_a_good_row_is_read() -> None:
    table, _ = table_of(a_table("roles = ['practitioner']\nscope = 'a:read'\nfresh = true"))
    row = table["identity.things.do"]
    assert (row.roles, row.scope, row.fresh) == (frozenset({AccountRole.PRACTITIONER}), "a:read", True)
    assert not table_of(a_table("roles = ['practitioner']"))[0]["identity.things.do"].fresh
