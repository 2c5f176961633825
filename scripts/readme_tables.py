"""Writes the README's tables of settings, events, routes and commands from the code: `python scripts/readme_tables.py`.

With `--check` it writes nothing and exits 1 if a table is stale; a test does the same.
"""

from __future__ import annotations

import re
import sys
from inspect import cleandoc
from pathlib import Path

from llm_service.app import Dashboard
from llm_service.cli import main as cli
from llm_service.hub.event import EVENT_CLASSES
from llm_service.settings.load import Settings

README = Path(__file__).parents[1] / "README.md"


def settings_table() -> str:
    """Every setting with its type, default, environment variable and meaning."""
    rows = [f"| `{row['name']}` | {row['type']} | `{row['default']}` | {row['help']} |" for row in Settings.table()]
    return "\n".join(["| setting | type | default | meaning |", "|---|---|---|---|", *rows])


def events_table() -> str:
    """Every event with its topic and the first sentence of its manual page."""
    rows = []
    for kind in EVENT_CLASSES:
        first = re.split(r"\n\n", cleandoc(kind.__doc__ or ""))[0].replace("\n", " ")
        rows.append(f"| `{kind.type}` | {kind.topic} | {first} |")
    return "\n".join(["| event | topic | meaning |", "|---|---|---|", *rows])


def routes_table() -> str:
    """Every address that answers, with its parameters."""
    dashboard = Dashboard(Settings(history=False))
    rows = []
    for route in dashboard.api.routes:
        params = ", ".join(f"`{param.name}`" for param in route.params if param.where == "query")
        rows.append(f"| `{route.method} {route.path}` | {params} | {route.meaning} |")
    rows += [
        "| `GET /metrics` |  | All gauges and counters in the Prometheus text format. |",
        "| `POST /v1/traces`, `/v1/logs`, `/v1/metrics` |  | OTLP/HTTP, JSON or protobuf: calls from OpenTelemetry. |",
        "| `GET /streams/<topic>`, also under `/api` | `since` | The events of a topic as Server-Sent Events. |",
        "| `GET /ws/<topic>` | `since`, `epoch` | The events of a topic over a plain WebSocket. |",
        "| Socket.IO, namespace `/dashboard` |  | The events; `auth` is `{since, epoch, topics, token}`. |",
    ]
    return "\n".join(["| address | parameters | answer |", "|---|---|---|", *rows])


TABLES = {
    "settings": settings_table,
    "events": events_table,
    "routes": routes_table,
    "commands": lambda: cli.reference().strip(),
}


def render(text: str) -> str:
    """The README with its tables made anew. Raises ValueError if a marker is missing."""
    for name, make in TABLES.items():
        pattern = re.compile(rf"(<!-- table:{name} -->\n).*?(<!-- end -->)", re.DOTALL)
        if not pattern.search(text):
            raise ValueError(f"README.md has no place for the table of {name}")
        table = make()
        text = pattern.sub(lambda found, table=table: f"{found.group(1)}{table}\n{found.group(2)}", text)
    return text


def main() -> None:
    """Write or check."""
    text = README.read_text(encoding="utf-8")
    fresh = render(text)
    if "--check" in sys.argv:
        sys.exit("README.md is stale: run scripts/readme_tables.py" if fresh != text else 0)
    README.write_text(fresh, encoding="utf-8")


if __name__ == "__main__":
    main()
