"""The environment: what Kubernetes and Docker write under our prefix is not taken for settings."""

from __future__ import annotations

import pytest
from kit.settings import SETTINGS, refusal

from llm_service.cli.sections import load_settings
from llm_service.settings.environment import settings_in

# As a pod has them: kubernetes.io/docs/concepts/services-networking/service/#environment-variables, for services
# llm-service, llm-service-redis and llm, with two ports and IPv6; docker run --link db:llm_service.
KUBERNETES = {
    "LLM_SERVICE_SERVICE_HOST": "10.0.0.1",
    "LLM_SERVICE_SERVICE_PORT": "80",
    "LLM_SERVICE_SERVICE_PORT_HTTP": "80",
    "LLM_SERVICE_SERVICE_PORT_METRICS": "9090",
    "LLM_SERVICE_PORT": "tcp://10.0.0.1:80",
    "LLM_SERVICE_PORT_80_TCP": "tcp://10.0.0.1:80",
    "LLM_SERVICE_PORT_80_TCP_PROTO": "tcp",
    "LLM_SERVICE_PORT_80_TCP_PORT": "80",
    "LLM_SERVICE_PORT_80_TCP_ADDR": "10.0.0.1",
    "LLM_SERVICE_PORT_53_UDP_ADDR": "10.0.0.1",
    "LLM_SERVICE_PORT_9899_SCTP": "sctp://10.0.0.1:9899",
}
ANOTHER = {name.replace("LLM_SERVICE", "LLM_SERVICE_REDIS"): value for name, value in KUBERNETES.items()}
LLM = {
    "LLM_SERVICE_HOST": "10.0.0.2",
    "LLM_SERVICE_PORT": "8000",
    "LLM_SERVICE_PORT_HTTP": "8000",
    "LLM_PORT": "tcp://10.0.0.2:8000",
    "LLM_PORT_8000_TCP": "tcp://10.0.0.2:8000",
}
LLM6 = {
    "LLM_SERVICE_HOST": "fd00::2",
    "LLM_SERVICE_PORT": "8000",
    "LLM_PORT": "tcp://[fd00::2]:8000",
}
DOCKER = {
    "LLM_SERVICE_NAME": "/web/llm_service",
    "LLM_SERVICE_PORT": "tcp://172.17.0.5:5432",
    "LLM_SERVICE_PORT_5432_TCP_ADDR": "172.17.0.5",
    "LLM_SERVICE_ENV_PG_VERSION": "16",
    "LLM_SERVICE_DB_NAME": "/web/llm_service_db",
    "LLM_SERVICE_DB_ENV_PORT": "1",
}


@pytest.mark.parametrize(
    "environ", [KUBERNETES, ANOTHER, LLM, LLM6, DOCKER], ids=["k8s", "other", "llm", "ipv6", "docker"]
)
def test_variables_of_a_cluster_are_ignored_and_named(environ: dict[str, str]) -> None:
    settings = load_settings(environ=environ)
    assert (settings.port, settings.host) == (8080, "127.0.0.1")
    ours = sorted(name for name in environ if name.startswith("LLM_SERVICE_"))
    assert [note.split()[0] for note in settings.notes] == ours


@pytest.mark.parametrize("name", KUBERNETES | ANOTHER)
def test_each_alone_is_ignored(name: str) -> None:
    assert settings_in(SETTINGS, {name: (KUBERNETES | ANOTHER)[name]}) == ({}, [name])


def test_settings_beside_them_count() -> None:
    settings = load_settings(environ=KUBERNETES | {"LLM_SERVICE_THREADS": "100", "LLM_SERVICE_HOST": "127.0.0.2"})
    assert (settings.threads, settings.host) == (100, "127.0.0.2")
    # Another service's address does not make ours a cluster's.
    environ = {"LLM_SERVICE_HOST": "127.0.0.1", "LLM_SERVICE_PORT": "9000", "LLM_PORT": "tcp://10.0.0.2:8000"}
    assert load_settings(environ=environ).port == 9000


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LLM_SERVICE_PORT", "http://10.0.0.1:80"),
        ("LLM_SERVICE_PORT", "tcp://10.0.0.1:80 x"),
        ("LLM_SERVICE_PORT", "80x"),
        ("LLM_SERVICE_PROT", "80"),
        ("LLM_SERVICE_PORT_HTTP", "80"),
        ("LLM_SERVICE_PORT_80", "80"),
        ("LLM_SERVICE_PORT_80_TCP_HOST", "80"),
        ("LLM_SERVICE_HOSTS", "x"),
        ("LLM_SERVICE_NAME", "me"),
        ("LLM_SERVICE_ENV_X", "1"),
        ("LLM_SERVICE_EXTRA_PORT", "80"),
    ],
)
def test_mistakes_are_still_refused(name: str, value: str) -> None:
    assert name in refusal(environ={name: value})
