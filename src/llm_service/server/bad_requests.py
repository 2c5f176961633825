"""What a client gets whose request cannot be read, so that no route sees it: `answer_to(problem)`, as routes refuse."""

from __future__ import annotations

import json
from http import HTTPStatus

from gunicorn.http import errors

from ..errors import BadRequest, ServiceError

MAX_ADDRESS = 8_190
"""Of a request's first line: the most that gunicorn takes. The query contains the escaped path of an artifact."""
MAX_HEADER = 16_380
"""One of them may be the cursor of a client at 200 hosts."""


class AddressTooLong(ServiceError):
    """The first line of a request is too long to be read."""

    code = "ADDRESS_TOO_LONG"
    http_status = 414


class HeadersTooLarge(ServiceError):
    """The headers of a request are too many, or one is too long."""

    code = "HEADERS_TOO_LARGE"
    http_status = 431


# By name: some releases of gunicorn lack some of them.
_STATUSES = {"UnsupportedTransferCoding": 501, "ExpectationFailed": 417}
_OURS = {"InvalidResponseHeader", "InvalidResponseHeaderName", "ConfigurationProblem"}
"""What is no fault of the client."""


def answer_to(problem: Exception) -> bytes | None:
    """The whole answer, after which the connection is closed; None if it was not the request that cannot be read."""
    if not isinstance(problem, errors.ParseException) or type(problem).__name__ in _OURS:
        return None
    refusal: ServiceError
    if isinstance(problem, errors.LimitRequestLine):
        refusal = AddressTooLong(
            f"The address is longer than {MAX_ADDRESS:,} characters. A long `cursor` has a short form (docs/reach.md), "
            "and may be sent in the header `X-Cursor` instead."
        )
    elif isinstance(problem, errors.LimitRequestHeaders):
        refusal = HeadersTooLarge(f"There are too many headers, or one has more than {MAX_HEADER:,} bytes.")
    else:
        refusal = BadRequest(f"The request cannot be read: {str(problem)[:200]}.")
    status = HTTPStatus(_STATUSES.get(type(problem).__name__, refusal.http_status))
    body = json.dumps(refusal.as_json()).encode()
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\nConnection: close\r\nCache-Control: no-store\r\n"
        f"Content-Type: application/json\r\nX-Content-Type-Options: nosniff\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
