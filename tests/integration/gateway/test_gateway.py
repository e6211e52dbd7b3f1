"""The gateway as clients see it: addresses, ids, limits, and every no as problem+json. Upstreams are small real servers."""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from cec_local.errors import LocalStackError
from cec_local.gateway import SIGN_IN_BURST, SIGN_IN_RATE, EmbeddedGateway, render
from cec_local.paths import checkout_root
from cec_local.ports import LOOPBACK, PortBook

SERVICES = ("identity", "activities", "review", "enrolment", "credits", "reporting")
BURST = 3


class Echo(BaseHTTPRequestHandler):
    """Answers with what it was asked, as a service behind the gateway hears it."""

    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self.rfile.read(length)
        if self.path.startswith("/slow"):
            time.sleep(2)
        heard = {"path": self.path, "headers": {k.lower(): v for k, v in self.headers.items()}, "length": length}
        body = json.dumps(heard).encode()
        self.send_response({"/refused": 404, "/busy": 503}.get(self.path, 200))
        self.send_header("Content-Type", "application/problem+json" if "refused" in self.path else "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Request-Id", "the-service-repeats-it")
        if self.path.startswith("/busy"):
            self.send_header("Retry-After", "77")
        self.end_headers()
        with suppress(BrokenPipeError):  # the gateway gave up waiting
            self.wfile.write(body)

    do_GET = do_POST = do_PUT = answer  # noqa: N815 - names that http.server calls

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - so named by http.server
        """Quiet."""


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedGateway]:
    directory = tmp_path_factory.mktemp("gateway")
    ports = PortBook(directory / "ports.json").get_many(*SERVICES)
    servers = [ThreadingHTTPServer((LOOPBACK, ports[name]), Echo) for name in ("identity", "credits")]
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    documents = directory / "documents"
    documents.mkdir()
    (documents / "index.html").write_text("<p>文件</p>", encoding="utf-8")
    (documents / "identity.json").write_text("{}", encoding="utf-8")
    gateway = EmbeddedGateway(
        directory / "nginx",
        ports,
        documents=documents,
        sign_in_rate="1r/s",
        sign_in_burst=BURST,
        read_timeout="1s",
    )
    gateway.start()
    yield gateway
    gateway.stop()
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def client(gateway: EmbeddedGateway) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=gateway.url, trust_env=False) as client:
        yield client


def assert_problem(response: httpx.Response, status: int, slug: str) -> None:
    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/problem+json"
    body = response.json()
    assert body["type"] == f"/problems/{slug}"
    assert body["status"] == status
    assert body["request_id"] == response.headers["X-Request-Id"]
    assert body["title"]
    assert body["detail"]


def test_a_service_hears_its_own_path_and_the_query(client: httpx.Client) -> None:
    heard = client.get("/api/v1/credits/statements/%E9%86%AB?as_of=2016-07-07&x=a%20b").json()
    assert heard["path"] == "/statements/%E9%86%AB?as_of=2016-07-07&x=a%20b"


@pytest.mark.parametrize("path", ["/", "/api/v1/credits", "/api/v1/nobody/x", "/api/v2/credits/x", "/api/docs/none"])
def test_an_unknown_path_is_a_problem(client: httpx.Client, path: str) -> None:
    assert_problem(client.get(path), 404, "not-found")


def test_a_refusal_of_a_service_passes_unchanged(client: httpx.Client) -> None:
    response = client.get("/api/v1/credits/refused")
    assert response.status_code == 404
    assert response.json()["path"] == "/refused"


def test_a_valid_request_id_is_kept_and_told_once(client: httpx.Client) -> None:
    response = client.get("/api/v1/credits/x", headers={"X-Request-Id": "caller-0.1_A"})
    assert response.json()["headers"]["x-request-id"] == "caller-0.1_A"
    assert response.headers.get_list("X-Request-Id") == ["caller-0.1_A"]


