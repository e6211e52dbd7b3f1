"""The processes of the six services: what they are called and what environment each is given."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cec_local.ports import LOOPBACK
from cec_local.processes import ChildProcess
from cec_local.secret_files import SecretFiles

SERVICES = ("identity", "activities", "review", "enrolment", "credits", "reporting")
TOKEN_ISSUER = "cec-identity"
TOKEN_AUDIENCE = "cec"
ADMINISTRATOR = "admin"

# Secrets that only these services may know: variable -> name of the secret's file.
_OWN_SECRETS: Mapping[str, Mapping[str, str]] = {
    "identity": {
        "CEC_SECRET_KEY": "identity-secret-key",
        "CEC_NATIONAL_ID_INDEX_KEY": "national-id-index-key",
        "CEC_BOOTSTRAP_ADMIN_PASSWORD": "administrator-password",
    },
    "enrolment": {"CEC_NATIONAL_ID_INDEX_KEY": "national-id-index-key"},
    "credits": {"CEC_NATIONAL_ID_INDEX_KEY": "national-id-index-key"},
}
# Passed on from the environment of whoever starts the stack.
_PASSED_ON = ("PATH", "HOME", "LANG", "TZ", "CEC_LOG_LEVEL", "OTEL_EXPORTER_OTLP_ENDPOINT")


@dataclass(frozen=True)
class Broker:
    """Addresses of the two virtual hosts, as the services use them."""

    internal: str
    public: str


def environment(service: str, *, port: int, database_url: str, broker: Broker, secrets: SecretFiles) -> dict[str, str]:
    """What process `service` finds in its environment: secrets as paths of files, nothing of the other services'."""
    secret_files = {
        "CEC_SERVICE_DATABASE_URL": secrets.write(f"database-url-{service}", database_url),
        "CEC_AMQP_URL": secrets.write("amqp-url", broker.internal),
        "CEC_AMQP_PUBLIC_URL": secrets.write("amqp-public-url", broker.public),
        **{variable: secrets.path(name) for variable, name in _OWN_SECRETS.get(service, {}).items()},
    }
    return {
        **{name: os.environ[name] for name in _PASSED_ON if name in os.environ},
        "PYTHONUNBUFFERED": "1",
        "CEC_SERVICE_HOST": LOOPBACK,
        "CEC_SERVICE_PORT": str(port),
        "CEC_TOKEN_ISSUER": TOKEN_ISSUER,
        "CEC_TOKEN_AUDIENCE": TOKEN_AUDIENCE,
        **({"CEC_BOOTSTRAP_ADMIN_NAME": ADMINISTRATOR} if service == "identity" else {}),
        **{f"{variable}_FILE": str(path) for variable, path in secret_files.items()},
    }


def process(
    service: str, command: str, given: Mapping[str, str], *, log_directory: Path, run_directory: Path
) -> ChildProcess:
    """`python -m cec_<service> <command>` as a child; its log is `<service>.log` (`<service>-migrate.log` …)."""
    name = service if command == "all" else f"{service}-{command}"
    return ChildProcess(
        name,
        [sys.executable, "-m", f"cec_{service}", command],
        log=log_directory / f"{name}.log",
        pid_file=run_directory / f"{name}.pid.json",
        environment=given,
    )
