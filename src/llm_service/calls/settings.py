"""The settings of the calls, and the prices of the user."""

from __future__ import annotations

from dataclasses import MISSING, dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any, Literal

from ..settings.checks import folder_inside_problem, one_folder, text_problem
from ..settings.entries import Text, amount, read_entries, text
from ..settings.fields import BadValue, display, setting
from ..settings.section import Section

_FOREIGN_LOGS = "would read logs outside the workspace"


def _folders_problem(value: list[str]) -> str | None:
    return "paths of folders" if any(map(text_problem, value)) else None


def _log_folders(what: str, example: str) -> Any:
    return setting(
        [],
        f"Folders of {what}, such as `{example}`.",
        check=_folders_problem,
        workspace="inside",
        harm=_FOREIGN_LOGS,
        folders=tuple,
    )


def _rate(default: Any = None) -> Any:
    return amount(default, "a number of US dollars per million tokens, 0 or more")


@dataclass(frozen=True, slots=True)
class PriceOverride:
    """A price of the user's own, in US dollars per million tokens; it outranks the library's.

    `model` ends with `*` if it is a prefix. Without a price of their own, tokens read from or written to a cache
    cost what other input costs, and those written for one hour what other writes cost.
    """

    model: Text = text(MISSING, "the name of a model, or its beginning with a * behind it")
    provider: Text | None = text(MISSING, "the name of a provider")
    input_per_mtok: Decimal = _rate(MISSING)
    output_per_mtok: Decimal = _rate(MISSING)
    cache_read_per_mtok: Decimal | None = _rate()
    cache_write_per_mtok: Decimal | None = _rate()
    cache_write_1h_per_mtok: Decimal | None = _rate()
    since: date | None = setting(None, expected="a date, YYYY-MM-DD")
    """The first day, UTC, of this price; None: it always held."""

    def __post_init__(self) -> None:
        if "*" in self.model[:-1]:
            raise BadValue(f"may have a * only at its end, not {display(self.model)}", ("model",))
        if self.model == "*" and self.provider is None:
            raise BadValue("may be * only with a provider, or no other price would count", ("model",))


@dataclass(frozen=True)
class CallSettings(Section):
    """Where calls are read from, and what they cost."""

    telemetry: bool = setting(True, "Count LLM calls, tokens and costs.")
    telemetry_dir: str = setting(
        "work/telemetry",
        "Folder of `*.jsonl` with calls, relative to the workspace.",
        check=folder_inside_problem,
        workspace="inside",
        harm=_FOREIGN_LOGS,
        folders=one_folder,
    )
    claude_folders: list[str] = _log_folders("Claude Code's session logs", "~/.claude/projects")
    codex_folders: list[str] = _log_folders("Codex' session logs", "~/.codex/sessions")
    pi_folders: list[str] = _log_folders("pi's session logs", "~/.pi/agent/sessions")
    openclaw_folders: list[str] = _log_folders("OpenClaw's session logs", "~/.openclaw/agents")
    gemini_folders: list[str] = _log_folders("Gemini CLI's session logs", "~/.gemini/tmp")
    qwen_folders: list[str] = _log_folders("Qwen Code's session logs", "~/.qwen/projects")
    opencode_folders: list[str] = _log_folders("OpenCode's database", "~/.local/share/opencode")
    copilot_folders: list[str] = _log_folders("the spans that Copilot CLI writes", "~/.copilot/otel")
    session_scope: Literal["all", "workspace"] = setting(
        "all", "Which sessions of those folders count: all, or those that ran in the workspace."
    )
    prices: list[PriceOverride] = setting(
        [],
        "Prices of your own in dollars per million tokens, each `{model, provider?, input_per_mtok, output_per_mtok, "
        "cache_read_per_mtok?, cache_write_per_mtok?, cache_write_1h_per_mtok?, since?}`; `model` may end with `*`.",
        reader=partial(read_entries, kind=PriceOverride),
    )
