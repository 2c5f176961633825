"""Routes that describe themselves: a route is declared once, and serves requests, OpenAPI and the README."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import Blueprint, Response, request

from ..errors import BadRequest, UnsupportedMediaType
from ..hub.ring import encode
from ..json_values import as_json
from .params import Param


@dataclass(frozen=True, slots=True)
class Route:
    """One route: how it is called, what it means (the first line of its docstring), what it answers."""

    path: str
    meaning: str
    params: tuple[Param[Any], ...]
    answer: dict[str, Any]
    method: str = "GET"
    body: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class OtherRoute:
    """An address that speaks another protocol than our JSON: listed in the docs, not in OpenAPI."""

    address: str
    params: tuple[str, ...]
    meaning: str


class Api:
    """A Flask blueprint with a register of its routes."""

    def __init__(self, name: str) -> None:
        self.blueprint = Blueprint(name, __name__)
        self.routes: list[Route] = []
        self.others: list[tuple[Blueprint | None, OtherRoute]] = []
        self.large_bodies: dict[str, int] = {}
        """Beginnings of addresses that take larger bodies than others, and bodies in chunks: bytes at most."""

    def other(self, blueprint: Blueprint | None, address: str, meaning: str, *params: str) -> None:
        """List an address that `blueprint` serves in its own way (None: something else serves it)."""
        self.others.append((blueprint, OtherRoute(address, params, meaning)))

    def allow_large_bodies(self, prefix: str, max_bytes: int) -> None:
        """Take bodies up to so many bytes at all addresses that begin so."""
        self.large_bodies[prefix] = max_bytes

    def get(
        self, path: str, *params: Param[Any], answer: dict[str, Any] | None = None
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Declare `GET path`. The view returns plain JSON or dataclasses, or a finished Response.

        Query parameters that are not declared are refused: a misspelt filter must not answer with everything.
        """
        return self._declare("GET", path, params, answer, None)

    def post(
        self,
        path: str,
        *params: Param[Any],
        answer: dict[str, Any] | None = None,
        body: dict[str, Any] | None = None,
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Declare `POST path`, as `get`; `body` is the JSON Schema of what it takes (see `json_body`)."""
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
            def serve(**in_path: str) -> Response:
                unknown = sorted(set(request.args) - known - {"token"})
                if unknown:
                    raise BadRequest(f"There is no parameter “{unknown[0]}” here.", known=sorted(known))
                result = view(**in_path)
                return result if isinstance(result, Response) else reply(result)

            self.blueprint.add_url_rule(path, view.__name__, serve, methods=[method])
            return view

        return declare


def json_body() -> Any:
    """The JSON value in the request's body. Raises UnsupportedMediaType or BadRequest.

    The content type has to be JSON: the forms and texts that a foreign page can send without asking are not taken.
    """
    if request.mimetype != "application/json":
        raise UnsupportedMediaType("The body has to be JSON, with `Content-Type: application/json`.")
    try:
        return json.loads(request.get_data(), parse_constant=_no_constant)
    except (ValueError, RecursionError) as problem:
        raise BadRequest(f"The body is not JSON: {str(problem)[:200] or 'nested too deeply'}.") from problem


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def reply(body: Any, status: int = 200) -> Response:
    """A JSON response."""
    return Response(encode(as_json(body)), status, mimetype="application/json", headers={"Cache-Control": "no-store"})
