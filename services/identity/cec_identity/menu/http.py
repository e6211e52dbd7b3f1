"""The menu over HTTP."""

from __future__ import annotations

from litestar import Controller, get

from cec_chassis.http import HttpRequest, needs
from cec_contracts.access import permissions, roles
from cec_contracts.vocabulary import AccountRole
from cec_identity.menu.domain import Menu, menu_of


class MenuController(Controller):
    tags = ("menu",)

    @get("/portal/menu", guards=[needs("identity.menu.own")])
    async def my_menu(self, request: HttpRequest) -> Menu:
        """What the caller may do in all services, with titles in both languages: draw the menu by it 功能選單. It shows
        and guards nothing: each service asks the same table again, and decides what belongs to whom."""
        role = AccountRole(request.user.role)
        return menu_of(role, roles()[role], permissions().values())