@pytest.mark.parametrize("given", ["short", "x" * 65, 'quote"inside-it', "with space-in-it"])
def test_an_odd_request_id_is_replaced(client: httpx.Client, given: str) -> None:
    response = client.get("/api/v1/credits/x", headers={"X-Request-Id": given})
    made = response.headers["X-Request-Id"]
    assert re.fullmatch(r"[0-9a-f]{32}", made)
    assert response.json()["headers"]["x-request-id"] == made


def test_the_trace_passes_and_hop_by_hop_headers_end_here(client: httpx.Client) -> None:
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    sent = {"traceparent": trace, "TE": "trailers", "Upgrade": "h2c", "Proxy": "evil"}
    sent |= {"X-Forwarded-For": "203.0.113.9", "X-Real-IP": "203.0.113.9"}
    heard = client.get("/api/v1/credits/x", headers=sent).json()["headers"]
    assert heard["traceparent"] == trace
    assert not {"te", "upgrade", "proxy", "connection"} & set(heard)
    assert heard["x-forwarded-for"] == heard["x-real-ip"] == LOOPBACK


@pytest.mark.parametrize("path", ["identity/sign-in", "identity/accounts", "credits/statements/1"])
def test_a_service_hears_what_stood_before_its_path_from_the_gateway_alone(client: httpx.Client, path: str) -> None:
    heard = client.get(f"/api/v1/{path}", headers={"X-Forwarded-Prefix": "/elsewhere"}).json()["headers"]
    assert heard["x-forwarded-prefix"] == f"/api/v1/{path.partition('/')[0]}"


def test_a_service_that_is_down_is_a_problem(client: httpx.Client) -> None:
    response = client.get("/api/v1/review/cases")
    assert_problem(response, 502, "bad-gateway")
    assert response.headers["Retry-After"]


def test_a_service_that_says_when_to_come_again_is_not_said_twice(client: httpx.Client) -> None:
    response = client.get("/api/v1/credits/busy")
    assert response.status_code == 503
    assert response.headers.get_list("Retry-After") == ["77"]


def test_a_service_that_is_silent_is_a_problem(client: httpx.Client) -> None:
    assert_problem(client.get("/api/v1/credits/slow"), 504, "gateway-timeout")


def test_a_body_below_the_limit_arrives_whole(client: httpx.Client) -> None:
    assert client.post("/api/v1/credits/x", content=b"x" * 9_000_000).json()["length"] == 9_000_000


def test_a_body_of_20_megabytes_is_refused(client: httpx.Client) -> None:
    refused = client.post("/api/v1/credits/x", content=b"x" * 20_000_000)
    assert_problem(refused, 413, "body-too-large")
    assert "At most 10 MB at once" in refused.json()["detail"]


def test_a_body_that_does_not_say_its_length_is_refused_too(client: httpx.Client) -> None:
    chunks = (b"x" * 100_000 for _ in range(200))
    assert_problem(client.post("/api/v1/credits/x", content=chunks), 413, "body-too-large")


@pytest.mark.parametrize("path", ["/api/v1/identity/sign-in", "/api/v1/identity/sign-in/passkey"])
def test_a_flood_of_sign_ins_from_one_address_is_cut_off(client: httpx.Client, path: str) -> None:
    answers = [client.post(path, json={}) for _ in range(BURST + 4)]
    refused = [answer for answer in answers if answer.status_code != 200]
    assert len(refused) >= 2
    for answer in refused:
        assert_problem(answer, 429, "too-many-requests")
        assert int(answer.headers["Retry-After"]) > 0
        assert answer.json()["detail"] == "請於 10 秒後再試 / Try again in 10 seconds"


