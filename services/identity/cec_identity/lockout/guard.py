"""Charges attempts, and gives back what was charged when they were good."""

from __future__ import annotations

import hmac
from uuid import UUID

from cec_chassis.database import Transaction
from cec_identity.accounts.domain import name_key
from cec_identity.lockout.domain import Kind, TooManyAttempts, policies
from cec_identity.lockout.store import Subjects, charge, counted, forgive, give_back, waiting_until
from cec_identity.proof_of_work.proof import ProofRequired
from cec_identity.settings import IdentitySettings
from cec_identity.sign_in.visit import Visit
from cec_identity.vault import Vault

_OF_ONE = frozenset({Kind.ACCOUNT, Kind.DEVICE, Kind.SECOND_FACTOR})
"""A success wipes them out. Those of many people only get back the one failure that was none."""


class Lockout:
    """One for the process; what it counts is in the database."""

    def __init__(self, settings: IdentitySettings, vault: Vault) -> None:
        self._key = vault.attempts_key
        self._policies = policies(settings.sign_in_failures_per_minute)

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

    async def require_open(self, tx: Transaction, subjects: Subjects, *, proven: bool) -> None:
        """Refuses early what `charge` would refuse, without writing: this is what a flood of guesses costs us.

        Raises:
            TooManyAttempts: one of the subjects has to wait.
            ProofRequired: a proof of work is due, and not `proven`.
        """
        await self._require_no_wait(tx, subjects)
        if not proven and any(self._proof_due(each.kind, each.failures + 1) for each in await counted(tx, subjects)):
            raise ProofRequired

    async def charge(self, tx: Transaction, subjects: Subjects, *, proven: bool = True) -> None:
        """Counts an attempt as failed. A refused one is not counted: the caller's transaction ends with the refusal.

        Raises:
            TooManyAttempts: one of the subjects has to wait.
            ProofRequired: a proof of work is due, and not `proven`.
        """
        charged = await charge(tx, subjects, self._policies)
        if len(charged) < len(subjects):
            await self._require_no_wait(tx, subjects)
        if not proven and any(self._proof_due(each.kind, each.failures) for each in charged):
            raise ProofRequired

    async def _require_no_wait(self, tx: Transaction, subjects: Subjects) -> None:
        until = await waiting_until(tx, subjects)
        if until is not None:
            raise TooManyAttempts(headers={"Retry-After": str(int((until - tx.now).total_seconds()) + 1)})

    def _proof_due(self, kind: Kind, failures: int) -> bool:
        return failures > self._policies[kind].proof_after

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
