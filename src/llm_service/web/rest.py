"""The REST outlet: JSON under `/api`. `parts` names what the routes need, `create` makes the blueprint."""

from __future__ import annotations

from flask import Blueprint

from ..artifacts.file_routes import artifact_file_routes
from ..artifacts.routes import artifact_routes
from ..costs.routes import telemetry_routes
from ..tasks.routes import task_routes
from .api import Api
from .openapi import spec_routes
from .parts import Parts
from .system_routes import system_routes

__all__ = ["Api", "Parts", "create"]


def create(parts: Parts) -> tuple[Blueprint, Api]:
    """The blueprint with all REST routes, and the register of what they are (for documents and tests)."""
    api = Api("rest")
    task_routes(api, parts)
    telemetry_routes(api, parts)
    artifact_routes(api, parts)
    artifact_file_routes(api, parts)
    system_routes(api, parts)
    spec_routes(api, parts)
    return api.blueprint, api
