"""Who a child runs as. PostgreSQL refuses to run as root; the wheel brings no user for it."""

from __future__ import annotations

import os
import pwd
import stat
from collections.abc import Sequence
from pathlib import Path

from cec_local.errors import LocalStackError

_UNPRIVILEGED_USER = "nobody"  # exists on every Debian system, so nothing is added to the machine
_CAP_DAC_OVERRIDE = 1


def unprivileged(*needed: Path) -> list[str]:
    """Options of `setpriv` that give up root, or none when we are not root.

    A checkout below a closed folder (`/root`, a mode 700 scratch folder) is not reachable for the other user;
    then the child keeps the one capability that lets it pass, rather than that we open the folders of others.
    """
    if os.geteuid() != 0:
        return []
    user = pwd.getpwnam(_UNPRIVILEGED_USER)
    options = [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    closed = [path for path in needed if not _open_to_all(path)]
    if not closed:
        return options
    if not _has_capability(_CAP_DAC_OVERRIDE):
        raise LocalStackError(
            f"{closed[0]} is closed to the user {_UNPRIVILEGED_USER}, as whom PostgreSQL runs under root: "
            "open the folders above it, work as a normal user, or set CEC_POSTGRES_URL"
        )
    # Without that securebit access(2), with which initdb looks for its neighbours, would leave the capability out.
    keep = ["--securebits=+no_setuid_fixup", "--inh-caps=-all,+dac_override", "--ambient-caps=-all,+dac_override"]
    return [*options, *keep]


def give_away(paths: Sequence[Path]) -> None:
    """Make the unprivileged user the owner of `paths`; nothing happens when we are not root."""
    if os.geteuid() == 0:
        user = pwd.getpwnam(_UNPRIVILEGED_USER)
        for path in paths:
            os.chown(path, user.pw_uid, user.pw_gid)


def _open_to_all(path: Path) -> bool:
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in path.resolve().parents)


def _has_capability(number: int) -> bool:
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("CapEff:"):
            return bool(int(line.split()[1], 16) >> number & 1)
    return False
