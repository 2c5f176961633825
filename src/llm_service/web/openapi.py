"""OpenAPI 3.1 of the routes and AsyncAPI 3 of the events, both generated from the code that serves them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import fields
from inspect import cleandoc
from typing import Any, get_type_hints

from ..hub.event import Event
from ..json_values import schema_of
from .api import Api
from .params import Param

_ERROR = {
    "type": "object",
    "required": ["success", "error", "code", "details"],
    "properties": {
        "success": {"const": False},
        "error": {"type": "string", "description": "a sentence"},
        "code": {"type": "string"},
        "details": {"type": "object"},
    },
}
_ENVELOPE = {
    "seq": {"type": "integer", "description": "rises by one per event within an epoch"},
    "epoch": {"type": "string", "description": "changes at each start of the service"},
    "type": {"type": "string"},
    "time": {"type": "string", "format": "date-time"},
}


def spec_routes(api: Api, events: Iterable[type[Event]], version: str) -> None:
    """Declare the routes."""

    @api.get("/api/openapi.json")
    def openapi() -> dict[str, Any]:
        """This API as an OpenAPI 3.1 document."""
        return openapi_document(api, version)

    @api.get("/api/asyncapi.json")
    def asyncapi() -> dict[str, Any]:
        """The events as an AsyncAPI 3 document."""
        return asyncapi_document(events, version)


def openapi_document(api: Api, version: str) -> dict[str, Any]:
    """The OpenAPI document of the declared routes."""
    paths: dict[str, dict[str, Any]] = {}
    for route in api.routes:
        error = {"description": "an error", "content": {"application/json": {"schema": _ERROR}}}
        answer = {"description": route.meaning, "content": {"application/json": {"schema": route.answer}}}
        operation: dict[str, Any] = {
            "summary": route.meaning,
            "operationId": re.sub(r"\W+", "_", f"{route.path} {route.method if route.method != 'GET' else ''}").strip(
                "_"
            ),
            "parameters": [_parameter(param) for param in route.params],
            "responses": {"200": answer, "default": error},
        }
        if route.body is not None:
            operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": route.body}}}
        paths.setdefault(re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route.path), {})[route.method.lower()] = operation
    info = {"title": "llm-service dashboard", "version": version}
    return {"openapi": "3.1.0", "info": info, "paths": paths}


def asyncapi_document(events: Iterable[type[Event]], version: str) -> dict[str, Any]:
    """The AsyncAPI document of the event classes."""
    messages = {
        kind.type: {
            "name": kind.type,
            "description": cleandoc(kind.__doc__ or ""),
            "payload": event_schema(kind),
        }
        for kind in events
    }
    references = {name: {"$ref": f"#/components/messages/{name}"} for name in messages}
    channel = {"address": "/dashboard", "description": "Socket.IO namespace", "messages": references}
    operation = {"action": "send", "channel": {"$ref": "#/channels/dashboard"}}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "llm-service dashboard events", "version": version},
        "channels": {"dashboard": channel},
        "operations": {"announce": operation},
        "components": {"messages": messages},
    }


def event_schema(kind: type[Event]) -> dict[str, Any]:
    """The JSON Schema of an event's envelope with its fields."""
    hints = get_type_hints(kind)
    own = {field.name: schema_of(hints[field.name]) for field in fields(kind)}
    properties = _ENVELOPE | {"type": {"const": kind.type}} | own
    return {"type": "object", "properties": properties, "required": list(properties)}


def _parameter(param: Param[Any]) -> dict[str, Any]:
    return {
        "name": param.name,
        "in": param.where,
        "required": param.where == "path",
        "description": param.meaning,
        "schema": param.schema(),
    }
