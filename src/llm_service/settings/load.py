"""Settings: `load(...)` gives one frozen `Settings`, or a `BadSettings` that says what is wrong and where.

Sources in rising order: defaults < `llm-service.yaml` in the workspace (or `--config FILE`) < environment
`LLM_SERVICE_<NAME>` < command line. The class `Settings` is the one table: defaults, the names in the file and in
the environment, checks and the documentation are all derived from its fields.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ..errors import BadSettings, FileRefused, FileVanished, Unparseable
from ..files.reading import parse_mapping, read_file
from ..files.yaml_builder import line_of
from .fields import BadValue, nearest, shown
from .table import ENV_PREFIX, FIELDS, LOG_LEVELS, Settings

__all__ = ["ENV_PREFIX", "FIELDS", "FILE_NAME", "LOG_LEVELS", "Settings", "is_loopback", "load"]

FILE_NAME = "llm-service.yaml"


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
                close = nearest(name, FIELDS)
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
        where = _at(path, line_of(document.text, [key]))
        if key not in FIELDS:
            close = nearest(key, FIELDS)
            hint = f" Did you mean {close}?" if close else ""
            raise BadSettings(f"{where}: unknown setting {shown(key)}.{hint}", file=path)
        values[key] = _value(key, value, where, path, document.text)
    return values


def _at(path: str, line: int | None) -> str:
    return f"{path}:{line}" if line else path


def _value(name: str, value: Any, where: str, path: str = "", text: str = "") -> Any:
    """`value` as the type of the setting, checked; texts (from the environment) are converted.

    `text` of the file `path`, if it stands in one: the line of a value inside a list is then said.
    """
    try:
        return FIELDS[name].read(value)
    except BadValue as problem:
        if problem.path and path:
            where = _at(path, line_of(text, [name, *problem.path]))
        raise BadSettings(f"{where}: {problem.sentence(name)}", setting=name) from problem
