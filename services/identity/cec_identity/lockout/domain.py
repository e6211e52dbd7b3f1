"""How many guesses are free, and what the next ones cost. Pure.

Every attempt is charged before the password is looked at, and what was charged is given back when it was right: a
hundred guesses sent at once are a hundred failures, whichever process takes them.

Nobody can be locked out for good by guesses of others. A wait is at most `LONGEST_WAIT`, attempts made meanwhile do not
prolong it, and it never holds for a device from which the account was signed in to before, for passkeys, cards, sessions
that live and the recovery by mail.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from cec_chassis.problems import Refusal

LONGEST_WAIT = timedelta(minutes=15)
NEVER = 1_000_000_000


class TooManyAttempts(Refusal):
    """Too many failed attempts for this name, from this address or with this device; `Retry-After` says how long."""

    slug = "too-many-attempts"
    status = 429
    title = "嘗試次數過多,請稍後再試,或使用其他登入方式 / Too many attempts; wait, or sign in another way"


class Kind(StrEnum):
    """What failures are counted for."""

    ACCOUNT = "account"
    """By the name that was typed, whether or not anybody has it."""
    ADDRESS = "address"
    DEVICE = "device"
    """A device that the account knows: instead of all others."""
    EVERYBODY = "everybody"
    """All attempts without a known device: guesses from many addresses at many names."""
    SECOND_FACTOR = "second-factor"
    """Of an account, by somebody who has its password."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What failures of one kind cost. Numbers are counts of failures that are not forgotten."""

    proof_after: int
    """So many are free of a proof of work."""
    wait_after: int
    """The failure of this number begins the first wait; each one after it begins a wait twice as long."""
    first_wait: timedelta
    forgotten_after: timedelta
    sliding: bool = True
    """Forgotten so long after the last failure; otherwise after the first one."""


def policies(failures_per_minute: int) -> dict[Kind, Policy]:
    """The policy of each kind; `failures_per_minute` is how many of everybody's are nothing unusual."""
    return {
        Kind.ACCOUNT: Policy(5, 10, timedelta(seconds=30), timedelta(hours=24)),
        # An office of many people has one address: more is free, and it is forgotten sooner.
        Kind.ADDRESS: Policy(50, 200, timedelta(seconds=10), timedelta(hours=1)),
        Kind.DEVICE: Policy(5, 10, timedelta(seconds=30), timedelta(hours=24)),
        Kind.EVERYBODY: Policy(failures_per_minute, NEVER, timedelta(0), timedelta(minutes=1), sliding=False),
        Kind.SECOND_FACTOR: Policy(NEVER, 5, timedelta(seconds=30), timedelta(hours=24)),
    }
