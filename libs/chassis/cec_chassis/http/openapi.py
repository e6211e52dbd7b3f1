"""The OpenAPI 3.1 document of a service, as one is served at `/openapi.json` and checked for breaking change.

Litestar describes routes, parameters and bodies. What it says about failures is replaced: every answer of 400 and more
is a problem document, listed for the statuses that can really occur on the route.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec
from litestar import Litestar, Router
from litestar.config.app import AppConfig
from litestar.handlers import HTTPRouteHandler
from litestar.plugins import InitPlugin

from cec_chassis.http.guards import ANYBODY, access_of, http_handlers, is_fresh, permission_of, scope_of
from cec_chassis.http.idempotency import HEADER, REPLAYED_HEADER
from cec_chassis.problems import PROBLEM_JSON, Problem, known_refusals

OPENAPI_PATH = "/openapi.json"
UNUSED_PATH = "/litestar-pages"
_SAFE = frozenset({"GET", "HEAD"})
_REF = "#/components/{kind}/{name}"

_RESPONSES: dict[int, tuple[str, str]] = {
    400: ("MalformedRequest", "無法讀取的請求 / The request cannot be read"),
    401: ("Unauthenticated", "未登入,或憑證無效、逾時 / No token, or one that is invalid or expired"),
    403: ("Forbidden", "沒有權限 / Not allowed to this caller"),
    404: ("NotFound", "找不到 / There is nothing here, or nothing this caller may know of"),
    409: ("Conflict", "與目前狀態衝突 / Refused by the state things are in"),
    413: ("BodyTooLarge", "內容過大 / The body is too large"),
    415: ("UnsupportedMediaType", "不支援此內容類型 / The body is of a kind that is not read here"),
    422: ("NotAcceptable", "內容不符規定 / The content is refused; `errors` has the paths"),
    429: ("TooManyRequests", "請求過於頻繁 / Too many requests"),
    500: ("InternalError", "系統錯誤 / A fault of ours"),
    503: ("Unavailable", "暫時無法使用 / Temporarily unavailable; try again later"),
}


class WithoutPages(InitPlugin):
    """Takes away the pages that Litestar makes for its document. To be the last plugin."""

    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        """Called while the application is being put together."""
        app_config.route_handlers = [
            handler
            for handler in app_config.route_handlers
            if not (isinstance(handler, Router) and handler.path == UNUSED_PATH)
        ]
        return app_config


def openapi_document(app: Litestar) -> dict[str, Any]:
    """The document, the same for the same code: nothing in it depends on the machine or the time."""
    document = _with_short_names(app.openapi_schema.to_schema())
    components = document.setdefault("components", {})
    _describe_problems(components)
    components["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
    names = _operation_names(app)
    for method, path, handler in _documented(app):
        operation = document["paths"][path][method.lower()]
        operation["operationId"] = names[method, path]
        _describe_access(operation, handler)
        if method not in _SAFE and access_of(handler) != (ANYBODY,) and not handler.opt.get("never_replayed"):
            _describe_idempotency(operation)
        _describe_failures(operation, method, handler)
        _close_body(components, handler)
    # Once through JSON, so that nothing is left that JSON does not have, such as a tuple.
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(document))
    return plain


def _documented(app: Litestar) -> Iterator[tuple[str, str, HTTPRouteHandler]]:
    paths = {route.path: route.path_format for route in app.routes}
    for method, path, handler in http_handlers(app):
        if handler.resolve_include_in_schema():
            yield method, paths[path], handler


def _with_short_names(document: dict[str, Any]) -> dict[str, Any]:
    """`Page_cec_review.cases.http.CaseView_` becomes `Page_CaseView`: a name must not change when a module moves."""
    names = document.get("components", {}).get("schemas", {})
    text = msgspec.json.encode(document).decode()
    for name in [name for name in names if name.endswith("_") and name.count(".") >= 1]:
        short = f"{name.split('_', 1)[0]}_{name.rsplit('.', 1)[1].rstrip('_')}"
        if short not in names:
            text = text.replace(f'/{name}"', f'/{short}"').replace(f'"{name}":', f'"{short}":')
    decoded: dict[str, Any] = msgspec.json.decode(text)
    return decoded


def _operation_names(app: Litestar) -> dict[tuple[str, str], str]:
    """What clients call an operation: the name of its handler, with the controller's in front where two share one."""
    routes = [(method, path, handler) for method, path, handler in _documented(app)]
    shared = Counter(handler.handler_name for _, _, handler in routes)

    def name(method: str, path: str, handler: HTTPRouteHandler) -> str:
        if shared[handler.handler_name] == 1:
            return handler.handler_name
        *_, place, own = ["", *handler.fn.__qualname__.split(".")]
        return (
            f"{place}_{own}" if place.isidentifier() else f"{method.lower()}{re.sub('[^a-z0-9]+', '_', path.lower())}"
        )

    return {(method, path): name(method, path, handler) for method, path, handler in routes}


