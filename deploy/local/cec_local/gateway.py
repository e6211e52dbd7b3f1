"""A private nginx with the same configuration as the container's (`deploy/gateway/nginx.conf.template`)."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from cec_local.errors import LocalStackError, MissingToolError
from cec_local.paths import checkout_root
from cec_local.ports import LOOPBACK, LOOPBACK_NAME, PortBook, accepts_connections
from cec_local.processes import ChildProcess, sleep_a_little

_VARIABLE = re.compile(r"\$\{(CEC_GATEWAY_[A-Z_]+)\}")
_SBIN = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])
SIGN_IN_RATE, SIGN_IN_BURST = "100r/s", 200
"""As in the container: what identity refuses without harm to known devices (decision 0021)."""
_START_SECONDS = 15.0
# One process, so that there is no second one to leave behind; a machine has few cores and many other processes.
_DIRECTIVES = "daemon off; master_process off;"


def render(template: str, variables: Mapping[str, str]) -> str:
    """`template` with `${CEC_GATEWAY_…}` filled in; other dollars are nginx's own.

    Raises `LocalStackError` when a variable has no value.
    """
    missing = sorted({name for name in _VARIABLE.findall(template) if name not in variables})
    if missing:
        raise LocalStackError(f"the gateway's template wants {', '.join(missing)}")
    return _VARIABLE.sub(lambda found: variables[found.group(1)], template)


class EmbeddedGateway:
    """One nginx of our own below `directory`, on 127.0.0.1.

    `upstreams` says on which port of the loopback each service listens. A service that is not there gives 502.
    `sign_in_rate` and `sign_in_burst` are nginx's `limit_req` for sign-in, per address.
    """

    def __init__(
        self,
        directory: Path,
        upstreams: Mapping[str, int],
        *,
        documents: Path | None = None,
        sign_in_rate: str = SIGN_IN_RATE,
        sign_in_burst: int = SIGN_IN_BURST,
        read_timeout: str = "60s",
        log: Path | None = None,
    ) -> None:
        self._directory = directory.resolve()
        self._directory.mkdir(parents=True, exist_ok=True)
        self._log = log or self._directory / "gateway.log"
        self._port = PortBook(self._directory / "ports.json").get("gateway")
        self._settings = {
            "CEC_GATEWAY_LISTEN": f"{LOOPBACK}:{self._port}",
            "CEC_GATEWAY_TLS": "",
            "CEC_GATEWAY_DNS": "",
            "CEC_GATEWAY_SIGN_IN_RATE": sign_in_rate,
            "CEC_GATEWAY_SIGN_IN_BURST": str(sign_in_burst),
            "CEC_GATEWAY_RETRY_AFTER": "10",
            "CEC_GATEWAY_READ_TIMEOUT": read_timeout,
            "CEC_GATEWAY_DOCS": str(documents or checkout_root() / "docs" / "api"),
            "CEC_GATEWAY_RUN": str(self._directory),
            "CEC_GATEWAY_ACCESS_LOG": str(self._directory / "access.log"),
            **{f"CEC_GATEWAY_{name.upper()}": f"{LOOPBACK}:{port}" for name, port in upstreams.items()},
        }
        self._child: ChildProcess | None = None

    @property
    def url(self) -> str:
        """The address of the whole system, without a slash at the end."""
        return f"http://{LOOPBACK}:{self._port}"

    @property
    def origin(self) -> str:
        """The same address under a name: browsers make passkeys for names, not for numbers."""
        return f"http://{LOOPBACK_NAME}:{self._port}"

    @property
    def access_log(self) -> Path:
        """One JSON line per request."""
        return self._directory / "access.log"

    @property
    def pid(self) -> int | None:
        """The number of nginx's process, or None while it does not run."""
        return self._child.pid if self._child is not None else None

    def start(self) -> None:
        """Start nginx and wait until it takes connections."""
        program = _nginx()
        template = (checkout_root() / "deploy" / "gateway" / "nginx.conf.template").read_text(encoding="utf-8")
        configuration = self._directory / "nginx.conf"
        configuration.write_text(render(template, self._settings), encoding="utf-8")
        command = [program, "-p", str(self._directory), "-c", str(configuration), "-e", "stderr", "-g", _DIRECTIVES]
        self._refuse_mistakes([*command, "-t", "-q"])
        self._child = self._child or ChildProcess(
            "gateway", command, log=self._log, pid_file=self._directory / "pid.json"
        )
        self._child.start()
        deadline = time.monotonic() + _START_SECONDS
        while not accepts_connections(self._port):
            if not self._child.is_running() or time.monotonic() > deadline:
                error = self._child.died()
                self._child.kill()
                raise error
            sleep_a_little()

    def stop(self) -> None:
        """Stop nginx; requests under way are cut."""
        if self._child is not None:
            self._child.stop()

    def processes(self) -> list[ChildProcess]:
        """What has to live for the gateway to answer."""
        return [self._child] if self._child is not None else []

    def is_running(self) -> bool:
        """Whether nginx lives now."""
        return self._child is not None and self._child.is_running()

    def log_tail(self) -> str:
        """The last lines of nginx's error log since it was last started."""
        return self._child.log_tail() if self._child is not None else ""

    @staticmethod
    def _refuse_mistakes(command: list[str]) -> None:
        result = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
        if result.returncode != 0:
            reason = result.stderr.strip().splitlines()[0] if result.stderr.strip() else "no reason given"
            raise LocalStackError(f"nginx refuses the gateway's configuration: {reason}")


def _nginx() -> str:
    program = shutil.which("nginx", path=_SBIN)
    if program is None:
        raise MissingToolError("nginx is missing: run `make setup`, or install Debian's package nginx-light")
    return program
