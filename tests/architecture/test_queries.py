"""Every route of every service refuses query parameters that its own document does not list."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from deploy.documents.services import service_names
from litestar.handlers import HTTPRouteHandler

from cec_chassis.http import openapi_document
from cec_chassis.http.queries import known_parameters
from cec_chassis.service import Runtime, Service


@pytest.mark.parametrize("name", service_names())
def test_what_a_route_knows_is_what_its_document_says(services: Mapping[str, Service], name: str) -> None:
    service = services[name]
    app = service.create_app(Runtime(service, service.documentation_settings()))
    paths = openapi_document(app)["paths"]
    known = known_parameters(app)
    seen = 0
    for route in app.routes:
        for method, (handler, _) in getattr(route, "route_handler_map", {}).items():
            if not isinstance(handler, HTTPRouteHandler) or route.path_format not in paths or method == "OPTIONS":
                continue
            operation = paths[route.path_format][method.lower()]
            listed = {one["name"] for one in operation.get("parameters", []) if one["in"] == "query"}
            assert handler.opt.get("reads_raw_query") or known[handler] == listed, (method, route.path_format)
            assert "400" in operation["responses"], (method, route.path_format)
            hook = handler.resolve_before_request()
            assert "refuse_unknown" in repr(hook), (method, route.path_format, "another hook took its place")
            seen += 1
    assert seen > 3
