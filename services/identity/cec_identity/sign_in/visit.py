"""From where somebody signs in, in words that its owner recognises and that are no profile of anybody. Pure.

Neither the header `User-Agent` nor the whole address is kept: of the first a name of ours for browser and system, of the
second the part that tells one place from another.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_network

from cec_chassis.http import HttpRequest

_BROWSERS = (  # the first that fits: most call themselves by the names of the others as well
    (re.compile(r"\bEdgA?/"), "Edge"),
    (re.compile(r"\b(OPR|Opera)/"), "Opera"),
    (re.compile(r"\b(Firefox|FxiOS)/"), "Firefox"),
    (re.compile(r"\b(Chrome|CriOS)/"), "Chrome"),
    (re.compile(r"\bSafari/"), "Safari"),
)
_SYSTEMS = (
    (re.compile(r"\b(iPhone|iPad)\b"), "iOS"),
    (re.compile(r"\bAndroid\b"), "Android"),
    (re.compile(r"\bWindows\b"), "Windows"),
    (re.compile(r"\bMac OS X\b"), "macOS"),
    (re.compile(r"\bCrOS\b"), "ChromeOS"),
    (re.compile(r"\bLinux\b"), "Linux"),
)
OTHER = "其他裝置 / another device"
_LONGEST_AGENT = 500


@dataclass(frozen=True, slots=True)
class Visit:
    """One request to be let in."""

    address: IPv4Address | IPv6Address
    device: str
    """`Chrome · Windows`; never the caller's own words."""

    @property
    def neighbourhood(self) -> str:
        """By what two addresses count as one: a caller has one IPv4 address, but 2**64 of IPv6."""
        if isinstance(self.address, IPv4Address):
            return str(self.address)
        return str(ip_network((self.address, 64), strict=False))

    @property
    def address_masked(self) -> str:
        """`203.0.113.*`, `2001:db8:1:*`."""
        if isinstance(self.address, IPv4Address):
            return f"{str(self.address).rpartition('.')[0]}.*"
        return ":".join(part.lstrip("0") or "0" for part in self.address.exploded.split(":")[:3]) + ":*"


def visit_of(request: HttpRequest) -> Visit:
    """Where `request` comes from."""
    return Visit(request.client_address, device_label(request.headers.get("user-agent", "")))


def device_label(user_agent: str) -> str:
    """What the header says, as browser and system."""
    agent = user_agent[:_LONGEST_AGENT]
    found = [next((name for pattern, name in known if pattern.search(agent)), "") for known in (_BROWSERS, _SYSTEMS)]
    return " · ".join(filter(None, found)) or OTHER
