"""What the demo tells the system, read from the files in deploy/local/demo."""

from __future__ import annotations

import csv
import io
from typing import Any

import msgspec

from cec_local.paths import checkout_root

FOLDER = checkout_root() / "deploy" / "local" / "demo"


def read_json(name: str) -> Any:
    return msgspec.json.decode((FOLDER / name).read_bytes())


def read_bytes(name: str) -> bytes:
    return (FOLDER / name).read_bytes()


def roster_file(activity: str, codes: dict[str, str]) -> bytes:
    """The roster of one activity as its unit would upload it: course codes instead of titles."""
    rows = csv.DictReader(io.StringIO(read_bytes("rosters.csv").decode()))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["course_code", "national_id", "role"])
    writer.writerows([codes[r["course"]], r["national_id"], r["role"]] for r in rows if r["activity"] == activity)
    return out.getvalue().encode()
