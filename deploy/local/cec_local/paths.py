"""Where the checkout and its private state are."""

from __future__ import annotations

import os
from pathlib import Path


def checkout_root() -> Path:
    """The root of this checkout: the folder that holds `services/`, `libs/` and `deploy/`."""
    return Path(__file__).resolve().parents[3]


def local_directory() -> Path:
    """The folder for data, logs, secrets and ports (`.local/`, or `CEC_LOCAL_DIRECTORY`); created when missing."""
    directory = Path(os.environ.get("CEC_LOCAL_DIRECTORY", checkout_root() / ".local")).resolve()
    directory.mkdir(parents=True, exist_ok=True)
    return directory
