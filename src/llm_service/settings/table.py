"""The table of settings: `Settings`, one frozen value; defaults, names, checks and documentation of each field."""

from __future__ import annotations

import os
from dataclasses import MISSING, Field, dataclass, field, fields
from datetime import UTC, tzinfo
from typing import Any

from .lists import BudgetRule, PriceOverride
from .values import (
    LANES,
    Check,
    between,
    folder_inside,
    folder_names_fit,
    folders_fit,
    hosts_fit,
    lanes_fit,
    not_empty,
    one_of,
    origins_fit,
    shown,
    token_fits,
    webhook_problem,
    zone_fits,
)

ENV_PREFIX = "LLM_SERVICE_"
LOG_LEVELS = ("debug", "info", "warning", "error", "critical")


def _setting(default: Any, help_text: str, unit: str = "", check: Check | None = None, secret: bool = False) -> Any:
    """One row of the table; a list as default is copied for each Settings."""
    metadata = {"help": help_text, "unit": unit, "check": check, "secret": secret}
    if isinstance(default, list):
        return field(default_factory=lambda: list(default), metadata=metadata)
    return field(default=default, metadata=metadata, repr=not secret)


@dataclass(frozen=True)
class Settings:
    """Everything that can be set. Constructed directly it takes the values as they are; `load` checks them."""

    workspace: str = _setting(".", "Folder whose work is watched.", check=not_empty)
    host: str = _setting(
        "127.0.0.1",
        "Address to listen on. Other than loopback it needs `token` and `allowed_hosts`.",
        check=not_empty,
    )
    port: int = _setting(
        8080,
        "Port to listen on; when it is taken, the next free one of 20. 0: any free one.",
        check=between(0, 65535),
    )
    open_browser: bool | None = _setting(
        None, "Open the browser at the start. Unset: when there are a terminal and a display."
    )
    lanes: list[str] = _setting(
        list(LANES), "Folders shown as columns; further folder names may be appended.", check=lanes_fit
    )
    collaboration_dir: str = _setting(
        "work/collaboration", "Folder of the lanes, relative to the workspace.", check=not_empty
    )
    debounce_ms: int = _setting(
        100,
        "Further changes of a file within this time are folded into one read.",
        "ms",
        between(0, 60_000),
    )
    max_wait_ms: int = _setting(
        500, "A file under constant writing is read at least this often.", "ms", between(1, 60_000)
    )
    sweep_interval_s: float = _setting(
        30.0, "Look at everything this often, in case a hint was lost.", "s", between(0.1, 86_400)
    )
    poll_interval_s: float = _setting(
        1.0, "Look this often at folders that cannot be watched.", "s", between(0.05, 3_600)
    )
    force_polling: bool = _setting(False, "Poll instead of watching, for file systems that report no changes.")
    max_file_bytes: int = _setting(
        1_048_576, "Larger files are shown as broken and not read.", "bytes", between(1_024, 1 << 30)
    )
    ring_events: int = _setting(10_000, "Events kept for clients that come back.", "events", between(1, 10_000_000))
    client_queue_events: int = _setting(
        10_000, "A client that is further behind is cut off.", "events", between(1, 10_000_000)
    )
    allowed_hosts: list[str] = _setting(
        [], "Host names under which a browser may reach us, besides loopback.", check=hosts_fit
    )
    cors_origins: list[str] = _setting([], "Origins whose pages may read from us besides our own.", check=origins_fit)
    token: str | None = _setting(
        None, "Secret that clients must present; never printed.", check=token_fits, secret=True
    )
    history: bool = _setting(True, "Keep lane changes in a SQLite file.")
    state_dir: str = _setting(".llm-service", "Folder for our own files, relative to the workspace.", check=not_empty)
    threads: int = _setting(
        512,
        "Requests and open streams served at once; each client holds one.",
        "threads",
        between(8, 65_536),
    )
    log_level: str = _setting("warning", "How much is logged.", check=one_of(*LOG_LEVELS))
    log_format: str = _setting("text", "Form of the log lines.", check=one_of("text", "json"))

    telemetry: bool = _setting(True, "Count LLM calls, tokens and costs.")
    telemetry_dir: str = _setting(
        "work/telemetry", "Folder of `*.jsonl` with calls, relative to the workspace.", check=folder_inside
    )
    claude_folders: list[str] = _setting(
        [], "Folders of Claude Code's session logs, such as `~/.claude/projects`.", check=folders_fit
    )
    codex_folders: list[str] = _setting(
        [], "Folders of Codex' session logs, such as `~/.codex/sessions`.", check=folders_fit
    )
    session_scope: str = _setting(
        "all",
        "Which sessions of those folders count: all, or those that ran in the workspace.",
        check=one_of("all", "workspace"),
    )
    timezone: str | None = _setting(
        None, "Time zone of days and months, such as `Europe/Zurich`. Unset: the machine's.", check=zone_fits
    )
    prices: list[PriceOverride] = _setting(
        [],
        "Prices of your own in dollars per million tokens, each `{model, provider?, input_per_mtok, output_per_mtok, "
        "cache_read_per_mtok?, cache_write_per_mtok?, cache_write_1h_per_mtok?, since?}`; `model` may end with `*`.",
    )
    budgets: list[BudgetRule] = _setting(
        [],
        "Limits, each `{period: day or month, limit_usd, name?, agent? or project?, webhook?, stop_runs?}`; "
        "warns at 80 %, alerts at 100 %.",
    )
    webhook: str | None = _setting(
        None, "Address that budgets are reported to by HTTP POST; never printed.", check=webhook_problem, secret=True
    )
    artifacts: bool = _setting(True, "Watch what agents generate.")
    artifacts_dir: str = _setting(
        "generated_projects",
        "Folder of the projects that agents generate, in the workspace or in its `work/`.",
        check=folder_inside,
    )
    ignore: list[str] = _setting(
        [],
        "Names of folders and files in projects to leave out, besides those left out anyway.",
        check=folder_names_fit,
    )
    unignore: list[str] = _setting(
        [], "Names that would be left out anyway, such as `dist`, but are wanted.", check=folder_names_fit
    )
    preview_bytes: int = _setting(
        262_144, "At most this much of a file is previewed and compared.", "bytes", between(1_024, 1 << 24)
    )
    versions_max_bytes: int = _setting(
        104_857_600, "Room for earlier versions of artifacts; the oldest go first.", "bytes", between(0, 1 << 40)
    )
    versions_max_age_days: int = _setting(
        14, "Earlier versions of artifacts are kept this long.", "days", between(0, 3_650)
    )
    batch_window_ms: int = _setting(
        250, "In a flood of artifacts, one event per project tells of this much time.", "ms", between(10, 10_000)
    )

    @property
    def collaboration_path(self) -> str:
        """The folder of the lanes as an absolute path."""
        return os.path.join(os.path.abspath(self.workspace), self.collaboration_dir)

    @property
    def state_path(self) -> str:
        """The folder of our own files as an absolute path."""
        return os.path.join(os.path.abspath(self.workspace), self.state_dir)

    def folder(self, path: str) -> str:
        """A folder as it is written in a setting (absolute, with `~`, or relative to the workspace), absolute."""
        return os.path.normpath(os.path.join(os.path.abspath(self.workspace), os.path.expanduser(path)))

    def zone(self) -> tzinfo:
        """The time zone of days and months; its text is its IANA name. UTC if the machine does not say."""
        import zoneinfo  # this and tzlocal take 15 ms, and not every command needs a calendar

        import tzlocal

        try:
            return zoneinfo.ZoneInfo(self.timezone or tzlocal.get_localzone_name() or "UTC")
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
            return UTC

    def secrets(self) -> list[str]:
        """Every text in the settings that must never be written to a log."""
        return [text for text in (self.token, self.webhook, *(rule.webhook for rule in self.budgets)) if text]

    @staticmethod
    def table() -> list[dict[str, str]]:
        """One row per setting, all texts: `{name, type, default, env, help}`, for the README."""
        return [
            {
                "name": entry.name,
                "type": _table_type(str(entry.type)),
                "default": shown(_default(entry)),
                "env": ENV_PREFIX + entry.name.upper(),
                "help": entry.metadata["help"]
                + (f" ({entry.metadata['unit']})" if entry.metadata["unit"] in ("ms", "s", "bytes", "days") else ""),
            }
            for entry in fields(Settings)
        ]


def _table_type(kind: str) -> str:
    return "list of mappings" if kind in ("list[PriceOverride]", "list[BudgetRule]") else kind.replace(" | None", "")


def _default(entry: Field[Any]) -> Any:
    return entry.default if entry.default_factory is MISSING else entry.default_factory()


FIELDS: dict[str, Field[Any]] = {entry.name: entry for entry in fields(Settings)}
