"""The table of who may do what as a page: `docs/architecture/access.md`, made from `access.toml` and the real routes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from deploy.documents.services import ROOT, services

from cec_chassis.http import RouteAccess, route_table
from cec_chassis.service import Runtime, Service
from cec_contracts.access import Permission, permissions, roles, scopes

PAGE = ROOT / "docs" / "architecture" / "access.md"
ROLES = {role: words.partition(" / ")[0] for role, words in roles().items()}
HEAD = """\
# Who may do what

Made by `make documents` from [`access.toml`](../../libs/contracts/cec_contracts/access.toml); change that, not this page.

A route names the permission it needs, and this table says who has it: `●` a role, ○ anybody. A scope lets in machine
accounts that have it, and applications that ask for a person whose role has a `●`. A service does not start when a route
needs a row that is not here, or when a row is needed by no route. What belongs to whom is decided by the operation, with
the thing in hand; the last column says it in words. ◷: people must have signed in within ten minutes, machine accounts
are not asked ([identity](identity.md#sensitive-acts)). `/health/…` and `/openapi.json` of every service are for anybody.
"""


def access_page(found: Mapping[str, Service] | None = None) -> str:
    """The whole page, the same for the same code."""
    parts = [HEAD, _scopes()]
    for name, service in (found or services()).items():
        table = route_table(service.create_app(Runtime(service, service.documentation_settings())))
        rows = [row for row in permissions().values() if row.name.startswith(f"{name}.")]
        if rows:
            parts.append(_service(name, rows, table))
    return "\n".join(parts)


def _scopes() -> str:
    lines = [f"| `{scope}` | {meaning} |" for scope, meaning in scopes().items()]
    return "\n".join(["## Scopes 授權範圍", "", "| scope | lets |", "|---|---|", *lines, ""])


def _service(name: str, rows: Iterable[Permission], table: Iterable[RouteAccess]) -> str:
    routes = list(table)
    head = " | ".join(["permission", *ROLES.values(), "scope", "◷", "limits"])
    lines = [f"## {name}", "", f"| {head} |", "|" + "---|" * (len(ROLES) + 4)]
    for row in rows:
        marks = ["○" if row.everybody else "●" if role in row.roles else "" for role in ROLES]
        # A path can have a pipe in it nowhere, so a cell needs no escape.
        places = "<br>".join(f"`{each.method} {each.path}`" for each in routes if each.permission == row.name)
        scope = f"`{row.scope}`" if row.scope else ""
        cells = [*marks, scope, "◷" if row.fresh else "", row.limits]
        lines.append(f"| **{row.name}**<br>{row.what}<br>{places} | {' | '.join(cells)} |")
    return "\n".join([*lines, ""])
