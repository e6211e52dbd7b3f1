"""Finds processes that were left behind."""

from __future__ import annotations

from pathlib import Path

from cec_local.process_table import ProcessId, identify, with_descendants


def processes_of(directory: Path) -> list[ProcessId]:
    """The living processes that mention `directory` in their command or environment, and what they started."""
    found: set[ProcessId] = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and _mentions(entry, str(directory).encode()):
            process = identify(int(entry.name))
            if process is not None:
                found.update(with_descendants(process))
    return sorted(found, key=lambda process: process.started)


def _mentions(entry: Path, text: bytes) -> bool:
    try:
        return text in (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return False
