"""A unit keeps its own data up to date 單位資料維護. Its code, name, kind and rights stay with administrators."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cec_chassis.database import Transaction
from cec_chassis.problems import NotFound
from cec_identity.fields.addresses import county
from cec_identity.fields.faults import Faults
from cec_identity.organisations.change_organisation import save_changed
from cec_identity.organisations.contact import Contact, ContactDetails
from cec_identity.organisations.domain import Organisation
from cec_identity.organisations.own_unit import member_of_unit
from cec_identity.organisations.store import organisation_for_change


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitData:
    """What the unit says of itself; made by `checked`."""

    county: str
    contact: Contact

    @classmethod
    def checked(cls, typed_county: str, details: ContactDetails) -> UnitData:
        """Everything but fax and web site has to be given. Raises ValidationFailed with every fault."""
        faults = Faults()
        found = cls(
            county=faults.text("body.county", county, typed_county),
            contact=details.complete(faults, "body.contact", fax=False),
        )
        faults.settle()
        return found


async def keep_unit_data(tx: Transaction, data: UnitData) -> Organisation:
    """The caller's unit as it now is. Raises Forbidden."""
    member = await member_of_unit(tx)
    known = await organisation_for_change(tx, member.organisation_id)
    if known is None:
        raise NotFound
    wanted = replace(known, county=data.county, contact=data.contact)
    return await save_changed(tx, known, wanted, "單位資料維護 / by the unit itself")