def test_a_flood_of_passwords_leaves_the_other_ways_in_and_those_who_are_in(client: httpx.Client) -> None:
    time.sleep(BURST + 2)  # until what others have used up is forgotten
    for _ in range(BURST * 3):
        last = client.post("/api/v1/identity/sign-in/", json={})
    assert_problem(last, 429, "too-many-requests")
    assert client.post("/api/v1/identity/sign-in/passkey", json={}).status_code == 200
    assert {client.post("/api/v1/identity/token/refresh", json={}).status_code for _ in range(BURST * 5)} == {200}


def test_the_container_has_the_ceiling_that_is_tested_here() -> None:
    compose = (checkout_root() / "docker-compose.yml").read_text(encoding="utf-8")
    assert f"CEC_GATEWAY_SIGN_IN_RATE: {SIGN_IN_RATE}\n" in compose
    assert f'CEC_GATEWAY_SIGN_IN_BURST: "{SIGN_IN_BURST}"\n' in compose


def test_other_requests_are_not_slowed_down(client: httpx.Client) -> None:
    assert {client.get("/api/v1/identity/practitioners").status_code for _ in range(BURST * 5)} == {200}


@pytest.mark.parametrize("path", ["/api/v1/credits/x", "/api/v1/review/x", "/none", "/api/docs/", "/health"])
def test_every_answer_carries_the_security_headers(client: httpx.Client, path: str) -> None:
    headers = client.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Server"] == "nginx"
    assert "Strict-Transport-Security" not in headers  # there is no TLS here


def test_the_documents_are_served(client: httpx.Client) -> None:
    page = client.get("/api/docs", follow_redirects=True)
    assert page.text == "<p>文件</p>"
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert client.get("/api/docs/identity.json").headers["Content-Type"] == "application/json"
    assert_problem(client.post("/api/docs/identity.json"), 405, "method-not-allowed")


def test_nothing_outside_the_documents_is_served(gateway: EmbeddedGateway) -> None:
    assert b"404 Not Found" in raw(gateway, b"GET /api/docs/../ports.json HTTP/1.1\r\nHost: x\r\n\r\n")
    assert b"404 Not Found" in raw(gateway, b"GET /api/docs/%2e%2e/ports.json HTTP/1.1\r\nHost: x\r\n\r\n")


def test_the_gateway_says_that_it_lives(client: httpx.Client) -> None:
    assert client.get("/health").json() == {"status": "alive"}


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 40_000,
        b"GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /api/v1/identity/%00 HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
)
def test_a_malformed_request_is_a_problem(gateway: EmbeddedGateway, request_bytes: bytes) -> None:
    answer = raw(gateway, request_bytes)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"/problems/bad-request" in answer


def test_the_log_has_the_request_id_and_no_query(client: httpx.Client, gateway: EmbeddedGateway) -> None:
    client.get("/api/v1/credits/people?national_id=A123456789", headers={"X-Request-Id": "look-for-this"})
    (line,) = logged(gateway, "look-for-this")
    assert line["path"] == "/api/v1/credits/people"
    assert line["service"] == "credits"
    assert line["status"] == 200
    assert "A123456789" not in gateway.access_log.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("typed", "logged_as"),
    [
        ("practitioners/A123456789", "practitioners/A*********"),
        ("practitioners/a123456789/history", "practitioners/a*********"),
        ("practitioners/A123456789/B223456789", "practitioners/A*********"),
        ("practitioners/x_AB23456789?purpose=A123456789", "practitioners/x_A*********"),
        ("practitioners/A823456789;x=1", "practitioners/A*********"),
        ("practitioners/%41123456789/x", "practitioners/*"),
        ("practitioners/A12345678%39", "practitioners/A12345678*"),
        ("practitioners/%EF%BC%A1%EF%BC%91%EF%BC%9223456789", "practitioners/*"),
        ("practitioners/A2987654321", "practitioners/A2987654321"),
        ("x/0af76519-16cd-43dd-8448-eb211c80319c/history", "x/0af76519-16cd-43dd-8448-eb211c80319c/history"),
    ],
)
@pytest.mark.parametrize("service", ["credits", "review"], ids=["up", "down"])
def test_a_national_id_typed_into_a_path_is_in_no_log(
    client: httpx.Client, gateway: EmbeddedGateway, service: str, typed: str, logged_as: str
) -> None:
    request_id = client.get(f"/api/v1/{service}/{typed}").headers["X-Request-Id"]
    (line,) = logged(gateway, request_id)
    assert line["path"] == f"/api/v1/{service}/{logged_as}"
    assert_no_log_tells(gateway, "23456789?", "23456789/", "223456789", "A123456789", "a123456789", "AB23456789")


