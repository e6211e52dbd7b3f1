"""What must never be committed: where this machine gets its packages, where the checkout stands on it, private keys."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

LARGEST = 4_000_000
_KEY = re.compile(rb"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----\s+[A-Za-z0-9+/=]{16}")
_PRIVATE_JWK = re.compile(rb'"d"\s*:\s*"[A-Za-z0-9_-]{40,}"')
_REGISTRY = re.compile(
    rb"(?:--(?:extra-)?index-url|--find-links|--trusted-host|index-url\s*=|registry\s*=)[= ]*https?://"
    rb"|https?://[^\s\"'<>]*(?:/simple/|/pypi/|pypi\.org|files\.pythonhosted|registry\.npmjs|/npm/|deb\.debian\.org)"
)


def committed_files(root: Path) -> list[Path]:
    """Every file that git knows, as it is in the work tree."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, check=True).stdout
    paths = [root / name.decode() for name in listed.split(b"\0") if name]
    return [path for path in paths if path.is_file() and not path.is_symlink()]


def leaks_in(content: bytes, name: str, places: Iterable[bytes]) -> Iterator[str]:
    """`places` are absolute paths of this machine that nobody else has."""
    if _KEY.search(content) or _PRIVATE_JWK.search(content):
        yield f"{name} holds a private key"
    if found := _REGISTRY.search(content):
        yield f"{name} names an address of a package registry: {found[0][:60]!r}"
    for place in places:
        if re.search(rb"(?<![\w./-])" + re.escape(place) + rb"(?=[/\s\"'`:;,)]|$)", content):
            yield f"{name} names {place.decode()}, which only this machine has"
