"""The settings in force: `Settings`, one frozen value with the kernel's own section and those of the features."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from typing import Annotated, Any, Literal, TypeVar, get_args

from ..errors import BadSettings
from ..files import fence
from .checks import HostName, Origin, Token, hosts_problem, one_folder, origins_problem, text_problem, zone_problem
from .fields import ENV_PREFIX, between, setting
from .section import Section, values_for

FILE_NAME = "llm-service.yaml"
LogLevel = Literal["debug", "info", "warning", "error", "critical"]
LOG_LEVELS: tuple[LogLevel, ...] = get_args(LogLevel)

MORE_WORK = "would make the service scan and read more often"
MORE_ROOM = "would raise a limit"
MIN_TOKEN = 16
"""Characters of a token that other machines can try: 16 random ones of 64 are 96 bits."""

S = TypeVar("S", bound=Section)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something that a workspace asked for and does not get: a path (with line), and why, as a sentence."""

    where: str
    reason: str
    is_link: bool = False
    """It is a folder that leaves the workspace by a link, which its watch reports too."""


@dataclass(frozen=True, slots=True)
class ValueOrigin:
    """Where the value of a setting comes from, and the place there: `file:line`, the variable or the option."""

    kind: Literal["workspace", "user", "config", "environment", "command line"]
    """`user` is the user's own configuration, `config` the file that `--config` names."""
    where: str


