"""Which tests of a parallel run stay together in one worker."""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

ONE_STACK = "tests/system"


class StackTogether(LoadScopeScheduling):  # type: ignore[misc]
    """Module by module, as `--dist loadscope` does; all modules that share the one running system count as one.

    Otherwise each worker would start a whole system of its own.
    """

    def _split_scope(self, nodeid: str) -> str:
        module: str = super()._split_scope(nodeid)
        folder, _, _ = module.partition("::")[0].rpartition("/")
        return ONE_STACK if folder == ONE_STACK else module
