"""Settings: `load(...)` gives one frozen `Settings`, or a `BadSettings` that says what is wrong and where.

Sources in rising order: defaults < `llm-service.yaml` in the workspace (or `--config FILE`) < environment
`LLM_SERVICE_<NAME>` < command line. The class below is the one table: defaults, the names in the file and in
the environment, checks and the documentation are all derived from its fields.
"""

from __future__ import annotations

import difflib
import ipaddress
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, replace
from typing import Any

from .config_values import (
    CONVERTERS,
    LANES,
    TYPE_NAMES,
    Check,
    between,
    hosts_fit,
    lanes_fit,
    not_empty,
    one_of,
    origins_fit,
    shown,
    token_fits,
)
from .errors import BadSettings, FileRefused, FileVanished, Unparseable
from .files import parse_mapping, read_file

FILE_NAME = "llm-service.yaml"
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

    @property
    def collaboration_path(self) -> str:
        """The folder of the lanes as an absolute path."""
        return os.path.join(os.path.abspath(self.workspace), self.collaboration_dir)

    @property
    def state_path(self) -> str:
        """The folder of our own files as an absolute path."""
        return os.path.join(os.path.abspath(self.workspace), self.state_dir)

    @staticmethod
    def table() -> list[dict[str, str]]:
        """One row per setting, all texts: `{name, type, default, env, help}`, for the README."""
        return [
            {
                "name": entry.name,
                "type": str(entry.type).replace(" | None", ""),
                "default": shown(_default(entry)),
                "env": ENV_PREFIX + entry.name.upper(),
                "help": entry.metadata["help"]
                + (f" ({entry.metadata['unit']})" if entry.metadata["unit"] in ("ms", "s", "bytes") else ""),
            }
            for entry in fields(Settings)
        ]


FIELDS: dict[str, Field[Any]] = {entry.name: entry for entry in fields(Settings)}


def load(
    workspace: str | None = None,
    config_file: str | None = None,
    cli: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
) -> Settings:
    """The settings in force; `workspace` comes out absolute. None in `cli` means "not given".

    Raises BadSettings for an unknown name, an unusable value or a file that cannot be taken.
    """
    values: dict[str, Any] = {}
    from_environ = dict(_from_environ(os.environ if environ is None else environ))
    if config_file is not None:
        values |= _from_file(os.path.abspath(config_file))
        if "workspace" in values:
            values["workspace"] = os.path.join(os.path.dirname(os.path.abspath(config_file)), values["workspace"])
    given = {"workspace": workspace} | dict(cli or {})
    from_cli = {
        name: _value(name, value, f"option --{name.replace('_', '-')}")
        for name, value in given.items()
        if value is not None
    }
    folder = os.path.abspath((values | from_environ | from_cli).get("workspace", "."))
    if config_file is None:
        path = os.path.join(folder, FILE_NAME)
        values = _from_file(path, optional=True)
        if "workspace" in values:
            raise BadSettings(
                f"{path}: workspace cannot be set in the file that is found through it; "
                "use --workspace, or name the file with --config."
            )
    settings = replace(Settings(**(values | from_environ | from_cli)), workspace=folder)
    _check_together(settings)
    return settings


def is_loopback(host: str) -> bool:
    """True if only this machine can reach a server that listens on `host`."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _check_together(settings: Settings) -> None:
    if settings.max_wait_ms < settings.debounce_ms:
        raise BadSettings(
            f"max_wait_ms ({settings.max_wait_ms}) must not be less than debounce_ms ({settings.debounce_ms})."
        )
    if not is_loopback(settings.host) and not (settings.token and settings.allowed_hosts):
        missing = [name for name in ("token", "allowed_hosts") if not getattr(settings, name)]
        raise BadSettings(
            f"Listening on {settings.host} lets other machines in and needs {' and '.join(missing)} too: "
            f"set {ENV_PREFIX}TOKEN to a long random text and {ENV_PREFIX}ALLOWED_HOSTS to the names that "
            f"browsers use for this machine (or token and allowed_hosts in {FILE_NAME}).",
            missing=missing,
        )


def _from_environ(environ: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    for variable in sorted(environ):
        if variable.upper().startswith(ENV_PREFIX):
            name = variable[len(ENV_PREFIX) :].lower()
            where = f"environment variable {variable}"
            if name not in FIELDS or variable != ENV_PREFIX + name.upper():
                close = _nearest(name)
                hint = f" Did you mean {ENV_PREFIX}{close.upper()}?" if close else ""
                raise BadSettings(f"Unknown {where}.{hint}", variable=variable)
            yield name, _value(name, environ[variable], where)


def _from_file(path: str, optional: bool = False) -> dict[str, Any]:
    # The file is the user's own, not an agent's: a link to it is followed, everything else is as strict.
    folder, name = os.path.split(os.path.realpath(path))
    try:
        document = parse_mapping(read_file(folder, name).data)
    except FileVanished as problem:
        if optional:
            return {}
        raise BadSettings(f"There is no settings file {path}.", file=path) from problem
    except Unparseable as problem:
        if problem.problem.code == "EMPTY":
            return {}
        raise BadSettings(
            f"{_at(path, problem.problem.line)}: not usable as settings: {problem.message}", file=path
        ) from problem
    except FileRefused as problem:
        raise BadSettings(f"The settings file {path} was not read: {problem.message}", file=path) from problem
    if document.extra or document.extra_error:
        raise BadSettings(f"{path}: one YAML document with settings is expected, not several.", file=path)
    if document.duplicate_keys:
        raise BadSettings(f"{path}: {', '.join(document.duplicate_keys)} is given more than once.", file=path)
    values = {}
    for key, value in dict(document.value).items():
        where = _at(path, _line_of(key, document.text))
        if key not in FIELDS:
            close = _nearest(key)
            hint = f" Did you mean {close}?" if close else ""
            raise BadSettings(f"{where}: unknown setting {shown(key)}.{hint}", file=path)
        values[key] = _value(key, value, where)
    return values


def _at(path: str, line: int | None) -> str:
    return f"{path}:{line}" if line else path


def _line_of(key: str, text: str) -> int | None:
    for number, line in enumerate(text.splitlines(), 1):
        if re.match(rf"""["']?{re.escape(key)}["']?\s*:""", line):
            return number
    return None


def _nearest(name: str) -> str | None:
    plain = name.lower().replace("-", "_")
    return next(iter(difflib.get_close_matches(plain, FIELDS, 1, 0.6)), None)


def _value(name: str, value: Any, where: str) -> Any:
    """`value` as the type of the setting, checked; texts (from the environment) are converted."""
    entry = FIELDS[name]
    kind = str(entry.type)
    try:
        result = CONVERTERS[kind.removesuffix(" | None")](value) if value is not None else None
        if result is None and not kind.endswith("None"):
            raise ValueError
    except (ValueError, TypeError) as problem:
        raise _refusal(entry, value, where, TYPE_NAMES[kind]) from problem
    if kind == "str | None" and result == "":
        return None
    check: Check | None = entry.metadata["check"]
    expected = check(result) if check else None
    if expected:
        raise _refusal(entry, value, where, expected)
    return result


def _refusal(entry: Field[Any], value: Any, where: str, expected: str) -> BadSettings:
    given = "the value given" if entry.metadata["secret"] else shown(value)
    return BadSettings(f"{where}: {entry.name} cannot be {given}; expected: {expected}.", setting=entry.name)


def _default(entry: Field[Any]) -> Any:
    return entry.default if entry.default_factory is MISSING else entry.default_factory()
