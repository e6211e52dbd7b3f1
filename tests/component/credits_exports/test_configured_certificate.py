"""The certificate that an installation configures: from its environment to a signature that its own CA vouches for.

A configuration that cannot be used stops the documents and nothing else.
"""

from __future__ import annotations

import io
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from pyhanko.keys import load_certs_from_pemder_data
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import EmbeddedPdfSignature, async_validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from tests.component.credits_batch.desk import (
    ADMIN,
    KEY,
    PURPOSE,
    TODAY,
    BatchDesk,
    a_desk,
    a_person,
    told_of,
)
from tests.conftest import MakeDatabase
from tests.support.pages import text_of

from cec_credits.service import SERVICE
from cec_credits.settings import CreditsSettings

AUTHORITY, INTERMEDIATE, MINISTRY = "政府憑證總管理中心", "組織憑證管理中心", "衛生福利部"


class Issued(NamedTuple):
    """Certificates of a ministry as an authority would issue them, in PEM."""

    root: bytes
    intermediate: bytes
    certificate: bytes
    key: bytes


def a_ministrys_certificate(until: datetime = datetime(2030, 1, 1, tzinfo=UTC)) -> Issued:
    """Root, intermediate and certificate, each signed by the one before."""
    keys = [rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(3)]
    names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]) for name in (AUTHORITY, INTERMEDIATE, MINISTRY)]
    made = []
    for at in range(3):
        above = max(at - 1, 0)
        usage = x509.KeyUsage(at == 2, at == 2, False, False, False, at < 2, at < 2, False, False)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(names[at])
            .issuer_name(names[above])
            .public_key(keys[at].public_key())
            .serial_number(at + 1)
            .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
            .not_valid_after(until)
            .add_extension(x509.BasicConstraints(ca=at < 2, path_length=None), critical=True)
            .add_extension(usage, critical=True)
            .sign(keys[above], SHA256())
        )
        made.append(certificate.public_bytes(Encoding.PEM))
    root, intermediate, certificate_of_ministry = made
    return Issued(
        root,
        intermediate,
        certificate_of_ministry,
        keys[2].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    )


Configure = Callable[..., Awaitable[BatchDesk]]


@pytest.fixture
async def configure(
    make_database: MakeDatabase, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> AsyncIterator[Configure]:
    """Starts credits with files named in its environment, as the images do; one nurse is known there."""
    desks: list[BatchDesk] = []

    async def start(**texts: bytes) -> BatchDesk:
        url = await make_database("credits")
        monkeypatch.setenv("CEC_SERVICE_DATABASE_URL", url)
        monkeypatch.setenv("CEC_AMQP_URL", "amqp://localhost/")
        monkeypatch.setenv("CEC_NATIONAL_ID_INDEX_KEY", KEY)
        monkeypatch.setenv("CEC_PUBLIC_ADDRESS", "https://cec.example.gov.tw/")
        for name, text in texts.items():
            path = tmp_path / f"{name}.pem"
            path.write_bytes(text)
            monkeypatch.setenv(f"CEC_SIGNING_{name.upper()}_FILE", str(path))
        settings = SERVICE.load_settings()
        assert isinstance(settings, CreditsSettings)
        desk = await a_desk(url, settings)
        desks.append(desk)
        await desk.take_in(told_of(1, name="王小明"))
        await desk.recalculate()
        return desk

    yield start
    for desk in desks:
        await desk.close()


STATEMENT = f"/statements/{a_person(1)}/F"


async def test_a_document_is_signed_by_the_configured_certificate_and_speaks_of_no_test(
    configure: Configure,
) -> None:
    issued = a_ministrys_certificate()
    desk = await configure(certificate=issued.certificate, chain=issued.intermediate, key=issued.key)
    answer = await desk.ask(ADMIN, "GET", f"{STATEMENT}/statement.pdf", headers=PURPOSE)
    assert answer.status_code == 200, answer.text
    text = text_of(answer.content)
    assert "測試" not in text
    assert "Test certificate" not in text
    assert re.search(f"Electronically signed by .*{MINISTRY}", text)
    assert f"https://cec.example.gov.tw/api/v1/credits/verifications/{answer.headers['x-document-token']}" in text

    signature = PdfFileReader(io.BytesIO(answer.content)).embedded_signatures[0]
    status = await _checked(signature, issued.root)
    assert (status.intact, status.valid, status.trusted) == (True, True, True)
    assert status.coverage.name == "ENTIRE_FILE"
    assert MINISTRY in status.signing_cert.subject.human_friendly
    # The intermediate came with the document; another authority's root vouches for nothing.
    assert not (await _checked(signature, a_ministrys_certificate().root)).trusted
    assert await desk.rows("SELECT 1 FROM test_signing_identity") == []


async def _checked(signature: EmbeddedPdfSignature, root: bytes) -> Any:
    roots = list(load_certs_from_pemder_data(root))
    return await async_validate_pdf_signature(signature, ValidationContext(trust_roots=roots, moment=TODAY))


GOOD, OTHER = a_ministrys_certificate(), a_ministrys_certificate()


@pytest.mark.parametrize(
    "broken",
    [
        {"certificate": b"nonsense", "key": GOOD.key},
        {"certificate": GOOD.certificate},
        {"key": GOOD.key},
        {"chain": GOOD.intermediate},
        {"certificate": GOOD.certificate, "key": OTHER.key},
        {"certificate": GOOD.certificate, "key": GOOD.key, "chain": b"nonsense"},
    ],
    ids=["no certificate", "no key", "key alone", "chain alone", "another's key", "no chain"],
)
async def test_what_cannot_be_used_stops_documents_and_nothing_else(
    configure: Configure, broken: dict[str, bytes]
) -> None:
    desk = await configure(**broken)
    for _ in range(2):
        answer = await desk.ask(ADMIN, "GET", f"{STATEMENT}/statement.pdf", headers=PURPOSE)
        assert (answer.status_code, answer.json()["type"]) == (503, "/problems/signing-unavailable")
    assert await desk.rows("SELECT token FROM issued_statements") == []
    assert await desk.rows("SELECT 1 FROM test_signing_identity") == [], "no test certificate in place of a broken one"
    assert (await desk.ask(ADMIN, "GET", STATEMENT, headers=PURPOSE)).status_code == 200
    assert (await desk.ask(None, "GET", "/health/ready")).status_code == 200


async def test_a_certificate_that_has_run_out_signs_nothing_more(configure: Configure) -> None:
    issued = a_ministrys_certificate(until=TODAY + timedelta(hours=1))
    desk = await configure(certificate=issued.certificate, chain=issued.intermediate, key=issued.key)
    path = f"{STATEMENT}/course-records.pdf"
    assert (await desk.ask(ADMIN, "GET", path, headers=PURPOSE)).status_code == 200
    desk.clock.advance(timedelta(hours=2))
    answer = await desk.ask(ADMIN, "GET", path, headers=PURPOSE)
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/signing-unavailable")
    assert len(await desk.rows("SELECT token FROM issued_statements")) == 1
