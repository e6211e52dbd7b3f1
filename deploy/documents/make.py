"""The documents as data, the same on every machine."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
from deploy.documents.services import ROOT, services
from deploy.documents.topology import participant_of, public_topology

from cec_chassis.bus.names import PUBLIC_PUBLISHER
from cec_contracts.asyncapi import asyncapi_document
from cec_contracts.catalogue import EVENTS

FOLDER = ROOT / "docs" / "api"
BASELINE = FOLDER / "baseline"
ASYNCAPI = "asyncapi.json"
VERSION = "1.0.0"
"""Of the AsyncAPI document. It grows when a release changes what is promised; see docs/architecture/contracts.md."""


class DocumentFailed(RuntimeError):
    """A service cannot print its OpenAPI document; the text is what it said."""


def openapi_of(service: str) -> dict[str, Any]:
    """As the service itself prints it, in a process of its own: a document lists the refusals its process knows."""
    printed = subprocess.run(
        [sys.executable, "-m", f"cec_{service}", "openapi"], cwd=ROOT, capture_output=True, check=False, timeout=120
    )
    if printed.returncode:
        raise DocumentFailed(f"cec_{service} openapi: {printed.stderr.decode(errors='replace')}")
    document: dict[str, Any] = msgspec.json.decode(printed.stdout)
    return document


async def asyncapi() -> dict[str, Any]:
    """All events of all services."""
    found = [await participant_of(service) for service in services().values()]
    exchanges = {exchange.name: exchange for _, topology in found for exchange in topology.exchanges}
    public = tuple(event.name for event in EVENTS.values() if event.publisher == PUBLIC_PUBLISHER)
    return asyncapi_document(
        [participant for participant, _ in found],
        exchanges=list(exchanges.values()),
        public=await public_topology(public),
        version=VERSION,
    )


async def documents() -> dict[str, dict[str, Any]]:
    """Every document by the name of its file."""
    names = list(services())
    with ThreadPoolExecutor(max_workers=2) as pool:
        made = dict(zip(names, pool.map(openapi_of, names), strict=True))
    return {f"{name}.openapi.json": document for name, document in made.items()} | {ASYNCAPI: await asyncapi()}


def text_of(document: dict[str, Any]) -> str:
    """As it is written to a file."""
    return msgspec.json.format(msgspec.json.encode(document), indent=1).decode() + "\n"
