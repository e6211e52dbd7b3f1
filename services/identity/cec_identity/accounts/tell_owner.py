"""Tell the owner of an account by mail what has happened to it."""

from __future__ import annotations

from collections.abc import Mapping

from cec_chassis.database import Transaction
from cec_identity.accounts.domain import Account
from cec_identity.accounts.profile_store import profile_by_account
from cec_identity.mail.domain import Mail
from cec_identity.mail.queue_mail import queue_mail


async def tell_owner(
    tx: Transaction, account: Account, template: str, values: Mapping[str, str], dedupe_key: str | None = None
) -> None:
    """In the owner's language. `values` are what the template asks for beside `person_name` and `account_name`. Does
    nothing when the account has no address."""
    profile = await profile_by_account(tx, account.account_id)
    if profile is None or profile.email is None:
        return
    mail = Mail(
        template=template,
        to=profile.email,
        account_id=account.account_id,
        language=profile.language,
        values={"person_name": profile.person_name, "account_name": account.name, **values},
        dedupe_key=dedupe_key,
    )
    await queue_mail(tx, mail)
