"""How many password checks may wait at once. More are told to come again, before anything has been done for them.

Each check takes a processor for tens of milliseconds, and as many run as there are processors (`Passwords`). Without a
bound, a flood of guesses would make a queue in which everybody waits for minutes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from cec_chassis.problems import Refusal


class SignInBusy(Refusal):
    """More people want to sign in at this moment than passwords can be checked."""

    slug = "sign-in-busy"
    status = 503
    title = "登入人數過多,請稍候數秒再試 / Too many people are signing in; try again in a few seconds"


class Admission:
    """Places in the queue of one process. A quarter is kept for devices that their accounts know."""

    def __init__(self, places: int) -> None:
        self._places = places
        self._for_strangers = max(1, places - places // 4)
        self._taken = 0

    @contextmanager
    def place(self, *, known_device: bool) -> Iterator[None]:
        """A place as long as the block lasts.

        Raises:
            SignInBusy: there is none.
        """
        if self._taken >= (self._places if known_device else self._for_strangers):
            raise SignInBusy(headers={"Retry-After": "2"})
        self._taken += 1
        try:
            yield
        finally:
            self._taken -= 1
