"""Change one's e-mail address: the new one is confirmed by a link, the old one is told.

Everything goes there afterwards, links to new passwords too, so a stolen session must not be enough: the route asks for
a fresh sign-in.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from cec_chassis.database import Transaction
from cec_chassis.problems import Refusal
from cec_identity.accounts.domain import Account
from cec_identity.accounts.profile import email_key, masked_email
from cec_identity.accounts.profile_store import profile_by_account, profile_for_change, update_profile
from cec_identity.accounts.store import account_by_id
from cec_identity.mail.domain import Mail
from cec_identity.mail.links import digest_of, new_token, portal_link, told_time
from cec_identity.mail.queue_mail import queue_mail
from cec_identity.profile.store import ask_confirmation, take_confirmation
from cec_identity.settings import IdentitySettings
from cec_identity.vault import Vault

PAGE = "confirm-email"
LINK_LIFETIME = timedelta(hours=24)


class ProfileMissing(Refusal):
    """The account's owner has said nothing of themselves yet; that comes first."""

    slug = "profile-missing"
    status = 409
    title = "請先填寫個人資料 / Fill in your data first"


class EmailLinkInvalid(Refusal):
    """The link was never sent, was used, has expired, or a newer one has taken its place."""

    slug = "email-link-invalid"
    status = 410
    title = "連結無效、已使用或已逾期，請重新申請變更 / The link is not valid, was used or has expired; ask for the change again"


async def ask_for_email(
    tx: Transaction, account: Account, email: str, settings: IdentitySettings, vault: Vault
) -> None:
    """Sends the link to the new address. Until it is followed, the present address is the present one.

    Raises:
        ProfileMissing.
    """
    profile = await profile_by_account(tx, account.account_id)
    if profile is None:
        raise ProfileMissing
    token, expires_at = new_token(), tx.now + LINK_LIFETIME
    await ask_confirmation(tx, account.account_id, email, digest_of(token), expires_at)
    mail = Mail(
        template="email_confirm",
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
    tx.audit("email_change.asked", subject_type="account", subject_id=account.account_id)


async def confirm_email(tx: Transaction, token: str) -> Account:
    """The account whose address is the confirmed one from now on; the former address is told.

    Raises:
        EmailLinkInvalid: also when the account was put out of use meanwhile.
    """
    change = await take_confirmation(tx, digest_of(token))
    account = None if change is None else await account_by_id(tx, change.account_id)
    profile = None if change is None else await profile_for_change(tx, change.account_id)
    if change is None or account is None or profile is None or not account.active:
        raise EmailLinkInvalid
    after = replace(profile, email=change.email, email_verified_at=tx.now, version=profile.version + 1)
    await update_profile(tx, after)
    if profile.email is not None and email_key(profile.email) != email_key(change.email):
        await queue_mail(
            tx,
            Mail(
                template="email_changed",
                to=profile.email,
                account_id=account.account_id,
                language=profile.language,
                values={
                    "person_name": profile.person_name,
                    "account_name": account.name,
                    "new_email_masked": masked_email(change.email),
                },
            ),
        )
    tx.audit("email_change.confirmed", subject_type="account", subject_id=account.account_id)
    return account
