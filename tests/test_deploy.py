"""What is in deploy/ fits to the program: options, variables, metrics, paths; units and ACL by their own programs."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import redis
import yaml
from kit.live import Live, eventually, running
from kit.redis_server import PROGRAM, RedisServer
from kit.settings import SETTINGS
from prometheus_client.parser import text_string_to_metric_families

from llm_service.cli.main import cli
from llm_service.cli.sections import load_settings
from llm_service.hub.redis_check import acl

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
FILES = sorted(path for path in DEPLOY.iterdir() if path.is_file())
PAGES = [ROOT / "docs/deploy.md", ROOT / "docs/reach.md"]
UNITS = [path.name for path in FILES if path.suffix == ".service"]
COMMAND = re.compile(r"llm-service((?: +(?:--?[a-z-]+|[a-z-]+))+)")


def texts() -> Iterator[tuple[str, str]]:
    for path in [*FILES, *PAGES]:
        yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")


def command_at(words: list[str]) -> tuple[click.Command, list[str]]:
    """The command that words name, and the rest of them."""
    command: click.Command = cli
    context = click.Context(cli)
    while words and isinstance(command, click.Group) and (inner := command.get_command(context, words[0])):
        command, words = inner, words[1:]
    return command, words


def test_every_variable_is_a_setting() -> None:
    known = {setting.variable for setting in SETTINGS.values()}
    named = {(where, name) for where, text in texts() for name in re.findall(r"LLM_SERVICE_[A-Z_]+", text)}
    assert len(named) > 20
    assert {(where, name) for where, name in named if name not in known} == set()


def test_every_command_and_option_exists() -> None:
    found = 0
    for where, text in texts():
        for match in COMMAND.finditer(text.replace("\\\n", " ")):
            command, rest = command_at(match[1].split())
            if command is cli:
                continue  # a name of a unit, a folder or the package
            found += 1
            known = {name for one in command.params for name in (*one.opts, *one.secondary_opts)} | {"--help"}
            assert [word for word in rest if word.startswith("--") and word not in known] == [], (where, match[0])
    assert found > 15
    healthcheck = json.loads(re.findall(r"HEALTHCHECK .* CMD (\[.*\])", containerfile())[0])
    start = json.loads(re.findall(r"^CMD (\[.*\])", containerfile(), re.M)[0])
    for words in (healthcheck[1:], start):
        command, rest = command_at(words)
        assert not isinstance(command, click.Group) and set(rest) <= {"--no-open"}


def containerfile() -> str:
    return (DEPLOY / "Containerfile").read_text(encoding="utf-8")


def test_what_the_container_copies_is_there_and_hashed() -> None:
    text = containerfile()
    sources = [
        part
        for line in re.findall(r"^COPY (?!--from)(.*)$", text, re.M)
        for part in line.split()[:-1]
    ]  # fmt: skip
    assert {"requirements.lock", "src", "static", "pyproject.toml"} <= set(sources)
    allowed = (ROOT / ".dockerignore").read_text().split()
    for source in sources:
        assert (ROOT / source).exists(), source
        assert any(Path(source).match(one.removeprefix("!")) for one in allowed if one.startswith("!")), source
    assert "--require-hashes -r requirements.lock" in text
    assert re.findall(r"^USER (.*)$", text, re.M) == ["10001:10001"], "not root"
    lock = (ROOT / "requirements.lock").read_text()
    assert "redis==" in lock and lock.count("--hash=sha256:") > 50
    # Everything that the build of the package reads is copied.
    project = (ROOT / "pyproject.toml").read_text()
    for named in re.findall(r'file = \["([^"]+)"\]|readme = "([^"]+)"', project):
        assert "".join(named) in sources


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    return found


def test_the_compose_file_is_whole() -> None:
    found = compose()
    services = found["services"]
    for name, service in services.items():
        assert set(service.get("depends_on", ())) <= set(services), name
        assert service.get("image"), name
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            assert (DEPLOY / source).exists() if source.startswith(".") else source in found["volumes"], (name, volume)
        for port in service.get("ports", ()):
            assert port.startswith("127.0.0.1:"), "of this machine only"
    for name in ("alpha", "beta"):
        service = services[name]
        assert f"{name}-workspace:/workspace:ro" in service["volumes"] and service["read_only"] is True
        assert (DEPLOY / service["build"]["context"] / service["build"]["dockerfile"]).exists()
        # Loaded as the container does.
        image = dict(re.findall(r"(LLM_SERVICE_\w+)=(\S+)", containerfile()))
        settings = load_settings(environ=image | service["environment"])
        assert settings.host == "0.0.0.0" and settings.token and settings.state_path == "/state"


def test_the_demonstration_shows_both_hosts(tmp_path: Path) -> None:
    """Redis, agents and settings of the compose file, as processes instead of containers."""
    services = compose()["services"]
    options = dict(zip(*[iter(one.removeprefix("--") for one in services["redis"]["command"][1:])] * 2, strict=True))
    lives: list[Live] = []
    with RedisServer(tmp_path / "redis") as server:
        server.kill()
        server.options = {name.replace("-", "_"): value for name, value in options.items()}
        # The kit's own ping has no password: it is the default user's here.
        password = server.options.pop("requirepass")
        server.start()
        with redis.Redis.from_url(server.url) as client:
            client.config_set("requirepass", password)
        try:
            for name in ("alpha", "beta"):
                workspace = tmp_path / name
                _, script, _, *agents = services[f"{name}-agents"]["command"]
                program = [sys.executable, str(DEPLOY / script.lstrip("/")), str(workspace), *agents]
                subprocess.run([*program, "--seconds", "0", "--turns", "30"], check=True, timeout=60)
                given = {
                    key.removeprefix("LLM_SERVICE_").lower(): value
                    for key, value in services[name]["environment"].items()
                }
                url = given["redis_url"].replace("redis:6379", f"127.0.0.1:{server.port}")
                origins = [given.pop("cors_origins")]
                hosts = [given.pop("allowed_hosts")]
                lives.append(
                    running(workspace, **given | {"redis_url": url, "cors_origins": origins, "allowed_hosts": hosts})
                )
            headers = {"Authorization": f"Bearer {services['alpha']['environment']['LLM_SERVICE_TOKEN']}"}

            def shown(live: Live) -> set[str]:
                found = live.json("/api/snapshot?topics=tasks", headers=headers).get("hosts", [])
                return {row["value"]["agent"] for row in found if row["value"]["agent"]}

            eventually(lambda: shown(lives[0]) == {"cyd", "dee"} and shown(lives[1]) == {"ada", "bob"})
            labels = [one["label"] for one in lives[0].json("/api/members", headers=headers)["members"]]
            assert labels == ["alpha", "beta"]
        finally:
            for live in lives:
                live.stop()


def test_agents_of_the_demonstration_keep_few_files(tmp_path: Path) -> None:
    program = [sys.executable, str(DEPLOY / "demo_agents.py"), str(tmp_path), "ada", "--seconds", "0", "--turns", "80"]
    subprocess.run(program, check=True, timeout=60)
    lanes = tmp_path / "work/collaboration"
    assert len(list(lanes.rglob("*.yaml"))) <= 16 and len(list((lanes / "done/ada").iterdir())) == 12
    assert not list(lanes.rglob(".*"))


def test_the_acl_is_that_of_the_command_and_works(tmp_path: Path) -> None:
    text = (DEPLOY / "redis-acl.conf").read_text()
    assert text == acl("team")
    observer = "0123456789abcdef"
    rules = tmp_path / "llm-service.acl"
    rules.write_text("user default off\n" + text.replace("<observer>", observer).replace("<password>", "secret"))
    config = tmp_path / "redis.conf"
    config.write_text((DEPLOY / "redis.conf").read_text())
    with RedisServer(tmp_path / "data") as probe:
        port = probe.port
    arguments = [PROGRAM, str(config), "--port", str(port), "--dir", str(tmp_path), "--aclfile", str(rules)]
    process = subprocess.Popen([*arguments, "--logfile", str(tmp_path / "log")])
    try:
        with redis.Redis(port=port, username=f"team-{observer}", password="secret") as client:
            eventually(lambda: _pings(client))
            assert client.info()["maxmemory_policy"] == "noeviction" and client.info()["aof_enabled"] == 1
            client.set(f"llm:team:{observer}:at", "1-1")
            for key in ("llm:team:fedcba9876543210:at", f"llm:other:{observer}:at"):
                with pytest.raises(redis.exceptions.NoPermissionError):
                    client.set(key, "1-1")
        with redis.Redis(port=port) as nobody, pytest.raises(redis.exceptions.AuthenticationError):
            nobody.ping()
    finally:
        process.kill()
        process.wait(60)


def _pings(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.exceptions.ConnectionError:
        return False


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_is_hardened_and_systemd_accepts_it(name: str, tmp_path: Path) -> None:
    text = (DEPLOY / name).read_text()
    lines = set(text.splitlines())
    assert {"NoNewPrivileges=yes", "RestrictSUIDSGID=yes"} <= lines and "ProtectSystem=" in text
    assert "ReadOnlyPaths=" in text
    if "-user@" not in name:
        assert {"User=llm-service", "ProtectSystem=strict", "ReadOnlyPaths=/", "CapabilityBoundingSet="} <= lines
    program = shutil.which("systemd-analyze")
    if program is None:
        return
    # systemd wants the program to be there.
    unit = tmp_path / name.replace("@", "@tmp")
    unit.write_text(re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", text, flags=re.M))
    scope = ["--user"] if "-user@" in name else ["--system"]
    done = subprocess.run(
        [program, "verify", *scope, "--man=no", str(unit)],
        capture_output=True, text=True, timeout=60, env=os.environ | {"XDG_RUNTIME_DIR": str(tmp_path)},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


def test_the_environment_file_is_loaded(workspace: Path) -> None:
    """Also with every line that is commented out there, where both kinds of following are chosen."""
    given = dict(re.findall(r"^(?:# )?(LLM_SERVICE_\w+)=(.+)$", (DEPLOY / "llm-service.env").read_text(), re.M))
    given |= {"LLM_SERVICE_WORKSPACE": str(workspace), "LLM_SERVICE_TOKEN": "0123456789abcdef"}
    settings = load_settings(environ=given)
    assert settings.host == "0.0.0.0" and settings.log_format == "json"


def test_every_metric_of_the_panels_exists(start: Callable[..., Live]) -> None:
    board = json.loads((DEPLOY / "grafana-dashboard.json").read_text(encoding="utf-8"))
    live = start(share=True)
    known = dict[str, set[str]]()
    for family in text_string_to_metric_families(live.get("/metrics").text):
        names = [family.name, *(sample.name for sample in family.samples)]
        more = {"counter": [f"{family.name}_total"], "histogram": [f"{family.name}_bucket"]}.get(family.type, [])
        for name in (*names, *more):
            known.setdefault(name, set()).update(*(sample.labels for sample in family.samples))
    expressions = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    used = {name for expression in expressions for name in re.findall(r"\bllm_\w+", expression)}
    assert len(used) > 12
    assert used - set(known) == set()
    assert all('host=~"$host"' in expression for expression in expressions), "each panel is filtered by host"
    assert {"job", "host", "datasource"} == {one["name"] for one in board["templating"]["list"]}
    places = [tuple(panel["gridPos"][name] for name in "xy") for panel in board["panels"]]
    assert len(places) == len(set(places)) and len({panel["id"] for panel in board["panels"]}) == len(places)
    for expression in expressions:  # labels that a panel selects or groups by are those of the metric, or Prometheus'
        for name in re.findall(r"\bllm_\w+", expression):
            labels = set(re.findall(r'(\w+)(?:=|!=|=~)"', expression))
            if known[name]:
                assert labels <= known[name] | {"job", "host", "exported_host", "le"}, expression
    scrape = yaml.safe_load((DEPLOY / "prometheus.yml").read_text())["scrape_configs"]
    assert all("host" in static["labels"] for job in scrape for static in job["static_configs"])
