"""What sign-in needs, made once for the process."""

from __future__ import annotations

from dataclasses import dataclass, field

from cec_chassis.database import Database
from cec_identity.accounts.passwords import Passwords
from cec_identity.lockout.guard import Lockout
from cec_identity.proof_of_work.proof import ProofOfWork
from cec_identity.settings import IdentitySettings
from cec_identity.sign_in.admission import Admission
from cec_identity.vault import Vault


@dataclass(frozen=True, slots=True)
class Door:
    """Where people come in."""

    database: Database
    settings: IdentitySettings
    vault: Vault = field(repr=False)
    passwords: Passwords = field(repr=False)
    proof_of_work: ProofOfWork = field(repr=False)
    lockout: Lockout = field(repr=False)
    admission: Admission = field(repr=False)

    @classmethod
    def of(
        cls, database: Database, settings: IdentitySettings, vault: Vault, passwords: Passwords, proof: ProofOfWork
    ) -> Door:
        """The door of a process with these settings."""
        admission = Admission(settings.sign_in_places, connections=database.pool_size)
        return cls(database, settings, vault, passwords, proof, Lockout(settings, vault), admission)
