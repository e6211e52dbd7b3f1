"""Mail the owner of a new account a link by which they set its first password: nobody else chooses it, nobody else knows it."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from cec_chassis.database import Transaction
from cec_identity.accounts.domain import Account
from cec_identity.accounts.profile import Profile
from cec_identity.accounts.profile_store import insert_profile
from cec_identity.mail.domain import Mail
from cec_identity.mail.links import digest_of, new_token, portal_link, told_time
from cec_identity.mail.queue_mail import queue_mail
from cec_identity.practitioners.survivors import name_in_registry
from cec_identity.recovery.store import Addressee, insert_link
from cec_identity.settings import IdentitySettings
from cec_identity.vault import Vault

PAGE: Final = "recover"
LIFETIME: Final = timedelta(days=7)


async def mail_first_password(
    tx: Transaction, account: Account, email: str, person_name: str, settings: IdentitySettings, vault: Vault
) -> None:
    """The account's owner is reached at `email` from now on. The link works once, and shows that the address is theirs; one
    that has expired is replaced by recovery. A practitioner is called what the registry calls them."""
    if account.practitioner_id is not None:
        person_name = await name_in_registry(tx, account.practitioner_id)
    profile = Profile(account_id=account.account_id, person_name=person_name or account.name, email=email)
    await insert_profile(tx, profile)
    token, expires_at = new_token(), tx.now + LIFETIME
    to = Addressee(account.account_id, account.name, profile.person_name, email, profile.language)
    await insert_link(tx, digest_of(token), to, expires_at)
    mail = Mail(
        template="account_opened",
        to=email,
        account_id=account.account_id,
        language=profile.language,
        values={
            "person_name": profile.person_name,
            "account_name": account.name,
            "expires_at": told_time(expires_at),
        },
        secrets={"link": portal_link(settings.portal_url, PAGE, token)},
        useless_after=expires_at,
    )
    await queue_mail(tx, mail, vault.mails)
