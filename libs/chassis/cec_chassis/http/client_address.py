"""The address of whoever asks: said by our gateway, and by nobody else.

The gateway overwrites `X-Real-IP` with the address it was asked from, so a caller cannot choose it. A request that
does not come from the gateway's networks is known by the address of its own connection, whatever its headers say.
"""

from __future__ import annotations

from functools import cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from litestar.types import Scope

HEADER = b"x-real-ip"
UNKNOWN = IPv4Address("0.0.0.0")  # noqa: S104 - nothing is bound to it
"""Where the server does not know its peer, as on a Unix socket: all of those count as one."""

IPAddress = IPv4Address | IPv6Address
Networks = tuple[IPv4Network | IPv6Network, ...]


@cache
def trusted_networks(text: str) -> Networks:
    """The networks of the setting `trusted_proxies`.

    Raises:
        ValueError: a part of it is no network.
    """
    return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())


def client_address(scope: Scope, trusted: Networks) -> IPAddress:
    """Where the request of `scope` comes from; an IPv4 address inside an IPv6 one is told as the IPv4 address."""
    peer = _address(scope["client"][0]) if scope.get("client") else None  # type: ignore[index]
    if peer is None:
        return UNKNOWN
    if not any(peer in network for network in trusted):
        return peer
    told = [value for name, value in scope["headers"] if name == HEADER]
    # Two of them cannot be the gateway's doing.
    return (_address(told[0].decode("latin-1")) if len(told) == 1 else None) or peer


def _address(text: str) -> IPAddress | None:
    try:
        found = ip_address(text.strip())
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found
