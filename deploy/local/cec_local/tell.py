"""Commands to a service of the stack that runs: `parked`, `redrive`, `republish` … with the environment it has."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from cec_local.errors import LocalStackError
from cec_local.services import SERVICES
from cec_local.stack_lock import StackLock

_BECOME_SOMEBODY_ELSE = ("all", "serve", "work", "relay")


def remember_environment(run_directory: Path, service: str, environment: Mapping[str, str]) -> None:
    """Keep what `service` was started with, for whoever wants to tell it something. Secrets in it are paths of files."""
    path = _file(run_directory, service)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps(dict(environment), indent=1) + "\n", encoding="utf-8")


def tell(lock: StackLock, service: str, command: Sequence[str]) -> int:
    """Run `python -m cec_<service> <command>` beside the running stack; its exit code.

    Raises:
        LocalStackError: there is no such service, nothing runs here, or the command would start the service once more.
    """
    if service not in SERVICES:
        raise LocalStackError(f"沒有服務 {service or '(未指定)'} / no such service: say SERVICE=<{'|'.join(SERVICES)}>")
    if not command or command[0] in _BECOME_SOMEBODY_ELSE:
        raise LocalStackError(
            "沒有要做的事 / nothing to tell it: for example parked, redrive --all, republish --to credits"
        )
    running = lock.running()
    if running is None or not running.gateway:
        raise LocalStackError("系統尚未執行 / nothing runs here yet: start it with `make run`")
    try:
        given = json.loads(_file(Path(running.directory) / "run", service).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise LocalStackError(f"{running} 未執行 {service} / does not run {service}") from None
    shown = {name: os.environ[name] for name in ("COLUMNS", "TERM") if name in os.environ}
    program = [sys.executable, "-m", f"cec_{service}", *command]
    return subprocess.run(program, env={**given, **shown}, check=False).returncode


def _file(run_directory: Path, service: str) -> Path:
    return run_directory / f"{service}.environment.json"
