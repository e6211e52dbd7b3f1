"""Which tests of a parallel run stay together in one worker, and which begin."""

from __future__ import annotations

import os
from collections.abc import Sequence

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

ONE_STACK = "tests/system"
FIRST = (
    ONE_STACK,
    "tests/integration/local/test_run.py",
    "tests/contract/test_identity_attacked.py",
    "tests/integration",
    "tests/contract",
    "tests/component",
)
"""The longest modules first, and those that take no time last, so that no worker waits for another one at the end."""


class StackTogether(LoadScopeScheduling):  # type: ignore[misc]
    """Module by module, as `--dist loadscope` does, in the order of `FIRST`; all modules that share the one running system
    count as one.

    Otherwise each worker would start a whole system of its own.
    """

    def __init__(self, config: pytest.Config, log: object) -> None:
        config.option.loadscopereorder = False  # by the number of tests, which says nothing of how long they take
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        module: str = super()._split_scope(nodeid)
        folder, _, _ = module.partition("::")[0].rpartition("/")
        return ONE_STACK if folder == ONE_STACK else module


def slow_first(items: list[pytest.Item]) -> None:
    """Puts the tests of a worker into the order of `FIRST`; those of one place stay as they are."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=lambda item: _place(item.nodeid, FIRST))


def _place(nodeid: str, places: Sequence[str]) -> int:
    return next((number for number, place in enumerate(places) if nodeid.startswith(place)), len(places))
