"""Load the settings: `load(sections, ...)` gives one frozen `Settings`, or raises `BadSettings`.

Sources in rising priority: defaults < `llm-service.yaml` in the workspace (or `--config FILE`) < environment
`LLM_SERVICE_<NAME>` < command line. The sections are the one table: defaults, the names in the file and in the
environment, checks and the documentation are all derived from their fields.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..errors import BadSettings, FileRefused, FileVanished, Unparseable
from ..files import line_of, parse_mapping, read_file
from .fields import ENV_PREFIX, BadValue, Setting, display, nearest
from .section import Section, all_settings
from .table import FILE_NAME, LOG_LEVELS, Settings, make_settings

__all__ = ["FILE_NAME", "LOG_LEVELS", "Settings", "load"]

_Known = Mapping[str, Setting]


def load(
    sections: Sequence[type[Section]],
    workspace: str | None = None,
    config_file: str | None = None,
    cli: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
) -> Settings:
    """The settings in force, with these sections of features; `workspace` comes out absolute.

    None in `cli` means "not given". Raises BadSettings for an unknown name, an unusable value or an unusable file.
    """
    known = all_settings((Settings, *sections))
    values: dict[str, Any] = {}
    from_environ = dict(_from_environ(known, os.environ if environ is None else environ))
    if config_file is not None:
        values |= _from_file(known, os.path.abspath(config_file))
        if "workspace" in values:
            values["workspace"] = os.path.join(os.path.dirname(os.path.abspath(config_file)), values["workspace"])
    given = {"workspace": workspace} | dict(cli or {})
    from_cli = {
        name: _value(known[name], value, f"option {known[name].option}")
        for name, value in given.items()
        if value is not None
    }
    folder = os.path.abspath((values | from_environ | from_cli).get("workspace", "."))
    if config_file is None:
        path = os.path.join(folder, FILE_NAME)
        values = _from_file(known, path, optional=True)
        if "workspace" in values:
            raise BadSettings(
                f"{path}: workspace cannot be set in the file that is found through it; "
                "use --workspace, or name the file with --config."
            )
    settings = replace(make_settings(sections, values | from_environ | from_cli), workspace=folder)
    for section in (settings, *settings.sections):
        section.check(settings)
    return settings


def _from_environ(known: _Known, environ: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    for variable in sorted(environ):
        if variable.upper().startswith(ENV_PREFIX):
            name = variable[len(ENV_PREFIX) :].lower()
            where = f"environment variable {variable}"
            if name not in known or variable != known[name].variable:
                close = nearest(name, known)
                hint = f" Did you mean {known[close].variable}?" if close else ""
                raise BadSettings(f"Unknown {where}.{hint}", variable=variable)
            yield name, _value(known[name], environ[variable], where)


def _from_file(known: _Known, path: str, optional: bool = False) -> dict[str, Any]:
    # The file is the user's, not an agent's: a link to it is followed. All other rules apply.
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
        if key not in known:
            close = nearest(key, known)
            hint = f" Did you mean {close}?" if close else ""
            raise BadSettings(f"{where}: unknown setting {display(key)}.{hint}", file=path)
        values[key] = _value(known[key], value, where, path, document.text)
    return values


def _at(path: str, line: int | None) -> str:
    return f"{path}:{line}" if line else path


def _value(setting: Setting, value: Any, where: str, path: str = "", text: str = "") -> Any:
    """The value as the setting reads it. With `path` and `text` of a file, errors name the line in lists."""
    try:
        return setting.read(value)
    except BadValue as problem:
        if problem.path and path:
            where = _at(path, line_of(text, [setting.name, *problem.path]))
        raise BadSettings(f"{where}: {problem.sentence(setting.name)}", setting=setting.name) from problem
