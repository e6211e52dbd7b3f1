"""Ask for a link: the same row is written and the same is said, whether or not anybody has the name or the address.

Who it is about is found out by the worker afterwards, so not even the time of the answer tells.
"""

from __future__ import annotations

import unicodedata

from cec_chassis.database import Transaction
from cec_chassis.ids import new_id
from cec_identity.recovery.store import insert_request
from cec_identity.sealing import Sealer


def canonical(who: str) -> str:
    """The name or address in half width."""
    return unicodedata.normalize("NFKC", who).strip()


async def ask_for_link(tx: Transaction, who: str, sealer: Sealer) -> None:
    """Keeps what was typed sealed until the worker has looked: people type passwords into the wrong field."""
    request_id = new_id()
    await insert_request(tx, request_id, sealer.seal(canonical(who).encode(), belongs_to=str(request_id)))
