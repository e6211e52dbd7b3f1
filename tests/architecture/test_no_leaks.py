"""Nothing committed tells where this machine gets its packages, where it keeps the checkout, or a private key."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from deploy.documents.services import ROOT
from tests.architecture.leaks import LARGEST, committed_files, leaks_in


def places() -> list[bytes]:
    """Absolute paths of this machine: the checkout, its parent when that is more than `/`, and the home folder."""
    found = [ROOT, Path.home(), *([ROOT.parent] if len(ROOT.parent.parts) > 1 else [])]
    return [os.fsencode(path) for path in found if len(path.parts) > 1 and path not in (Path("/root"), Path("/tmp"))]


def test_no_committed_file_leaks() -> None:
    found = [
        leak
        for path in committed_files(ROOT)
        if path.stat().st_size <= LARGEST
        for leak in leaks_in(path.read_bytes(), path.relative_to(ROOT).as_posix(), places())
    ]
    assert found == []


_HEX = "MC4CAQAwBQYDK2VwBCIEIJ"
LEAKS = [
    ("-----BEGIN " + f"PRIVATE KEY-----\n{_HEX}{_HEX}\n", "private key"),
    ("-----BEGIN " + f"EC PRIVATE KEY-----\n{_HEX}{_HEX}\n", "private key"),
    (json.dumps({"kty": "OKP", "d": "x" * 43}), "private key"),
    ("--index-url " + "https://packages.example.org/simple", "registry"),
    ("resolved: " + "https://registry." + "npmjs.org/x/-/x-1.0.0.tgz", "registry"),
    ("registry=" + "https://packages.example.org/", "registry"),
    ("see /srv/checkout/cec/README.md", "/srv/checkout"),
]
HARMLESS = [
    "amqp://cec:cec@localhost:5672/cec",
    "-----BEGIN PUBLIC KEY-----",
    "https://www.rfc-editor.org/rfc/rfc9457",
    "/srv/checkouts is another folder",
    "postgresql://cec_credits@postgres/cec_credits",
]


@pytest.mark.parametrize(("text", "word"), LEAKS, ids=[str(n) for n in range(len(LEAKS))])
def test_a_leak_is_seen(text: str, word: str) -> None:
    found = list(leaks_in(text.encode(), "file", [b"/srv/checkout"]))
    assert len(found) == 1
    assert word in found[0]


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_harmless_passes(text: str) -> None:
    assert list(leaks_in(text.encode(), "file", [b"/srv/checkout"])) == []
