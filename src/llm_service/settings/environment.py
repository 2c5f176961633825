"""The settings in the environment: `settings_in(known, environ)`. What others put there under our prefix is ignored.

Kubernetes and Docker describe each service of a cluster by variables with its name in front: for one that is called
`llm-service` by `LLM_SERVICE_PORT=tcp://10.0.0.1:80`, `LLM_SERVICE_PORT_80_TCP_ADDR`, `LLM_SERVICE_SERVICE_HOST` and so
on, for one called `llm` by `LLM_SERVICE_HOST` and `LLM_SERVICE_PORT`
(kubernetes.io/docs/concepts/services-networking/service, docs.docker.com/engine/network/links).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..errors import BadSettings
from .fields import ENV_PREFIX, BadValue, nearest
from .settings_file import Known

_ADDRESS = re.compile(r"(?:tcp|udp|sctp)://\S+")
_OF_A_SERVICE = re.compile(
    r"(?:.*_)?(?:SERVICE_HOST|SERVICE_PORT(?:_.+)?|PORT_\d+_(?:TCP|UDP|SCTP)(?:_(?:ADDR|PORT|PROTO))?)"
)
_ENV_OF_LINK = re.compile(r"((?:.*_)?)ENV_.+")
_LINK_NAME = re.compile(r"/[^/\s]+/[^/\s]+")


def settings_in(known: Known, environ: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    """The settings that the environment gives, and the variables that describe a service of a cluster instead.

    Raises BadSettings for an unknown name or an unusable value.
    """
    values, ignored = {}, []
    for variable in sorted(environ):
        if not variable.upper().startswith(ENV_PREFIX):
            continue
        if _describes_service(known, variable, environ):
            ignored.append(variable)
            continue
        name = variable[len(ENV_PREFIX) :].lower()
        where = f"environment variable {variable}"
        if name not in known or variable != known[name].variable:
            close = nearest(name, known)
            hint = f" Did you mean {known[close].variable}?" if close else ""
            raise BadSettings(f"Unknown {where}.{hint}", variable=variable)
        try:
            values[name] = known[name].read(environ[variable])
        except BadValue as problem:
            raise BadSettings(f"{where}: {problem.sentence(name)}", setting=name) from problem
    return values, ignored


def _describes_service(known: Known, variable: str, environ: Mapping[str, str]) -> bool:
    name, value = variable[len(ENV_PREFIX) :], environ[variable]
    if name in ("HOST", "PORT") and _is_of_service_llm(environ):
        return True
    if (name == "PORT" or name.endswith("_PORT")) and _ADDRESS.fullmatch(value):
        return True
    if name.lower() in known:
        return False
    of_link = _ENV_OF_LINK.fullmatch(name)
    if of_link or name == "NAME" or name.endswith("_NAME"):
        link = environ.get(f"{ENV_PREFIX}{of_link[1]}NAME", "") if of_link else value
        return _LINK_NAME.fullmatch(link) is not None
    if name.startswith("PORT_") and value.isdigit() and _is_of_service_llm(environ):
        return True  # a named port of the service `llm`
    return _OF_A_SERVICE.fullmatch(name) is not None


def _is_of_service_llm(environ: Mapping[str, str]) -> bool:
    """True if host and port are those of a service `llm`, which gives the same as an address in LLM_PORT."""
    host, port = environ.get("LLM_SERVICE_HOST", ""), environ.get("LLM_SERVICE_PORT", "")
    host = f"[{host}]" if ":" in host else host
    return environ.get("LLM_PORT", "").partition("://")[2] == f"{host}:{port}"
