"""Writes the tables of docs/reference.md from the code: `python scripts/readme_tables.py`.

The tables of settings, events, routes, tools and commands. With `--check` it writes nothing and exits 1 if one is
stale.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable
from inspect import cleandoc
from pathlib import Path

from llm_service.app import Dashboard, build_features
from llm_service.cli.main import reference
from llm_service.cli.sections import SECTIONS
from llm_service.feature import Feature, Kernel
from llm_service.hub.event import topics_of_kind
from llm_service.mcp.tools import TOOLS, Tools
from llm_service.settings.load import Settings
from llm_service.settings.section import table

PAGE = Path(__file__).parents[1] / "docs/reference.md"


def settings_table(_: Dashboard) -> str:
    """Every setting with its type, default, environment variable and meaning."""
    settings = table((Settings, *SECTIONS))
    columns = "| `{name}` | {type} | `{default}` | {help} | {workspace} |"
    rows = [columns.format(**row) for row in settings]
    head = "| setting | type | default | meaning | in a workspace's file |"
    return "\n".join([head, "|---|---|---|---|---|", *rows])


def events_table(dashboard: Dashboard) -> str:
    """Every event with its topic and the first paragraph of its docstring."""
    rows = []
    for kind in dashboard.events:
        first = re.split(r"\n\n", cleandoc(kind.__doc__ or ""))[0].replace("\n", " ")
        topics = ", ".join([kind.topic, *(f"`{room}`" for room in topics_of_kind(kind)[1:])])
        rows.append(f"| `{kind.type}` | {topics} | {first} |")
    return "\n".join(["| event | topic | meaning |", "|---|---|---|", *rows])


def routes_table(dashboard: Dashboard) -> str:
    """Every address with its parameters."""
    rows = []
    for route in dashboard.site.api.routes:
        params = ", ".join(f"`{param.name}`" for param in route.params if param.where == "query")
        rows.append(f"| `{route.method} {route.path}` | {params} | {route.meaning} |")
    for _, other in dashboard.site.api.others:
        params = ", ".join(f"`{name}`" for name in other.params)
        rows.append(f"| {other.address} | {params} | {other.meaning} |")
    return "\n".join(["| address | parameters | answer |", "|---|---|---|", *rows])


def tools_table(_: Dashboard) -> str:
    """Every tool of MCP with its arguments."""
    rows = []
    for entry in TOOLS:
        method = getattr(Tools, entry.name)
        names = [name for name in inspect.signature(method).parameters if name not in ("self", "idempotency_key")]
        arguments = ", ".join(f"`{name}`" for name in names)
        does = "reads" if entry.only_reads else "writes"
        rows.append(f"| `{entry.name}` | {arguments} | {does} | {method.__doc__} |")
    return "\n".join(["| tool | arguments | | what it is for |", "|---|---|---|---|", *rows])


TABLES = {
    "settings": settings_table,
    "events": events_table,
    "routes": routes_table,
    "tools": tools_table,
    "commands": lambda dashboard: reference().strip(),
}


def render(text: str, features: Callable[[Kernel], list[Feature]] = build_features) -> str:
    """The page with new tables. Raises ValueError if a marker is missing."""
    dashboard = Dashboard(Settings(history=False), features=features)
    for name, make in TABLES.items():
        pattern = re.compile(rf"(<!-- table:{name} -->\n).*?(<!-- end -->)", re.DOTALL)
        if not pattern.search(text):
            raise ValueError(f"{PAGE.name} has no place for the table of {name}")
        table = make(dashboard)
        text = pattern.sub(lambda found, table=table: f"{found.group(1)}{table}\n{found.group(2)}", text)
    return text


def main() -> None:
    """Write or check."""
    text = PAGE.read_text(encoding="utf-8")
    fresh = render(text)
    if "--check" in sys.argv:
        sys.exit(f"{PAGE.name} is stale: run scripts/readme_tables.py" if fresh != text else 0)
    PAGE.write_text(fresh, encoding="utf-8")


if __name__ == "__main__":
    main()
