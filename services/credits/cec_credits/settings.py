"""Settings of credits."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from cec_chassis.settings import ServiceSettings


class CreditsSettings(ServiceSettings, frozen=True, kw_only=True):
    """Besides what every service needs: how people are found in a batch, and with what an export is signed.

    The signing certificate, its chain and its key are texts in PEM; as files they come by `…_FILE`. Without any of them a
    test certificate is made once, and every document says that it is one. With some that cannot be used there are no
    documents (503 `signing-unavailable`), and everything else works: nobody is kept from their points by a certificate.
    """

    national_id_index_key: Annotated[str, Meta(min_length=32)]
    """Key of the index of national IDs; the same as identity's, or nobody is found by national ID."""
    public_address: str = "http://127.0.0.1:8080"
    """Where the gateway is reached from outside, without a path; the QR code of a document leads there."""
    signing_certificate: str = ""
    """Certificate of whoever issues documents."""
    signing_chain: str = ""
    """Certificates between that one and the root, in any order."""
    signing_key: str = ""
    """The certificate's private key, not encrypted."""
    batch_hours: int = 24
    """How long the answers of a batch are kept for collection."""

    @property
    def index_key(self) -> bytes:
        """The HMAC key: the UTF-8 bytes of the setting."""
        return self.national_id_index_key.encode()
