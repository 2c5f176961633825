"""The table of settings: `Settings`, one frozen value; defaults, names, checks and documentation of each field."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Annotated, Literal, get_args

from .checks import (
    LANES,
    FileName,
    HostName,
    Origin,
    Token,
    folder_inside_problem,
    folders_problem,
    lanes_problem,
    text_problem,
    webhook_problem,
    zone_problem,
)
from .fields import Setting, between, setting, settings_of, shown
from .lists import BudgetRule, PriceOverride, read_budgets, read_prices

ENV_PREFIX = "LLM_SERVICE_"
LogLevel = Literal["debug", "info", "warning", "error", "critical"]
LOG_LEVELS: tuple[LogLevel, ...] = get_args(LogLevel)


@dataclass(frozen=True)
class Settings:
    """Everything that can be set. Constructed directly it takes the values as they are; `load` checks them."""

    workspace: str = setting(".", "Folder whose work is watched.", check=text_problem)
    host: str = setting(
        "127.0.0.1",
        "Address to listen on. Other than loopback it needs `token` and `allowed_hosts`.",
        check=text_problem,
    )
    port: Annotated[int, between(0, 65535)] = setting(
        8080, "Port to listen on; when it is taken, the next free one of 20. 0: any free one."
    )
    open_browser: bool | None = setting(
        None, "Open the browser at the start. Unset: when there are a terminal and a display."
    )
    lanes: list[str] = setting(
        list(LANES), "Folders shown as columns; further folder names may be appended.", check=lanes_problem
    )
    collaboration_dir: str = setting(
        "work/collaboration", "Folder of the lanes, relative to the workspace.", check=text_problem
    )
    debounce_ms: Annotated[int, between(0, 60_000)] = setting(
        100, "Further changes of a file within this time are folded into one read. (ms)"
    )
    max_wait_ms: Annotated[int, between(1, 60_000)] = setting(
        500, "A file under constant writing is read at least this often. (ms)"
    )
    sweep_interval_s: Annotated[float, between(0.1, 86_400)] = setting(
        30.0, "Look at everything this often, in case a hint was lost. (s)"
    )
    poll_interval_s: Annotated[float, between(0.05, 3_600)] = setting(
        1.0, "Look this often at folders that cannot be watched. (s)"
    )
    force_polling: bool = setting(False, "Poll instead of watching, for file systems that report no changes.")
    max_file_bytes: Annotated[int, between(1_024, 1 << 30)] = setting(
        1_048_576, "Larger files are shown as broken and not read. (bytes)"
    )
    ring_events: Annotated[int, between(1, 10_000_000)] = setting(10_000, "Events kept for clients that come back.")
    client_queue_events: Annotated[int, between(1, 10_000_000)] = setting(
        10_000, "A client that is further behind is cut off."
    )
    allowed_hosts: list[HostName] = setting([], "Host names under which a browser may reach us, besides loopback.")
    cors_origins: list[Origin] = setting([], "Origins whose pages may read from us besides our own.")
    token: Token | None = setting(None, "Secret that clients must present; never printed.", secret=True)
    history: bool = setting(True, "Keep lane changes in a SQLite file.")
    state_dir: str = setting(".llm-service", "Folder for our own files, relative to the workspace.", check=text_problem)
    threads: Annotated[int, between(8, 65_536)] = setting(
        512, "Requests and open streams served at once; each client holds one."
    )
    log_level: LogLevel = setting("warning", "How much is logged.")
    log_format: Literal["text", "json"] = setting("text", "Form of the log lines.")

    telemetry: bool = setting(True, "Count LLM calls, tokens and costs.")
    telemetry_dir: str = setting(
        "work/telemetry", "Folder of `*.jsonl` with calls, relative to the workspace.", check=folder_inside_problem
    )
    claude_folders: list[str] = setting(
        [], "Folders of Claude Code's session logs, such as `~/.claude/projects`.", check=folders_problem
    )
    codex_folders: list[str] = setting(
        [], "Folders of Codex' session logs, such as `~/.codex/sessions`.", check=folders_problem
    )
    session_scope: Literal["all", "workspace"] = setting(
        "all", "Which sessions of those folders count: all, or those that ran in the workspace."
    )
    timezone: str | None = setting(
        None, "Time zone of days and months, such as `Europe/Zurich`. Unset: the machine's.", check=zone_problem
    )
    prices: list[PriceOverride] = setting(
        [],
        "Prices of your own in dollars per million tokens, each `{model, provider?, input_per_mtok, output_per_mtok, "
        "cache_read_per_mtok?, cache_write_per_mtok?, cache_write_1h_per_mtok?, since?}`; `model` may end with `*`.",
        reader=read_prices,
    )
    budgets: list[BudgetRule] = setting(
        [],
        "Limits, each `{period: day or month, limit_usd, name?, agent? or project?, webhook?, stop_runs?}`; "
        "warns at 80 %, alerts at 100 %.",
        reader=read_budgets,
    )
    webhook: str | None = setting(
        None, "Address that budgets are reported to by HTTP POST; never printed.", check=webhook_problem, secret=True
    )
    artifacts: bool = setting(True, "Watch what agents generate.")
    artifacts_dir: str = setting(
        "generated_projects",
        "Folder of the projects that agents generate, in the workspace or in its `work/`.",
        check=folder_inside_problem,
    )
    ignore: list[FileName] = setting(
        [], "Names of folders and files in projects to leave out, besides those left out anyway."
    )
    unignore: list[FileName] = setting([], "Names that would be left out anyway, such as `dist`, but are wanted.")
    preview_bytes: Annotated[int, between(1_024, 1 << 24)] = setting(
        262_144, "At most this much of a file is previewed and compared. (bytes)"
    )
    versions_max_bytes: Annotated[int, between(0, 1 << 40)] = setting(
        104_857_600, "Room for earlier versions of artifacts; the oldest go first. (bytes)"
    )
    versions_max_age_days: Annotated[int, between(0, 3_650)] = setting(
        14, "Earlier versions of artifacts are kept this long. (days)"
    )
    batch_window_ms: Annotated[int, between(10, 10_000)] = setting(
        250, "In a flood of artifacts, one event per project tells of this much time. (ms)"
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
                "name": row.name,
                "type": row.type_name,
                "default": shown(row.default),
                "env": ENV_PREFIX + row.name.upper(),
                "help": row.help_text,
            }
            for row in FIELDS.values()
        ]


FIELDS: dict[str, Setting] = settings_of(Settings)