@dataclass(frozen=True)
class Settings(Section):
    """The kernel's own settings; `of` gives those of a feature."""

    workspace: str = setting(".", "Folder whose work is watched.", check=text_problem)
    host: str = setting(
        "127.0.0.1",
        "Address to listen on. Other than loopback it needs `token` or `users`, and `allowed_hosts`.",
        check=text_problem,
        workspace="never",
        harm="would let other machines in",
    )
    port: Annotated[int, between(0, 65535)] = setting(
        8080, "Port to listen on; when it is taken, the next free one of 20. 0: any free one."
    )
    open_browser: bool | None = setting(
        None,
        "Open the browser at the start. Unset: when there are a terminal and a display.",
        option_text="--open/--no-open",
        workspace="lower",
        harm="would start a program",
    )
    debounce_ms: Annotated[int, between(0, 60_000)] = setting(
        100,
        "Further changes of a file within this time are combined into one read. (ms)",
        workspace="higher",
        harm=MORE_WORK,
    )
    max_wait_ms: Annotated[int, between(1, 60_000)] = setting(
        500,
        "A file under constant writing is read at least this often. (ms)",
        workspace="higher",
        harm=MORE_WORK,
    )
    sweep_interval_s: Annotated[float, between(0.1, 86_400)] = setting(
        30.0,
        "Scan everything this often, in case a change was missed. (s)",
        workspace="higher",
        harm=MORE_WORK,
    )
    poll_interval_s: Annotated[float, between(0.05, 3_600)] = setting(
        1.0, "Scan folders that cannot be watched this often. (s)", workspace="higher", harm=MORE_WORK
    )
    force_polling: bool = setting(False, "Poll instead of watching, for file systems that report no changes.")
    ring_events: Annotated[int, between(1, 10_000_000)] = setting(
        10_000, "Events retained for clients that reconnect.", workspace="lower", harm=MORE_ROOM
    )
    client_queue_events: Annotated[int, between(1, 10_000_000)] = setting(
        10_000, "A client that is further behind is disconnected.", workspace="lower", harm=MORE_ROOM
    )
    client_queue_mb: Annotated[int, between(1, 10_000)] = setting(
        16, "A client for which more waits to be sent is disconnected. (MB)", workspace="lower", harm=MORE_ROOM
    )
    allowed_hosts: list[HostName] = setting(
        [],
        "Host names under which a browser may reach us, besides loopback and `host`.",
        check=hosts_problem,
        workspace="never",
        harm="would let a page under another name read from us",
    )
    cors_origins: list[Origin] = setting(
        [],
        "Origins whose pages may read from us besides our own.",
        check=origins_problem,
        workspace="never",
        harm="would let pages of other sites read from us",
    )
    token: Token | None = setting(
        None,
        f"Secret that clients must present; never printed. At least {MIN_TOKEN} characters if `host` is not loopback.",
        secret=True,
        workspace="never",
        harm="would give a key to the author of this file",
    )
    history: bool = setting(True, "Store LLM calls and their costs in a SQLite file.")
    journal: bool = setting(True, "Store every event, and lane changes, in files: what happened can be read later.")
    journal_max_mb: Annotated[int, between(1, 100_000)] = setting(
        256, "The oldest events are removed when the journal has more. (MB)", workspace="lower", harm=MORE_ROOM
    )
    journal_days: Annotated[int, between(1, 3_650)] = setting(
        30, "Events are removed from the journal after so long. (days)", workspace="lower", harm=MORE_ROOM
    )
    state_dir: str = setting(
        ".llm-service",
        "Folder for our own files, relative to the workspace.",
        check=text_problem,
        workspace="inside",
        harm="would write outside the workspace",
        folders=one_folder,
    )
    threads: Annotated[int, between(8, 65_536)] = setting(
        512,
        "Requests and open streams served at once; each client holds one, and a share stays free for requests.",
        workspace="lower",
        harm=MORE_ROOM,
    )
    streams_per_address: Annotated[int, between(1, 65_536)] | None = setting(
        None,
        "Streams that one address may hold, other than this machine's. Unset: half of `threads`.",
        workspace="never",
        harm="would let one client keep out the others",
    )
    log_level: LogLevel = setting(
        "warning", "How much is logged.", workspace="never", harm="would hide or multiply what the log says"
    )
    log_format: Literal["text", "json"] = setting("text", "Form of the log lines.")
    timezone: str | None = setting(
        None, "Time zone of days and months, such as `Europe/Zurich`. Unset: the machine's.", check=zone_problem
    )

    sections: tuple[Section, ...] = ()
    """The sections of the features; a missing one has its defaults."""
    refusals: tuple[Refusal, ...] = ()
    """What the workspace asked for and does not get."""
    linked_roots: tuple[tuple[str, str], ...] = ()
    """The folders that may leave the workspace by a link, as the user approved: (path, real path)."""
    origins: Mapping[str, ValueOrigin] = field(default_factory=dict, compare=False)
    """Where the settings come from that do not have their default."""
    notes: tuple[str, ...] = ()
    """What was ignored where the settings come from, for doctor."""

    @property
    def state_path(self) -> str:
        """The folder of our own files as an absolute path."""
        return os.path.join(os.path.abspath(self.workspace), self.state_dir)

    def folder(self, path: str) -> str:
        """The absolute path of a folder as given in a setting: absolute, with `~`, or relative to the workspace."""
        return os.path.normpath(os.path.join(os.path.abspath(self.workspace), os.path.expanduser(path)))

    def set_fence(self) -> None:
        """From now on, nothing in this process opens a folder of the workspace through a link that leads out of it."""
        fence(self.workspace, dict(self.linked_roots))

    def zone(self) -> tzinfo:
        """The time zone of days and months; its text is its IANA name. UTC if the machine has none."""
        import zoneinfo  # this and tzlocal take 15 ms, not needed by every command

        import tzlocal

        try:
            return zoneinfo.ZoneInfo(self.timezone or tzlocal.get_localzone_name() or "UTC")
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
            return UTC

    def of(self, section: type[S]) -> S:
        """The section of a feature."""
        return next((one for one in self.sections if type(one) is section), None) or section()

    def check(self, settings: Settings) -> None:
        """Refuse values that do not go together. Raises BadSettings."""
        if self.max_wait_ms < self.debounce_ms:
            raise BadSettings(
                f"max_wait_ms ({self.max_wait_ms}) must not be less than debounce_ms ({self.debounce_ms})."
            )
        has_token = self.token or any(section.gives_tokens for section in self.sections)
        if not is_loopback(self.host) and not (has_token and self.allowed_hosts):
            missing = [] if has_token else ["token"]
            missing += [] if self.allowed_hosts else ["allowed_hosts"]
            raise BadSettings(
                f"Listening on {self.host} lets other machines in and needs {' and '.join(missing)} too: "
                f"set {ENV_PREFIX}TOKEN to a long random text and {ENV_PREFIX}ALLOWED_HOSTS to the names that "
                "browsers use for this machine (or token and allowed_hosts in your own configuration).",
                missing=missing,
            )
        if not is_loopback(self.host) and self.token and len(self.token) < MIN_TOKEN:
            raise BadSettings(
                f"The token has {len(self.token)} characters; on {self.host}, where other machines can try, "
                f"it needs at least {MIN_TOKEN}, such as the output of `openssl rand -hex 16`."
            )

    def secrets(self) -> list[str]:
        """The secrets of all sections."""
        return [*super().secrets(), *(text for section in self.sections for text in section.secrets())]


def make_settings(sections: Sequence[type[Section]], values: Mapping[str, Any]) -> Settings:
    """The settings with these values, by flat names, unchecked. Raises TypeError for an unknown name."""
    kinds: tuple[type[Section], ...] = (Settings, *sections)
    unknown = values.keys() - {name for kind in kinds for name in values_for(kind, values)}
    if unknown:
        raise TypeError(f"unknown settings: {', '.join(sorted(unknown))}")
    features = tuple(section(**values_for(section, values)) for section in sections)
    return Settings(**values_for(Settings, values), sections=features)


def is_loopback(host: str) -> bool:
    """True if only this machine can reach a server that listens on `host`."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"