def test_bytes_beyond_ascii_in_a_path_are_not_logged(gateway: EmbeddedGateway) -> None:
    path = "/api/v1/review/Ａ１２３４５６７８９".encode()
    raw(gateway, b"GET " + path + b" HTTP/1.1\r\nHost: x\r\nX-Request-Id: beyond-ascii\r\n\r\n")
    (line,) = logged(gateway, "beyond-ascii")
    assert line["path"] == "/api/v1/review/*"


def test_a_national_id_is_no_request_id(client: httpx.Client, gateway: EmbeddedGateway) -> None:
    response = client.get("/api/v1/credits/x", headers={"X-Request-Id": "of-A123456789"})
    assert re.fullmatch(r"[0-9a-f]{32}", response.headers["X-Request-Id"])
    assert_no_log_tells(gateway, "of-A123456789")


def test_what_failed_at_a_service_is_told_without_the_request(client: httpx.Client, gateway: EmbeddedGateway) -> None:
    """Nobody listens, nobody answers in time, too many at once: nginx's own words would have the query in them."""
    query = "?national_id=A123456789&name=Wang"
    down = client.get(f"/api/v1/review/cases{query}").headers["X-Request-Id"]
    silent = client.get(f"/api/v1/credits/slow{query}").headers["X-Request-Id"]
    limited = [client.post(f"/api/v1/identity/sign-in{query}") for _ in range(BURST + 4)][-1].headers["X-Request-Id"]
    (of_down,), (of_silent,), (of_limited,) = (logged(gateway, each) for each in (down, silent, limited))
    assert (of_down["status"], of_down["upstream_status"], of_down["connect_seconds"]) == (502, "502", "-")
    assert re.fullmatch(r"127\.0\.0\.1:[0-9]+", of_down["upstream"])
    assert (of_silent["status"], of_silent["upstream_status"]) == (504, "504")
    assert float(of_silent["connect_seconds"]) < 1 <= float(of_silent["upstream_seconds"])
    assert (of_limited["status"], of_limited["upstream"]) == (429, "")
    assert_no_log_tells(gateway, "A123456789", "Wang")


def assert_no_log_tells(gateway: EmbeddedGateway, *secrets: str) -> None:
    for text in (gateway.access_log.read_text(encoding="utf-8"), gateway.log_tail()):
        assert [secret for secret in secrets if secret in text] == []


def test_a_template_with_an_unknown_variable_is_refused() -> None:
    with pytest.raises(LocalStackError, match="CEC_GATEWAY_NEW"):
        render("listen ${CEC_GATEWAY_NEW}; $host", {})


def logged(gateway: EmbeddedGateway, request_id: str) -> list[dict[str, Any]]:
    """The lines of a request; nginx writes them after it has answered."""
    until = time.monotonic() + 5
    while time.monotonic() < until:
        text = gateway.access_log.read_text(encoding="utf-8")
        lines = [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]
        if found := [line for line in lines if line["request_id"] == request_id]:
            return found
        time.sleep(0.02)
    return []


def raw(gateway: EmbeddedGateway, request: bytes) -> bytes:
    """The answer to bytes that no client library would send."""
    address = httpx.URL(gateway.url)
    with socket.create_connection((address.host, address.port or 80), timeout=5) as connection:
        connection.sendall(request)
        return connection.recv(65_536)
