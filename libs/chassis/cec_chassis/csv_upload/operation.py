"""The part of the OpenAPI document that speaks of a CSV body."""

from __future__ import annotations

from dataclasses import dataclass

from litestar.openapi.spec import OpenAPIMediaType, OpenAPIType, Operation, RequestBody, Schema

from cec_chassis.csv_upload.columns import Columns
from cec_chassis.csv_upload.rows import MOST_ROWS

MEDIA_TYPE = "text/csv"


def csv_operation(columns: Columns, *, most_rows: int = MOST_ROWS, also: tuple[str, ...] = ()) -> type[Operation]:
    """For `operation_class` of a route that reads its body raw, of which the framework cannot know what it is; `also` are
    media types besides CSV."""
    description = _description(columns, most_rows)
    content = {kind: OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING)) for kind in (MEDIA_TYPE, *also)}

    @dataclass
    class CsvOperation(Operation):
        def __post_init__(self) -> None:
            self.request_body = RequestBody(
                content=content,
                description=description,
                required=True,
            )

    return CsvOperation


def _description(columns: Columns, most_rows: int) -> str:
    needed = [" or ".join(_named(columns, column) for column in group) for group in columns.needed]
    in_groups = {column for group in columns.needed for column in group}
    others = [_named(columns, column) for column in columns.headings if column not in in_groups]
    text = (
        f"UTF-8 或 Big5,首列為欄位名稱,最多 {most_rows:,} 列 / "
        f"UTF-8 or Big5; the first line names the columns; at most {most_rows:,} rows."
    )
    if needed:
        text += f"\n\n須有 / Needed: {'; '.join(needed)}."
    if others:
        text += f"\n\n可有 / Optional: {'; '.join(others)}."
    return text


def _named(columns: Columns, column: str) -> str:
    others = columns.headings[column]
    return f"`{column}`({'、'.join(others)})" if others else f"`{column}`"