def _close_body(components: dict[str, Any], handler: HTTPRouteHandler) -> None:
    """Says of every struct in a request body that refuses unknown fields that it does."""
    if handler.parsed_data_field is None:
        return
    _, schemas = msgspec.json.schema_components([handler.parsed_data_field.annotation])
    for name, schema in schemas.items():
        described = components["schemas"].get(name)
        if described is not None and schema.get("additionalProperties") is False:
            described["additionalProperties"] = False


def _describe_problems(components: dict[str, Any]) -> None:
    (_,), schemas = msgspec.json.schema_components([Problem], ref_template=_REF.format(kind="schemas", name="{name}"))
    refusals = list(known_refusals())
    schemas["Problem"]["properties"]["type"]["examples"] = [f"/problems/{kind.slug}" for kind in refusals]
    schemas["Problem"]["x-problems"] = [
        {"slug": kind.slug, "status": kind.status, "title": kind.title} for kind in refusals
    ]
    components.setdefault("schemas", {}).update(schemas)
    content = {PROBLEM_JSON: {"schema": {"$ref": _REF.format(kind="schemas", name="Problem")}}}
    components["responses"] = {
        name: {"description": description, "content": content} for name, description in _RESPONSES.values()
    }


def _describe_access(operation: dict[str, Any], handler: HTTPRouteHandler) -> None:
    callers = access_of(handler)
    if callers == (ANYBODY,):
        operation["security"] = []
    else:
        operation["security"] = [{"bearer": []}]
        operation["x-roles"] = list(callers)
    if permission := permission_of(handler):
        operation["x-permission"] = permission
    if scope := scope_of(handler):
        operation["x-scope"] = scope
    if is_fresh(handler):
        operation["x-fresh-sign-in"] = True


def _describe_idempotency(operation: dict[str, Any]) -> None:
    operation.setdefault("parameters", []).append(
        {
            "name": HEADER,
            "in": "header",
            "required": False,
            "description": "同一鍵值的相同請求只執行一次 / The same request under the same key happens once",
            "schema": {"type": "string", "minLength": 1, "maxLength": 200},
        }
    )
    for status, response in operation["responses"].items():
        if status.startswith("2"):
            response.setdefault("headers", {})[REPLAYED_HEADER] = {
                "description": "為先前結果之重現 / The stored answer of an earlier request",
                "schema": {"type": "string", "const": "true"},
            }


def _describe_failures(operation: dict[str, Any], method: str, handler: HTTPRouteHandler) -> None:
    own = operation["responses"]
    # What Litestar adds by itself for validation is not what is answered; what a handler declares is kept.
    declared = {str(status) for status in handler.responses or ()}
    for status in [status for status in own if status >= "4" and status not in declared]:
        del own[status]
    if "204" in own:
        own["204"].pop("content", None)  # Litestar describes what the handler returns; there is no body
    for status in sorted(_statuses(operation, method, handler)):
        own.setdefault(str(status), {"$ref": _REF.format(kind="responses", name=_RESPONSES[status][0])})


def _statuses(operation: dict[str, Any], method: str, handler: HTTPRouteHandler) -> Iterator[int]:
    parameters = operation.get("parameters", [])
    yield from (400, 500, 503)  # 400: a query parameter that the route does not know
    if access_of(handler) != (ANYBODY,):
        yield from (401, 403)
    if any(parameter["in"] == "path" for parameter in parameters):
        yield 404
    if parameters or "requestBody" in operation:
        yield 422
    if method not in _SAFE:
        yield from (404, 409, 422, 429)
    if "requestBody" in operation:
        yield from (413, 415)
