"""The examples of docs/deploy.md for proxies, run by nginx and Caddy where they are installed; and what promtool says
of the files in deploy/."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
import socketio
import websocket
import yaml
from kit.certificates import certificate_of_loopback
from kit.live import Live, eventually
from kit.paths import ROOT
from kit.processes import free_port

NAME = "alpha.example.org"
TOKEN = "0123456789abcdefghij"
HEADERS = {"Authorization": f"Bearer {TOKEN}"}


def example(language: str) -> str:
    """The only block of the page in this language."""
    (found,) = re.findall(rf"^```{language}\n(.*?)^```", (ROOT / "docs/deploy.md").read_text(), re.M | re.S)
    return str(found)


def nginx(folder: Path, port: int, behind: str, key: Path, certificate: Path) -> list[str]:
    """The command that runs nginx with the example, on a port of loopback."""
    text = example("nginx")
    for written, ours in {
        "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
        f"/etc/ssl/{NAME}.pem": str(certificate),
        f"/etc/ssl/{NAME}.key": str(key),
        "127.0.0.1:8080": behind,
    }.items():
        assert written in text
        text = text.replace(written, ours)
    places = "".join(
        f"{name}_temp_path {folder / name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;" if os.geteuid() == 0 else ""
    config = folder / "nginx.conf"
    config.write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/error.log; {user} events {{}} "
        f"http {{ access_log off; {places} {text} }}"
    )
    return ["nginx", "-c", str(config), "-e", str(folder / "error.log")]


def caddy(folder: Path, port: int, behind: str, key: Path, certificate: Path) -> list[str]:
    """The command that runs Caddy with the example, on a port of loopback."""
    text = example("caddyfile")
    site = f"https://{NAME}:{port} {{\ntls {certificate} {key}"
    for written, ours in {f"{NAME} {{": site, "127.0.0.1:8080": behind}.items():
        assert written in text
        text = text.replace(written, ours)
    config = folder / "Caddyfile"
    config.write_text(f"{{\nadmin off\nauto_https disable_redirects\n}}\n{text}")
    return ["caddy", "run", "--config", str(config), "--adapter", "caddyfile"]


def is_open(port: int) -> bool:
    """True if something listens there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def running_proxy(name: str, live: Live, folder: Path) -> Iterator[int]:
    """The port of the proxy before a dashboard."""
    port = free_port()
    folder.mkdir()
    make = {"nginx": nginx, "caddy": caddy}[name]
    command = make(folder, port, live.url.removeprefix("http://"), *certificate_of_loopback(folder))
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=os.environ | {"HOME": str(folder)})
    try:
        eventually(lambda: is_open(port) or process.poll() is not None)
        assert process.poll() is None, (folder / "log").read_text()
        yield port
    finally:
        process.terminate()
        process.wait(60)


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_the_dashboard_works_behind_the_proxies_of_the_page(
    start: Callable[..., Live], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve = socket.getaddrinfo

    def resolve_here(host: Any, *more: Any, **named: Any) -> Any:
        return resolve("127.0.0.1" if host == NAME else host, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", resolve_here)
    live = start(token=TOKEN, allowed_hosts=[NAME], cors_origins=[f"https://{NAME}"], public_url=f"https://{NAME}")
    for name in filter(shutil.which, ("nginx", "caddy")):
        with running_proxy(name, live, tmp_path / name) as port, requests.Session() as session:
            session.verify = session.trust_env = False
            try_all(session, f"https://{NAME}:{port}", lambda name=name: live.write(f"inbox/{name}.yaml"))


def try_all(session: requests.Session, url: str, write: Callable[[], object]) -> None:
    """What a page and a client do, through a proxy."""
    for path in ("/", "/health", "/api/snapshot", "/styles/tokens.css"):
        assert session.get(f"{url}{path}", headers=HEADERS, timeout=60).status_code == 200, path
    assert session.get(f"{url}/api/tasks", timeout=60).status_code == 401
    forged = HEADERS | {"X-Forwarded-For": "1.2.3.4", "X-Forwarded-Host": "x", "Forwarded": "for=1"}
    assert session.get(f"{url}/api/tasks", headers=forged, timeout=60).status_code == 200
    with session.get(f"{url}/streams/tasks", headers=HEADERS, stream=True, timeout=60) as stream:
        lines = stream.iter_lines(chunk_size=1, decode_unicode=True)
        assert any(line == "event: snapshot" for line in lines)
        write()
        assert any(line == "event: task.created" for line in lines), "it comes while the stream is open"
    address, header = url.replace("https", "wss", 1), [f"{name}: {value}" for name, value in HEADERS.items()]
    connection = websocket.create_connection(
        f"{address}/ws/tasks", timeout=60, origin=f"https://{NAME}", header=header, sslopt={"cert_reqs": ssl.CERT_NONE}
    )
    assert json.loads(connection.recv())["type"] == "snapshot"
    connection.close()
    client, acks = socketio.Client(http_session=session, ssl_verify=False), list[object]()
    client.on("connection_ack", acks.append, namespace="/dashboard")
    client.connect(url, namespaces=["/dashboard"], auth={"token": TOKEN}, headers=HEADERS)
    eventually(lambda: acks)
    client.disconnect()


def test_the_examples_strip_what_the_dashboard_refuses() -> None:
    headers = {"X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded"}
    assert set(re.findall(r'proxy_set_header (\S+)\s+"";', example("nginx"))) == headers
    assert set(re.findall(r"header_up -(\S+)", example("caddyfile"))) == headers


def test_promtool_takes_the_configuration_and_every_expression(tmp_path: Path) -> None:
    board = json.loads((ROOT / "deploy/grafana-dashboard.json").read_text())
    expressions = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    times = {"$__rate_interval": "5m", "$__interval": "1m", "$__range": "1h"}
    for name, value in (times | {"$job": "x", "$host": "x"}).items():
        expressions = [expression.replace(name, value) for expression in expressions]
    assert not [expression for expression in expressions if "$" in expression], "no other variable of Grafana is used"
    rules = [{"record": "a:b", "expr": one, "labels": {"n": str(number)}} for number, one in enumerate(expressions)]
    (tmp_path / "rules.yml").write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}))
    if shutil.which("promtool") is None:
        return
    for what, path in (("config", ROOT / "deploy/prometheus.yml"), ("rules", tmp_path / "rules.yml")):
        done = subprocess.run(["promtool", "check", what, str(path)], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
