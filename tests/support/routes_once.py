"""The routes of a service are put together once in each worker: with identity's 150 this would be most of what a test does.

Each application that a test makes is its own all the same, with its own database, clock, keys and memory: those are at
hand for its requests and unknown to the routes (`cec_chassis/http/at_hand.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from typing import Any

import pytest
from litestar import Litestar

from cec_chassis.http import app as chassis_app


@contextmanager
def routes_once() -> Iterator[None]:
    """While it lasts, what is put together from the same parts is taken from a store, as a copy."""
    put_together, made = chassis_app.put_together, dict[Any, Litestar]()

    def take(routes: tuple[Any, ...], **parts: Any) -> Litestar:
        key = (routes, *(_key(parts[name]) for name in sorted(parts)))
        if key not in made:
            made[key] = put_together(routes, **parts)
        return copy(made[key])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chassis_app, "put_together", take)
        yield


def _key(part: Any) -> Any:
    return tuple(part.items()) if isinstance(part, Mapping) else part
