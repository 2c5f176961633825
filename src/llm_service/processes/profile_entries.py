"""Profiles as a person writes them, in YAML: `read_profiles(value, origin)`, with the place of each mistake."""

from __future__ import annotations

import re
from dataclasses import MISSING, dataclass
from itertools import pairwise
from typing import Annotated, Any

import msgspec

from ..settings.entries import Text, read_entries
from ..settings.fields import BadValue, setting
from .model import Profile

PLACEHOLDERS = ("job", "project", "project_dir", "specification", "plan")
SWITCHES = ("continuous", "autonomous", "tasks")
"""Arguments that are left out unless they are asked for: `{continuous}` becomes `--continuous`, `{tasks}` becomes
`--tasks` and the ids."""
PLACEHOLDER = re.compile(r"\{(" + "|".join((*PLACEHOLDERS, *SWITCHES)) + r")\}")
_CODE_OPTION = re.compile(r"-\w*[ce]|--(eval|exec|command|execute)|-Command|/[cC]")
"""Options whose argument is code: what is filled in there would be run."""
_ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ALLOWED_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\*?")
_OWN_PREFIX = "LLM_SERVICE_"
_MAX_ARGUMENTS = 1_000
_MAX_TEXT = 100_000

Texts = list[Annotated[str, msgspec.Meta(max_length=_MAX_TEXT)]]
Seconds = Annotated[float, msgspec.Meta(ge=0, le=31_536_000)]
_SECONDS = "a number of seconds from 0 to 31,536,000"


def _has_control(value: str) -> bool:
    return "\0" in value or any("\ud800" <= char <= "\udfff" for char in value)


def _argv_problem(argv: list[str]) -> str | None:
    if not argv or not argv[0].strip() or len(argv) > _MAX_ARGUMENTS or any(map(_has_control, argv)):
        return "a list of texts: the program and its arguments"
    if PLACEHOLDER.search(argv[0]):
        return "a program without placeholders"
    for before, argument in pairwise(argv):
        if _CODE_OPTION.fullmatch(before) and PLACEHOLDER.search(argument):
            return f"a list in which no placeholder is in code, as in that after {before}; pass it as an argument"
    for argument in argv:
        for name in PLACEHOLDER.findall(argument):
            if name in SWITCHES and argument != f"{{{name}}}":
                return f"a list in which {{{name}}} is an argument by itself"
    return None


def _env_problem(env: dict[str, str]) -> str | None:
    good = all(_ENV_NAME.fullmatch(name) and not _has_control(value) for name, value in env.items())
    return None if good else "a mapping of names of variables to texts"


def _allow_problem(names: list[str]) -> str | None:
    good = all(_ALLOWED_NAME.fullmatch(name) and not name.startswith(_OWN_PREFIX) for name in names)
    return None if good else f"a list of names of variables, such as OPENAI_API_KEY or AWS_*, none of {_OWN_PREFIX}*"


def _name_problem(name: str) -> str | None:
    return None if re.fullmatch(r"\w[\w.-]{0,63}", name) else "a name of letters, digits, `_`, `.` and `-`"


def _cwd_problem(cwd: str) -> str | None:
    found = set(PLACEHOLDER.findall(cwd)) - {"project_dir"}
    return "a folder, in which only {project_dir} is filled in" if found or _has_control(cwd) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _ProfileEntry:
    """A profile as it is written."""

    name: Text = setting(MISSING, expected="a name of letters, digits, `_`, `.` and `-`", check=_name_problem)
    argv: Texts = setting(MISSING, expected="a list of texts: the program and its arguments", check=_argv_problem)
    cwd: Text | None = setting(None, expected="a folder", check=_cwd_problem)
    env: dict[str, str] | None = setting(None, expected="a mapping of names to texts", check=_env_problem)
    env_allow: list[str] | None = setting(None, expected="a list of names of variables", check=_allow_problem)
    pty: bool = setting(False, expected="yes or no (true or false)")
    timeout_s: Seconds | None = setting(None, expected=_SECONDS)
    max_log_bytes: Annotated[int, msgspec.Meta(ge=1, le=1 << 50)] = setting(1 << 30, expected="a number of bytes")
    retry_times: Annotated[int, msgspec.Meta(ge=0, le=100)] = setting(0, expected="a whole number from 0 to 100")
    retry_delay_s: Seconds = setting(10.0, expected=_SECONDS)
    grace_s: Annotated[float, msgspec.Meta(ge=0, le=3_600)] = setting(5.0, expected="a number of seconds up to 3,600")
    phases: dict[str, list[str]] | None = setting(None, expected="a mapping of phases to lists of patterns")

    def profile(self, origin: str) -> Profile:
        """The profile."""
        return Profile(
            name=self.name,
            argv=tuple(self.argv),
            origin=origin,
            cwd=self.cwd,
            env=dict(self.env or {}),
            env_allow=tuple(self.env_allow or ()),
            pty=self.pty,
            timeout_s=self.timeout_s or None,
            max_log_bytes=self.max_log_bytes,
            retry_times=self.retry_times,
            retry_delay_s=self.retry_delay_s,
            grace_s=self.grace_s,
            phases={phase: tuple(patterns) for phase, patterns in (self.phases or {}).items()},
        )


def read_profiles(value: Any, origin: str) -> list[Profile]:
    """The profiles in a list of mappings. Raises BadValue."""
    return [entry.profile(origin) for entry in read_entries(value, _ProfileEntry)]


def read_profile(value: Any, origin: str) -> Profile:
    """The profile in one mapping. Raises BadValue, with the place below the mapping."""
    try:
        return read_profiles([value], origin)[0]
    except BadValue as problem:
        raise BadValue(str(problem), problem.path[1:]) from problem


def placeholders_of(profile: Profile) -> tuple[str, ...]:
    """The parameters that a profile needs, each once; without those that may be left out."""
    texts = (*profile.argv, profile.cwd or "")
    names = dict.fromkeys(name for text in texts for name in PLACEHOLDER.findall(text))
    return tuple(name for name in names if name not in SWITCHES)
