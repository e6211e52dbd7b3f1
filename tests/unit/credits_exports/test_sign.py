"""Signing with a certificate that is configured, and with one that cannot be used."""

from __future__ import annotations

import asyncio
import io
import subprocess
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from pyhanko.keys import load_certs_from_pemder_data
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from cec_credits.exports.document import Document, Seal, statement_document
from cec_credits.exports.pdf import pdf_of, qr_of
from cec_credits.exports.refusals import SigningUnavailable
from cec_credits.exports.sign import Signer
from cec_credits.exports.trial_certificate import PemIdentity, make_test_identity
from cec_credits.rulesets.load import bundled
from cec_credits.statements.domain import Case, Licence, Record
from cec_credits.statements.evaluate import evaluate
from cec_credits.statements.facts import Person
from cec_credits.statements.head import Window, head_of
from cec_credits.statements.queries import Explained

NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)
NAME = '#panic("x") [王*小_明] <script> \\ "'


def an_rsa_identity() -> PemIdentity:
    """A certificate of the kind that authorities issue, signed by itself."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "衛生福利部")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2099, 1, 1, tzinfo=UTC))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return PemIdentity(certificate.public_bytes(Encoding.PEM).decode(), "", private)


def a_document(signer: Signer) -> Document:
    record = Record(
        id="r",
        method="M01",
        role="learner",
        attribute="professional",
        starts_at=datetime(2022, 1, 1, tzinfo=UTC),
        ends_at=datetime(2022, 1, 1, 2, tzinfo=UTC),
        ends_on=date(2022, 1, 1),
        points=Decimal("2.40"),
    )
    case = Case("F", date(2022, 10, 1), Licence(date(2017, 1, 1), date(2023, 1, 1)), [record])
    statement = evaluate(case, bundled())
    window = Window.of(statement.window, statement.case.as_of)
    head = head_of(UUID(int=1), "F", case.as_of, window, version=None, computed_at=NOW, working=False)
    person = Person(UUID(int=1), "P1", NAME, [], [], ())
    address = "https://example/api/v1/credits/verifications/abc"
    seal = Seal(token="abc", address=address, qr=qr_of(address), test=signer.is_test, signer=signer.name, issued_at=NOW)
    return statement_document(Explained(head, person, statement, {}), seal)


def text_of(path: Path) -> str:
    return subprocess.run(["pdftotext", "-layout", path, "-"], check=True, capture_output=True, text=True).stdout


async def test_a_configured_certificate_signs_and_nothing_speaks_of_a_test(tmp_path: Path) -> None:
    pem = an_rsa_identity()
    signer = Signer(pem, is_test=False)
    path = tmp_path / "document.pdf"
    path.write_bytes(await asyncio.to_thread(lambda: signer.sign(pdf_of(a_document(signer), NOW))))
    text = text_of(path)
    assert "測試憑證" not in text
    assert "衛生福利部" in text
    assert NAME in text, "a name is text, whatever it looks like to the typesetter"
    signature = PdfFileReader(io.BytesIO(path.read_bytes())).embedded_signatures[0]
    roots = list(load_certs_from_pemder_data(pem.certificate.encode()))
    status = await async_validate_pdf_signature(signature, ValidationContext(trust_roots=roots))
    assert status.intact
    assert status.valid


def test_the_same_content_is_set_alike() -> None:
    signer = Signer(make_test_identity(NOW), is_test=True)
    document = a_document(signer)
    assert pdf_of(document, NOW) == pdf_of(document, NOW)


@pytest.mark.parametrize("broken", ["certificate", "private_key", "chain"])
def test_what_is_no_certificate_or_key_is_refused(broken: str) -> None:
    pem = make_test_identity(NOW)._replace(**{broken: "-----BEGIN NOTHING-----"})
    with pytest.raises(SigningUnavailable):
        Signer(pem, is_test=False)


def test_a_key_of_another_certificate_is_refused() -> None:
    pem = make_test_identity(NOW)._replace(private_key=make_test_identity(NOW).private_key)
    with pytest.raises(SigningUnavailable):
        Signer(pem, is_test=False)
