"""The link in mails about announcements. A mail program posts to it by itself (RFC 8058); a person sees a page first.

GET changes nothing: programs that look at the links of a mail must not unsubscribe anybody.
"""

from __future__ import annotations

from html import escape
from typing import Annotated

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from cec_chassis.database import Database
from cec_chassis.http import HttpRequest, needs
from cec_identity.announcements.unsubscribe import LONGEST_TOKEN, account_of, unsubscribe
from cec_identity.sign_in.http import refused
from cec_identity.vault import Vault

Token = Annotated[
    str, QueryParameter(min_length=1, max_length=LONGEST_TOKEN, description="信中連結之憑證 / From the link")
]
ANYBODY = needs("identity.announcements.public")
PAGE = """<!doctype html>
<html lang="zh-Hant"><head><meta charset="utf-8"><meta name="robots" content="noindex">
<meta name="viewport" content="width=device-width"><title>{title}</title></head>
<body><main><h1>{title}</h1>{body}</main></body></html>
"""
ASK = """<p>不再以電子郵件寄送公告通知給您;其他信件不受影響。 / No more mails about announcements; other mails still come.</p>
<form method="post" action="?token={token}"><button type="submit">取消訂閱 / Unsubscribe</button></form>"""
DONE = """<p>已取消。如要恢復,請登入後於個人資料勾選。 / Done. To get them again, sign in and say so in your profile.</p>"""
SAFE = {
    "Content-Security-Policy": "default-src 'none'; form-action 'self'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
}


class UnsubscribeController(Controller):
    """No more mails about announcements."""

    path = "/announcement-mails/unsubscribe"
    tags = ("announcements",)

    @get(
        "/",
        media_type="text/html",
        responses={404: refused("連結無效 / The link is not valid")},
        guards=[ANYBODY],
    )
    async def ask_to_unsubscribe(self, token: Token, vault: NamedDependency[Vault]) -> Response[str]:
        """A page with one button. 404 `unsubscribe-link-invalid`."""
        account_of(vault.proof_key, token)
        return _page("取消公告通知 / No more announcements", ASK.format(token=escape(token, quote=True)))

    @post("/", status_code=200, media_type="text/html", guards=[ANYBODY])
    async def unsubscribe_by_link(
        self,
        request: HttpRequest,
        token: Token,
        database: NamedDependency[Database],
        vault: NamedDependency[Vault],
    ) -> Response[str]:
        """Unsubscribe; without a body, or with the form that RFC 8058 sends. 404 `unsubscribe-link-invalid`."""
        account_id = account_of(vault.proof_key, token)
        async with database.transaction(request.command_context()) as tx:
            await unsubscribe(tx, account_id)
        return _page("已取消公告通知 / Unsubscribed", DONE)


def _page(title: str, body: str) -> Response[str]:
    return Response(PAGE.format(title=title, body=body), media_type="text/html", headers=SAFE)
