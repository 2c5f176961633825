"""What a request may fill in: `fill(profile, parameters, workspace)` gives the arguments and the folder of a run.

Values get only into the placeholders that the profile declares, each within one argument, and are checked: none can
become an option, leave the workspace, or hold what a terminal or a file's name cannot.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence

from ..errors import BadRequest
from ..files import printable, way_out
from .model import Profile
from .profile_entries import PLACEHOLDER, PLACEHOLDERS, SWITCHES

_PATHS = frozenset(("project_dir", "specification", "plan"))
_KNOWN = (*PLACEHOLDERS, *SWITCHES)
_MAX_VALUE = 4_096
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def fill(
    profile: Profile, parameters: Mapping[str, str], workspace: str, roots: Sequence[str] = ()
) -> tuple[tuple[str, ...], str]:
    """(arguments with the program, the folder to run in as an absolute path). Raises BadRequest.

    `roots` are folders outside the workspace in which paths may be too, as the user set them. A switch (`{continuous}`,
    `{autonomous}`, `{tasks}`) without a value is left out.
    """
    for name in parameters:
        if name not in _KNOWN:
            raise BadRequest(f"There is no parameter “{printable(name)[:50]}”.", known=list(_KNOWN))
    values = {name: _checked(name, value, (workspace, *roots)) for name, value in parameters.items()}

    def value_of(match: re.Match[str]) -> str:
        value = values.get(match[1])
        if value is None:
            raise BadRequest(f"The profile {profile.name} needs {match[1]}.", missing=match[1])
        return value

    def arguments_of(argument: str) -> tuple[str, ...]:
        name = argument[1:-1]
        if name not in SWITCHES or argument != f"{{{name}}}":
            return (PLACEHOLDER.sub(value_of, argument),)
        value = values.get(name)
        if value is None:
            return ()
        return (f"--{name}", value) if name == "tasks" else (f"--{name}",)

    argv = tuple(filled for argument in profile.argv for filled in arguments_of(argument))
    folder = PLACEHOLDER.sub(value_of, profile.cwd) if profile.cwd else ""
    return argv, os.path.normpath(os.path.join(workspace, os.path.expanduser(folder)))


def _checked(name: str, value: str, roots: Sequence[str]) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > _MAX_VALUE or _CONTROL.search(value):
        raise BadRequest(f"The {name} has to be a text without control characters, of at most {_MAX_VALUE:,}.")
    if name in _PATHS:
        return _path(name, value, roots)
    if value[0] == "-" or "/" in value or "\\" in value or value in (".", ".."):
        raise BadRequest(f"“{printable(value)[:50]}” cannot be the {name}: a name is needed, not a path or an option.")
    return value


def _path(name: str, value: str, roots: Sequence[str]) -> str:
    """Absolute, and below the workspace, also by the links on the way, except those that the user approved."""
    path = os.path.normpath(os.path.join(os.path.abspath(roots[0]), value))
    tops = [os.path.abspath(root) for root in roots]
    is_top = path in tops
    if not is_top and (way_out(path) is not None or not any(path.startswith(f"{top.rstrip('/')}/") for top in tops)):
        raise BadRequest(f"The {name} “{printable(value)[:200]}” is not below the workspace.")
    return path
