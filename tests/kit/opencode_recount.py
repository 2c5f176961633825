"""A second judge of OpenCode's messages, from its schema: all messages first, each once by its times and tokens."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

from .recounted import Response, summary


def recount(folder: Path) -> dict[str, object]:
    """The totals of the database and of the older files in a folder."""
    documents: list[dict[str, Any]] = []
    with closing(sqlite3.connect(folder / "opencode.db")) as connection:
        for (text,) in connection.execute("SELECT data FROM message"):
            documents.append(json.loads(text))
        for (text,) in connection.execute("SELECT data FROM session_message WHERE type = 'assistant'"):
            documents.append({"role": "assistant"} | json.loads(text))
    documents += [json.loads(path.read_text()) for path in folder.glob("storage/message/*/*.json")]
    unique = {
        json.dumps([one["time"], one["tokens"]], sort_keys=True): one for one in documents if one["role"] == "assistant"
    }
    responses, failed = [], 0
    for one in unique.values():
        tokens = one["tokens"]
        cache = tokens["cache"]
        given = tokens["input"] + cache["read"] + cache["write"]
        output = tokens["output"] + tokens["reasoning"]
        if given + output == 0:
            failed += one.get("error", {}).get("name") == "APIError"
            continue
        model = one.get("modelID") or one["model"]["id"]
        told = Decimal(repr(one["cost"]))
        responses.append(Response(model, one["time"]["created"], given, cache["read"], cache["write"], output, told))
    return summary(responses, failed)
