"""How an organisation is reached, and who heads it: what the organisation itself keeps up to date."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Annotated

import msgspec
from msgspec import Meta

from cec_identity.fields.addresses import district
from cec_identity.fields.faults import Faults
from cec_identity.fields.lines import chinese_name, line, required_line
from cec_identity.fields.telephones import Telephone, parts_of, telephone_or_none
from cec_identity.fields.websites import LONGEST, website


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Every text is empty until somebody has said it. The county is the organisation's own."""

    department: str = ""
    phone: str = ""
    fax: str = ""
    district: str = ""
    street: str = ""
    website: str = ""
    head_name: str = ""
    head_title: str = ""

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Of the fields, which are also the columns."""
        return tuple(field.name for field in fields(cls))


class ContactDetails(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The contact of an organisation as the form asks for it 單位資料."""

    department: Annotated[str, Meta(max_length=100, description="所屬部門")] = ""
    phone: Telephone | None = None
    fax: Telephone | None = None
    district: Annotated[str, Meta(max_length=10, description="鄉鎮市區")] = ""
    street: Annotated[str, Meta(max_length=200, description="地址")] = ""
    website: Annotated[str, Meta(max_length=LONGEST, description="網址")] = ""
    head_name: Annotated[str, Meta(max_length=60, description="負責人姓名")] = ""
    head_title: Annotated[str, Meta(max_length=60, description="負責人職稱")] = ""

    @classmethod
    def of(cls, contact: Contact) -> ContactDetails:
        """The stored contact in the shape of the form."""
        return cls(
            department=contact.department,
            phone=parts_of(contact.phone),
            fax=parts_of(contact.fax),
            district=contact.district,
            street=contact.street,
            website=contact.website,
            head_name=contact.head_name,
            head_title=contact.head_title,
        )

    def known(self, faults: Faults, path: str) -> Contact:
        """The contact, whatever of it is known: what administrators may leave out."""
        return Contact(
            department=faults.text(f"{path}.department", line, self.department),
            phone=faults.text(f"{path}.phone", telephone_or_none, self.phone),
            fax=faults.text(f"{path}.fax", telephone_or_none, self.fax),
            district=faults.text(f"{path}.district", district, self.district) if self.district.strip() else "",
            street=faults.text(f"{path}.street", line, self.street),
            website=faults.text(f"{path}.website", website, self.website),
            head_name=faults.text(f"{path}.head_name", chinese_name, self.head_name) if self.head_name.strip() else "",
            head_title=faults.text(f"{path}.head_title", line, self.head_title),
        )

    def complete(self, faults: Faults, path: str, *, fax: bool) -> Contact:
        """The contact with everything but the web site given, as units must; the fax where the form has a star there."""
        found = self.known(faults, path)
        for field in ("department", "district", "street", "head_name", "head_title"):
            if not getattr(self, field).strip():
                faults.text(f"{path}.{field}", required_line, "")
        for field in ("phone", "fax") if fax else ("phone",):
            if getattr(self, field) is None:
                faults.text(f"{path}.{field}", required_line, "")
        return found
