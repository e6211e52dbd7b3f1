"""A golden example of each event: `<type>.json` holds the whole CloudEvent as it goes over the wire.

The examples are part of the contract. They stand in the AsyncAPI document, and a test gives each of them to every
service that subscribes to it.
"""

from __future__ import annotations

from importlib.resources import files


def example_of(event_type: str) -> bytes:
    """The example of `cec.review.case_decided.v1` and the like. Raises FileNotFoundError when there is none."""
    return files(__package__).joinpath(f"{event_type}.json").read_bytes()


def names() -> frozenset[str]:
    """The event types that have an example."""
    found = (entry.name for entry in files(__package__).iterdir())
    return frozenset(name.removesuffix(".json") for name in found if name.endswith(".json"))
