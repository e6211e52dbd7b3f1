"""Counts of accounts over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from cec_chassis.database import Database
from cec_chassis.http import needs
from cec_reporting.accounts.queries import AccountCounts, accounts_of

Organisation = Annotated[UUID | None, QueryParameter(description="單位 / Organisation")]


class AccountCountController(Controller):
    """Accounts by role and state 帳號統計."""

    tags = ["account-counts"]  # noqa: RUF012 - Litestar's own declaration

    @get("/account-counts", guards=[needs("reporting.accounts.read")])
    async def account_counts(
        self, database: NamedDependency[Database], organisation_id: Organisation = None
    ) -> AccountCounts:
        """How many accounts are in use and how many are disabled, by role: of one organisation, or all."""
        async with database.reading() as tx:
            return await accounts_of(tx, organisation_id)
