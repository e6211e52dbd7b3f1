"""The menu: what somebody may do in all services, by the table that guards their routes."""

from __future__ import annotations

import pytest
from tests.component.identity.conftest import Identity, good, refusal
from tests.support.tokens import an_actor

from cec_chassis.ids import new_id
from cec_contracts.access import permissions, roles, scopes
from cec_contracts.vocabulary import AccountRole

PEOPLE = tuple(role for role in AccountRole if role is not AccountRole.OTHER_SYSTEM)


@pytest.mark.parametrize("role", PEOPLE)
async def test_each_role_is_told_what_the_table_lets_it_do_and_no_more(identity: Identity, role: AccountRole) -> None:
    menu = good(await identity.ask(an_actor(role), "GET", "/portal/menu"))
    told = {entry["permission"]: entry for entry in menu["entries"]}
    table = {name: row for name, row in permissions().items() if row.everybody or role in row.roles}
    assert list(told) == list(table), "in the order of the table"
    for name, row in table.items():
        entry = told[name]
        assert f"{entry['title']['zh']} / {entry['title']['en']}" == row.what
        assert (entry["service"], entry["fresh"], entry["anybody"]) == (name.split(".")[0], row.fresh, row.everybody)
        limits = entry["limits"]
        assert (f"{limits['zh']} / {limits['en']}" if limits else "") == row.limits
    assert (menu["role"], f"{menu['role_title']['zh']} / {menu['role_title']['en']}") == (role, roles()[role])


async def test_what_the_menu_names_is_let_in_and_what_it_leaves_out_is_not(identity: Identity) -> None:
    """The table is what both are made of; that the routes are held to it is shown for all of them elsewhere."""
    for role, may in ((AccountRole.SYSTEM_ADMINISTRATOR, True), (AccountRole.PRACTITIONER, False)):
        actor = an_actor(role, practitioner_id=new_id())
        menu = good(await identity.ask(actor, "GET", "/portal/menu"))
        assert ("identity.accounts.read" in {entry["permission"] for entry in menu["entries"]}) is may
        assert ((await identity.ask(actor, "GET", "/accounts")).status_code == 200) is may


async def test_a_real_sign_in_reads_its_menu_in_both_languages(identity: Identity) -> None:
    token = good(await identity.sign_in())["access_token"]
    menu = good(await identity.with_token(token, "/portal/menu"))
    assert menu["role_title"] == {"zh": "系統管理者", "en": "System administrator"}
    kept = next(entry for entry in menu["entries"] if entry["permission"] == "identity.organisations.keep")
    assert (kept["title"], kept["fresh"]) == ({"zh": "登記與變更單位", "en": "Register and change organisations"}, True)


async def test_strangers_other_systems_and_applications_have_no_menu(identity: Identity) -> None:
    assert refusal(await identity.ask(None, "GET", "/portal/menu"))[0] == 401
    system = an_actor("other_system", scopes=tuple(scopes()))
    application = an_actor("practitioner", client_id=new_id(), scopes=tuple(scopes()))
    for actor in (system, application):
        assert refusal(await identity.ask(actor, "GET", "/portal/menu"))[:2] == (403, "forbidden")


def test_every_role_of_people_has_a_name() -> None:
    assert set(roles()) == set(PEOPLE)
