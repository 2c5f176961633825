"""Requests that cannot be read are refused as all others: in JSON, with a code, and the connection is closed."""

from __future__ import annotations

import json
import socket
from urllib.parse import urlsplit

from gunicorn.http import errors
from kit.processes import Service

from llm_service.server.bad_requests import MAX_ADDRESS, MAX_HEADER, answer_to

GOOD = b"GET /api/events HTTP/1.1\r\nHost: localhost\r\n"


def answer(service: Service, request: bytes) -> tuple[str, dict[str, str], bytes]:
    """(status line, headers, body), read to the end of the connection."""
    with socket.create_connection(("127.0.0.1", urlsplit(service.url).port or 0), timeout=60) as client:
        client.sendall(request)
        data = b"".join(iter(lambda: client.recv(65_536), b""))
    head, _, body = data.partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    return status, dict(line.split(": ", 1) for line in lines), body


REFUSED = (
    (b"GET /" + b"x" * MAX_ADDRESS + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 414, "ADDRESS_TOO_LONG"),
    (GOOD + b"X-Cursor: " + b"x" * MAX_HEADER + b"\r\n\r\n", 431, "HEADERS_TOO_LARGE"),
    (GOOD + b"X: y\r\n" * 200 + b"\r\n", 431, "HEADERS_TOO_LARGE"),
    (b"<script>alert(1)</script>\r\n\r\n", 400, "BAD_REQUEST"),
    (b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n", 400, "BAD_REQUEST"),
    (GOOD + b"Bad Header: x\r\n\r\n", 400, "BAD_REQUEST"),
    (GOOD + b"Transfer-Encoding: strange\r\n\r\n", 501, "BAD_REQUEST"),
)


def test_a_request_that_cannot_be_read_is_refused_in_json(service: Service) -> None:
    service.start()
    for request, status, code in REFUSED:
        line, headers, body = answer(service, request)
        assert line.startswith(f"HTTP/1.1 {status} "), request[:40]
        assert headers["Content-Type"] == "application/json" and headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Connection"] == "close" and int(headers["Content-Length"]) == len(body)
        found = json.loads(body)
        assert (found["success"], found["code"]) == (False, code) and len(found["error"]) < 300


def test_what_is_no_fault_of_the_client_is_left_to_gunicorn() -> None:
    assert answer_to(errors.ConfigurationProblem("x")) is None
    assert answer_to(ValueError("x")) is None
