"""Open the first system administrator from the settings, so that somebody can open all the others."""

from __future__ import annotations

import structlog

from cec_chassis.database import Database
from cec_contracts.vocabulary import AccountRole
from cec_identity.accounts.breached_passwords import BreachedPasswords
from cec_identity.accounts.open_account import OpenAccount, open_account
from cec_identity.accounts.passwords import Passwords
from cec_identity.settings import IdentitySettings

log = structlog.get_logger(__name__)

_ONE_AT_A_TIME = 0x0CEC_1002


async def open_first_administrator(database: Database, settings: IdentitySettings) -> None:
    """Does nothing when there is an administrator, disabled or not. Warns when there is none and the settings name none.

    Raises:
        ValidationFailed: the name or the password of the settings is not acceptable.
    """
    name, password, role = (
        settings.bootstrap_admin_name,
        settings.bootstrap_admin_password,
        AccountRole.SYSTEM_ADMINISTRATOR,
    )
    async with database.transaction() as tx:
        # Two processes may start at once; the second finds the first one's account.
        await tx.execute("SELECT pg_advisory_xact_lock(:key)", key=_ONE_AT_A_TIME)
        if await tx.scalar("SELECT EXISTS (SELECT FROM accounts WHERE role = :role)", role=role.value):
            return
        if not name or not password:
            log.warning("no_administrator", hint="CEC_BOOTSTRAP_ADMIN_NAME, CEC_BOOTSTRAP_ADMIN_PASSWORD")
            return
        passwords = Passwords(BreachedPasswords.of(settings.breached_passwords_file))
        command = await OpenAccount.checked(passwords, name=name, password=password, role=role)
        account = await open_account(tx, command)
    log.info("first_administrator_opened", account_id=str(account.account_id))
