"""The services as they are, for every guard."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest
from deploy.documents.services import services as all_services
from deploy.documents.topology import public_topology, topology_of

from cec_chassis.bus.names import PUBLIC_PUBLISHER
from cec_chassis.service import Service
from cec_contracts.asyncapi import Topology
from cec_contracts.catalogue import EVENTS


@pytest.fixture(scope="session")
def services() -> Mapping[str, Service]:
    return all_services()


@pytest.fixture(scope="session")
def topologies(services: Mapping[str, Service]) -> Mapping[str, Topology]:
    """What each service declares, and under `public` what is declared for other systems."""

    async def declare() -> dict[str, Topology]:
        outside = tuple(name for name, event in EVENTS.items() if event.publisher == PUBLIC_PUBLISHER)
        declared = {name: await topology_of(service) for name, service in services.items()}
        return declared | {"public": await public_topology(outside)}

    return asyncio.run(declare())
