"""Named places where a test makes a process die, fail or stall. Inert unless `CEC_FAILPOINT` is set.

`CEC_FAILPOINT="relay.after_confirm:2:exit137"` kills the process, as `kill -9` would, the second time it
comes by; several points are separated by commas. Actions: `exit137` · `raise` · `sleep<seconds>`.
"""

from __future__ import annotations

import asyncio
import os
import signal
from dataclasses import dataclass

KNOWN = frozenset(
    {
        "command.before_transaction",
        "command.before_commit",
        "command.after_commit",
        "relay.after_claim",
        "relay.after_publish",
        "relay.after_confirm",
        "relay.after_mark",
        "consumer.before_transaction",
        "consumer.after_inbox",
        "consumer.after_write",
        "consumer.after_commit",
        "consumer.after_retry_publish",
        "consumer.after_park_publish",
        "parking.after_commit",
        "recalculation.after_claim",
        "recalculation.before_commit",
        "recalculation.after_commit",
        "topology.during_declare",
        "migration.before_commit",
        "mail.after_claim",
        "mail.after_send",
    }
)
"""A name outside this list is a typing mistake; both the environment and the call sites are held to it by tests."""


class FailpointReached(RuntimeError):
    """Raised by the action `raise`; stands for any unexpected error at that place."""


@dataclass(slots=True)
class _Armed:
    nth: int
    action: str
    hits: int = 0


def _parse(setting: str) -> dict[str, _Armed]:
    armed: dict[str, _Armed] = {}
    for part in filter(None, setting.split(",")):
        name, nth, action = part.split(":")
        if name not in KNOWN:
            raise ValueError(f"CEC_FAILPOINT names an unknown failpoint: {name}")
        armed[name] = _Armed(int(nth), action)
    return armed


_armed = _parse(os.environ.get("CEC_FAILPOINT", ""))


async def hit(name: str) -> None:
    """Does nothing in production; under test acts when this point is reached for the nth time."""
    if not _armed:
        return
    point = _armed.get(name)
    if point is None:
        return
    point.hits += 1
    if point.hits != point.nth:
        return
    if point.action == "exit137":
        os.kill(os.getpid(), signal.SIGKILL)
    elif point.action == "raise":
        raise FailpointReached(name)
    elif point.action.startswith("sleep"):
        await asyncio.sleep(float(point.action.removeprefix("sleep")))
    else:
        raise ValueError(f"unknown failpoint action: {point.action}")
