"""`Api`, the register of REST routes: each is declared once, for requests, OpenAPI and the README."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import Blueprint, Response, request
from flask.blueprints import BlueprintSetupState
from werkzeug.routing import BaseConverter

from ..errors import BadRequest, UnsupportedMediaType
from ..hub.ring import encode
from ..json_values import as_json
from .params import Param
from .people import require_project

MAX_VALUE = 10_000
"""The longest value of a query parameter; a cursor with a path of 4,096 bytes has 5,500 characters."""


@dataclass(frozen=True, slots=True)
class Route:
    """A route: path, meaning (the first line of the view's docstring), parameters, JSON Schemas of answer and body."""

    path: str
    meaning: str
    params: tuple[Param[Any], ...]
    answer: dict[str, Any]
    method: str = "GET"
    body: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class OtherRoute:
    """An address that does not answer with JSON: listed in the README, not in OpenAPI."""

    address: str
    params: tuple[str, ...]
    meaning: str


class AnyText(BaseConverter):
    """The end of a path as it is, `<any_text:name>`: slashes at its start and two in a row are neither refused nor
    merged, as in a task's id."""

    regex = "(?s:.+)"
    part_isolating = False


class Api:
    """A Flask blueprint with a register of its routes."""

    def __init__(self, name: str) -> None:
        self.blueprint = Blueprint(name, __name__)
        self.blueprint.record_once(_add_converter)
        self.routes: list[Route] = []
        self.others: list[tuple[Blueprint | None, OtherRoute]] = []
        self.streams: list[tuple[str, str]] = []
        """(path, topic) of Server-Sent Events besides `/streams/<topic>`; parts of the path in braces in the topic."""
        self.large_bodies: dict[str, int] = {}
        """Prefixes of paths that accept larger bodies, also chunked ones -> the limit in bytes."""

    def other(self, blueprint: Blueprint | None, address: str, meaning: str, *params: str) -> None:
        """List an address that `blueprint` serves (None: something else serves it)."""
        self.others.append((blueprint, OtherRoute(address, params, meaning)))

    def stream(self, path: str, topic: str, meaning: str) -> None:
        """Send a topic's events as Server-Sent Events at `GET path`, also under `/api`: `stream("/ships/<ship>/stream",
        "ships:{ship}", "The events of one ship.")`."""
        self.streams.append((path, topic))
        self.other(None, f"`GET {path}`, also under `/api`", meaning, "since")

    def allow_large_bodies(self, prefix: str, max_bytes: int) -> None:
        """Accept bodies of up to `max_bytes` at all paths with this prefix."""
        self.large_bodies[prefix] = max_bytes

    def get(
        self, path: str, *params: Param[Any], answer: dict[str, Any] | None = None
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Declare `GET path`. The view returns plain JSON, dataclasses or a Response; `answer` is its JSON Schema.

        If `<project>` is a part of the path, who may not see that project is refused.

        Query parameters that are not declared are refused: a misspelt filter must not return everything.
        """
        return self._declare("GET", path, params, answer, None)

    def post(
        self,
        path: str,
        *params: Param[Any],
        answer: dict[str, Any] | None = None,
        body: dict[str, Any] | None = None,
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Declare `POST path`, like `get`; `body` is the JSON Schema of the body (see `json_body`)."""
        return self._declare("POST", path, params, answer, body)

    def _declare(
        self,
        method: str,
        path: str,
        params: tuple[Param[Any], ...],
        answer: dict[str, Any] | None,
        body: dict[str, Any] | None,
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        def declare(view: Callable[..., Any]) -> Callable[..., Any]:
            meaning = (view.__doc__ or "").strip().split("\n")[0]
            self.routes.append(Route(path, meaning, params, answer or {"type": "object"}, method, body))
            known = {param.name for param in params if param.where == "query"}

            @wraps(view)
            def serve(**path_values: str) -> Response:
                unknown = sorted(set(request.args) - known - {"token"})
                if unknown:
                    raise BadRequest(f"There is no parameter “{unknown[0][:50]}” here.", known=sorted(known))
                for name, value in request.args.items(multi=True):
                    if len(value) > MAX_VALUE:
                        raise BadRequest(f"`{name}` is longer than {MAX_VALUE:,} characters.")
                if "project" in path_values:
                    require_project(request.environ, path_values["project"])
                result = view(**path_values)
                return result if isinstance(result, Response) else reply(result)

            self.blueprint.add_url_rule(path, view.__name__, serve, methods=[method])
            return view

        return declare


def _add_converter(state: BlueprintSetupState) -> None:
    state.app.url_map.converters["any_text"] = AnyText


def json_body() -> Any:
    """The JSON value in the request's body. Raises UnsupportedMediaType or BadRequest.

    The content type has to be JSON: a foreign page can send forms and plain text without a preflight request.
    """
    if request.mimetype != "application/json":
        raise UnsupportedMediaType("The body has to be JSON, with `Content-Type: application/json`.")
    try:
        return json.loads(request.get_data(), parse_constant=_no_constant)
    except (ValueError, RecursionError) as problem:
        raise BadRequest(f"The body is not JSON: {str(problem)[:200] or 'nested too deeply'}.") from problem


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def reply(body: Any, status: int = 200) -> Response:
    """A JSON response."""
    return Response(encode(as_json(body)), status, mimetype="application/json", headers={"Cache-Control": "no-store"})
