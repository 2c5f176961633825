"""The OpenAPI 3.1 document of the routes and the AsyncAPI 3 document of the events, generated from their code."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import fields
from inspect import cleandoc
from typing import Any

from ..hub.event import Event, topics_of_kind
from ..json_values import schema_of, type_hints
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


_COUNT = {"type": "integer", "minimum": 1}
_WEBSOCKET_MESSAGES: dict[str, Any] = {
    "snapshot": {
        "name": "snapshot",
        "description": "A part of the state of the topic, at most 256 KB long; part `part` of `of`. Put together: lists"
        " are appended, mappings are merged key by key, everything else replaces.",
        "payload": {
            "type": "object",
            "properties": {
                "type": {"const": "snapshot"},
                "epoch": _ENVELOPE["epoch"],
                "seq": _ENVELOPE["seq"],
                "part": _COUNT,
                "of": _COUNT,
            },
            "required": ["type", "epoch", "seq", "part", "of"],
        },
    },
    "heartbeat": {
        "name": "heartbeat",
        "description": "30 seconds have passed since the last message.",
        "payload": {
            "type": "object",
            "properties": {"type": {"const": "heartbeat"}},
            "required": ["type"],
        },
    },
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
    """The OpenAPI document of the routes."""
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
            "x-topics": list(topics_of_kind(kind)),
            "payload": event_schema(kind),
        }
        for kind in events
    }
    references = {name: {"$ref": f"#/components/messages/{name}"} for name in messages}
    channel = {"address": "/dashboard", "description": "Socket.IO namespace", "messages": references}
    websocket = {
        "address": "/ws/{topic}",
        "description": "plain WebSocket; each message is one JSON text",
        "parameters": {"topic": {"description": "a topic, the room of one object as `logs:<id>`, or `all`"}},
        "messages": references | _WEBSOCKET_MESSAGES,
    }
    operation = {"action": "send", "channel": {"$ref": "#/channels/dashboard"}}
    stream = {"action": "send", "channel": {"$ref": "#/channels/websocket"}}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "llm-service dashboard events", "version": version},
        "channels": {"dashboard": channel, "websocket": websocket},
        "operations": {"announce": operation, "stream": stream},
        "components": {"messages": messages},
    }


def event_schema(kind: type[Event]) -> dict[str, Any]:
    """The JSON Schema of an event as clients get it: envelope and fields."""
    hints = type_hints(kind)
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
