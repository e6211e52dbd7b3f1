"""HTTP: the application of a service, guards, commands, pages, problem documents. Imported from here by services."""

from cec_chassis.http.app import create_service_app
from cec_chassis.http.commands import run_command
from cec_chassis.http.csv_download import csv_download
from cec_chassis.http.freshness import FRESH, RequireSession
from cec_chassis.http.guards import Role, RouteAccess, allow, needs, public, route_table
from cec_chassis.http.openapi import openapi_document
from cec_chassis.http.paging import CursorPage, Page, Paging, decode_cursor, encode_cursor
from cec_chassis.http.requests import HttpRequest, Request, expect_media_type

__all__ = [
    "FRESH",
    "CursorPage",
    "HttpRequest",
    "Page",
    "Paging",
    "Request",
    "RequireSession",
    "Role",
    "RouteAccess",
    "allow",
    "create_service_app",
    "csv_download",
    "decode_cursor",
    "encode_cursor",
    "expect_media_type",
    "needs",
    "openapi_document",
    "public",
    "route_table",
    "run_command",
]
