"""Charges attempts, and gives back what was charged when they were good."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from cec_chassis.database import Transaction
from cec_identity.accounts.domain import name_key
from cec_identity.lockout.domain import Kind, TooManyAttempts, policies
from cec_identity.lockout.store import Charged, Subjects, charge, counted, forgive, give_back, waiting_until
from cec_identity.proof_of_work.proof import ProofRequired
from cec_identity.settings import IdentitySettings
from cec_identity.sign_in.visit import Visit
from cec_identity.vault import Vault

_OF_ONE = frozenset({Kind.ACCOUNT, Kind.DEVICE, Kind.SECOND_FACTOR})
"""A success wipes them out. Those of many people only get back the one failure that was none."""

_FLOOD_REMEMBERED = timedelta(seconds=1)


class Lockout:
    """One for the process; what it counts is in the database."""

    def __init__(self, settings: IdentitySettings, vault: Vault) -> None:
        self._key = vault.attempts_key
        self._policies = policies(settings.sign_in_failures_per_minute)
        self._flood_until = datetime.min.replace(tzinfo=UTC)

    def of_password(self, name: str, visit: Visit, device: bytes | None) -> dict[Kind, bytes]:
        """What an attempt at `name` is charged to. A device that the account knows is charged alone: guesses of others
        are not its fault."""
        if device is not None:
            return {Kind.DEVICE: device}
        return {
            Kind.ACCOUNT: self._hash(name_key(name)),
            Kind.ADDRESS: self._hash(visit.neighbourhood),
            Kind.EVERYBODY: b"",
        }

    def of_second_factor(self, account_id: UUID) -> dict[Kind, bytes]:
        """What a wrong code is charged to."""
        return {Kind.SECOND_FACTOR: account_id.bytes}

    def everybody_owes_a_proof(self, now: datetime) -> bool:
        """Whether it was so a second ago at most. Asked before the database is: the attempts of a flood cost it one
        question a second, not one each."""
        return now < self._flood_until

    async def require_open(self, tx: Transaction, subjects: Subjects, *, proven: bool) -> None:
        """Refuses early what `charge` would refuse, without writing: this is what a flood of guesses costs us.

        Raises:
            TooManyAttempts: one of the subjects has to wait.
            ProofRequired: a proof of work is due, and not `proven`.
        """
        await self._require_no_wait(tx, subjects)
        if not proven:
            one_more = (Charged(each.kind, each.failures + 1) for each in await counted(tx, subjects))
            self._require_no_proof_due(tx.now, one_more)

    async def charge(self, tx: Transaction, subjects: Subjects, *, proven: bool = True) -> None:
        """Counts an attempt as failed. A refused one is not counted: the caller's transaction ends with the refusal.

        Raises:
            TooManyAttempts: one of the subjects has to wait.
            ProofRequired: a proof of work is due, and not `proven`.
        """
        charged = await charge(tx, subjects, self._policies)
        if len(charged) < len(subjects):
            await self._require_no_wait(tx, subjects)
        if not proven:
            self._require_no_proof_due(tx.now, charged)

    async def _require_no_wait(self, tx: Transaction, subjects: Subjects) -> None:
        until = await waiting_until(tx, subjects)
        if until is not None:
            raise TooManyAttempts(headers={"Retry-After": str(int((until - tx.now).total_seconds()) + 1)})

    def _require_no_proof_due(self, now: datetime, counters: Iterable[Charged]) -> None:
        due = {each.kind for each in counters if each.failures > self._policies[each.kind].proof_after}
        if Kind.EVERYBODY in due:
            self._flood_until = now + _FLOOD_REMEMBERED
        if due:
            raise ProofRequired

    async def settle(self, tx: Transaction, subjects: Subjects) -> None:
        """The attempt was good."""
        await forgive(tx, {kind: subject for kind, subject in subjects.items() if kind in _OF_ONE})
        await give_back(tx, {kind: subject for kind, subject in subjects.items() if kind not in _OF_ONE})

    async def forgive_account(self, tx: Transaction, account_id: UUID, name: str) -> None:
        """Nothing is held against the account any more: it has shown in another way whose it is (recovery)."""
        await forgive(tx, {Kind.ACCOUNT: self._hash(name_key(name)), Kind.SECOND_FACTOR: account_id.bytes})

    def _hash(self, subject: str) -> bytes:
        """Of names and addresses a keyed hash is kept: people type passwords into the field for the name."""
        return hmac.digest(self._key, subject.encode(), "sha256")
