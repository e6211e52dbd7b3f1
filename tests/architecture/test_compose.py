"""docker-compose.yml against the services that exist."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
SERVICES = sorted(path.name for path in (ROOT / "services").iterdir() if (path / "pyproject.toml").exists())
PARTS = {"api": "serve", "worker": "work", "relay": "relay", "migrate": "migrate"}
INFRASTRUCTURE = {"postgres", "rabbitmq", "gateway", "collector"}
SECRET_NAME = re.compile(r"(PASSWORD|SECRET|KEY|_URL|TOKEN)\w*(?<!_FILE)$")
ADDRESSES_WITHOUT_SECRETS = {"CEC_PORTAL_URL", "OTEL_EXPORTER_OTLP_ENDPOINT"}

Compose = dict[str, Any]


@pytest.fixture
def compose() -> Compose:
    read: Compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return read


def faults(compose: Compose) -> list[str]:
    """Everything about the list that does not fit the repository."""
    listed = compose["services"]
    wanted = {f"{service}-{part}" for service in SERVICES for part in PARTS} | INFRASTRUCTURE
    found = [f"not listed: {name}" for name in sorted(wanted - set(listed))]
    found += [f"no such service: {name}" for name in sorted(set(listed) - wanted)]
    for name, process in listed.items():
        found += _faults_of(name, process, compose)
    return found


def _faults_of(name: str, process: dict[str, Any], compose: Compose) -> list[str]:
    found = []
    service, _, part = name.rpartition("-")
    if service in SERVICES and process.get("command") != ["python", "-m", f"cec_{service}", PARTS[part]]:
        found.append(f"{name} runs {process.get('command')}")
    if part != "migrate" and not process.get("healthcheck", {}).get("test"):
        found.append(f"{name} has no health check")
    if "build" in process and process["build"]["dockerfile"] != "deploy/docker/Dockerfile":
        found.append(f"{name} is built by another Dockerfile")
    if not re.fullmatch(r"[\w./-]+:[\w.-]*\w", process["image"]) or process["image"].endswith(":latest"):
        found.append(f"{name} has no pinned image tag")
    found += [
        f"{name} has {variable} in plain sight"
        for variable in process.get("environment", {})
        if SECRET_NAME.search(variable) and variable not in ADDRESSES_WITHOUT_SECRETS
    ]
    found += [f"{name} uses unknown secret {s}" for s in process.get("secrets", []) if s not in compose["secrets"]]
    found += [
        f"{name}: {variable} points to a secret it does not have"
        for variable, value in process.get("environment", {}).items()
        if variable.endswith("_FILE")
        and str(value).startswith("/run/secrets/")
        and Path(value).name not in process.get("secrets", [])
    ]
    return found


def test_the_list_names_every_process_of_every_service(compose: Compose) -> None:
    assert faults(compose) == []


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (lambda s: s.pop("credits-relay"), "not listed: credits-relay"),
        (lambda s: s.update({"ghost-api": s["credits-api"]}), "no such service: ghost-api"),
        (lambda s: s["review-worker"].pop("healthcheck"), "review-worker has no health check"),
        (lambda s: s["review-api"].update(command=["python", "-m", "cec_credits", "serve"]), "review-api runs"),
        (lambda s: s["postgres"].update(image="postgres:latest"), "postgres has no pinned image tag"),
        (lambda s: s["identity-api"]["environment"].update(CEC_SECRET_KEY="x"), "CEC_SECRET_KEY in plain sight"),
        (lambda s: s["enrolment-api"].update(secrets=[]), "points to a secret it does not have"),
    ],
)
def test_each_kind_of_slip_is_noticed(compose: Compose, spoil: Any, expected: str) -> None:
    spoiled = copy.deepcopy(compose)
    spoil(spoiled["services"])
    assert any(expected in fault for fault in faults(spoiled))


def test_there_is_one_dockerfile() -> None:
    found = [path for path in ROOT.glob("*/**/Dockerfile*") if not {".venv", ".local"} & set(path.parts)]
    assert found == [ROOT / "deploy" / "docker" / "Dockerfile"]


def test_every_database_of_the_list_is_created() -> None:
    script = (ROOT / "deploy" / "docker" / "create-databases.sh").read_text(encoding="utf-8")
    listed = re.search(r"^for service in (.*); do$", script, re.MULTILINE)
    assert listed is not None
    assert sorted(listed[1].split()) == SERVICES


def test_every_secret_of_the_list_is_made() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    script = (ROOT / "deploy" / "docker" / "make-secrets.sh").read_text(encoding="utf-8")
    for name in compose["secrets"]:
        generic = name
        for service in SERVICES:
            generic = generic.replace(f"-{service}", "-$service") if name.startswith("database-") else generic
        assert re.search(rf"\b{re.escape(generic)}", script), f"make-secrets.sh does not make {name}"
