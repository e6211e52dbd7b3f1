"""What the processes of a running system wrote down."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from cec_local.stack import Stack


def log_files(stack: Stack) -> list[Path]:
    """Every log: services, servers, the gateway's errors and its accesses."""
    return [*stack.log_directory.iterdir(), stack.gateway.access_log]


def lines_of(path: Path) -> Iterator[dict[str, Any]]:
    """The lines that are JSON objects; servers write others too."""
    for line in path.read_bytes().splitlines():
        try:
            found = msgspec.json.decode(line)
        except msgspec.DecodeError:
            continue
        if isinstance(found, dict):
            yield found
