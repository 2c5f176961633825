"""The description of the REST API, judged by a validator of the OpenAPI specification."""

from __future__ import annotations

import re

from kit.live import Live
from openapi_spec_validator import validate


def test_the_openapi_document_is_valid_and_names_every_route(live: Live) -> None:
    document = live.json("/api/openapi.json")
    validate(document)
    served = {
        re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        for rule in live.dashboard.site.flask.url_map.iter_rules()
        if rule.endpoint.startswith("rest.")
    }
    assert set(document["paths"]) == served
