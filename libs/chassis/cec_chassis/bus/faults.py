"""What kind of failure it is decides where a message goes."""

from __future__ import annotations

from enum import Enum

import asyncpg
from sqlalchemy.exc import DBAPIError, DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

TRY_AGAIN_STATES = frozenset({"40001", "40P01", "55P03", "57014"})
"""serialization failure, deadlock, lock not available, statement cancelled"""
DOWN_STATES = frozenset({"57P01", "57P02", "57P03", "53300", "53100", "53200", "25006"})
"""shutting down, crashed, starting up, too many connections, disk full, out of memory, read-only"""


class Fault(Enum):
    """INFRASTRUCTURE: pause, keep the message, nothing is held against it. TRANSIENT: retry ladder.
    PERMANENT: parked at once, trying again cannot help."""

    INFRASTRUCTURE = "infrastructure"
    TRANSIENT = "transient"
    PERMANENT = "permanent"


class Unprocessable(Exception):
    """A handler raises this when the message itself is wrong and no retry can help; `slug` is the parking reason."""

    def __init__(self, slug: str, detail: str) -> None:
        super().__init__(detail)
        self.slug = slug


def classify(error: BaseException) -> Fault:
    if isinstance(error, Unprocessable):
        return Fault.PERMANENT
    if isinstance(error, OSError | DisconnectionError | PoolTimeout | InterfaceError):
        return Fault.INFRASTRUCTURE
    if isinstance(error, DBAPIError):
        return _of_database(error)
    if isinstance(error, asyncpg.PostgresConnectionError | asyncpg.InterfaceError | asyncpg.InternalClientError):
        return Fault.INFRASTRUCTURE
    return Fault.TRANSIENT


def state_of(error: BaseException) -> str:
    """The SQLSTATE, or nothing when the server has not said anything."""
    return str(getattr(getattr(error, "orig", error), "sqlstate", None) or "")


def _of_database(error: DBAPIError) -> Fault:
    state = state_of(error)
    if isinstance(error.orig and error.orig.__cause__, asyncpg.InternalClientError):
        return Fault.INFRASTRUCTURE  # how the driver says that its connection broke in the middle of something
    if error.connection_invalidated or state in DOWN_STATES or state.startswith("08"):
        return Fault.INFRASTRUCTURE
    if state in TRY_AGAIN_STATES:
        return Fault.TRANSIENT
    if isinstance(error, OperationalError) and not state:
        return Fault.INFRASTRUCTURE
    # a data error (class 22) or a violated constraint (class 23) will be the same next time
    return Fault.PERMANENT if state[:2] in {"22", "23"} and state != "23505" else Fault.TRANSIENT


def reason_of(error: BaseException) -> str:
    if isinstance(error, Unprocessable):
        return error.slug
    return "data-refused" if classify(error) is Fault.PERMANENT else "handler-failed"
