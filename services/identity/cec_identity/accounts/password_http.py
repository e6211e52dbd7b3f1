"""One's own password over HTTP."""

from __future__ import annotations

from typing import Annotated

from litestar import Controller, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta

from cec_chassis.database import Database
from cec_chassis.http import HttpRequest, Request, needs
from cec_identity.accounts.change_password import change_password
from cec_identity.accounts.passwords import LONGEST, Passwords
from cec_identity.proof_of_work.limits import Limiter

_Password = Annotated[str, Meta(min_length=1, max_length=4 * LONGEST)]


class ChangePasswordRequest(Request):
    """The password one has, and the one one wants."""

    current_password: _Password
    new_password: _Password

    def __repr__(self) -> str:
        """Nothing of it."""
        return "ChangePasswordRequest()"


class PasswordController(Controller):
    path = "/accounts/me/password"
    tags = ("accounts",)

    @post("/", status_code=204, guards=[needs("identity.passwords.change")])
    async def change_own_password(
        self,
        request: HttpRequest,
        data: JSONBody[ChangePasswordRequest],
        database: NamedDependency[Database],
        passwords: NamedDependency[Passwords],
        limiter: NamedDependency[Limiter],
    ) -> None:
        """Change one's own password. All other sessions end; a mail tells of it. 403 `current-password-wrong`, 422."""
        await change_password(
            database,
            request.command_context(),
            passwords,
            limiter,
            request.user,
            data.current_password,
            data.new_password,
        )
