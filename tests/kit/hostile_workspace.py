"""A workspace as somebody who wants to harm its user would publish it: `HostileWorkspace(base)`.

`base/home` is the user's, with a secret; `base/ws` is what was cloned. What must not happen leaves a trace: a program
that was started writes `base/started`, a request that was sent is in `received`, a folder outside that was written to
has another content than before.
"""

from __future__ import annotations

import json
import os
import stat
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

SECRET = "-----BEGIN OPENSSH PRIVATE KEY----- SECRET"
EVIL_ORIGIN = "http://127.0.0.1:{port}"
_MODULES = ("click", "flask", "gunicorn", "apprise", "yaml", "sitecustomize", "usercustomize", "llm_service")
"""Modules of ours, and one that is optional: a Python that looks into the current folder runs these instead."""


class HostileWorkspace:
    """Builds it all. `ids`: how many files share an id; `forged`: a process and a start time to forge a record of."""

    def __init__(self, base: Path, evil_port: int = 1, ids: int = 5_000, forged: tuple[int, str] | None = None) -> None:
        self.place, self.home, self.outside = base / "ws", base / "home", base / "home/private"
        self._started = base / "started"
        self.received: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        self.port = self._server.server_port
        for folder in (self.home / ".ssh", self.outside / "collaboration/inbox", self.place / "work"):
            folder.mkdir(parents=True)
        for path in (self.home / ".ssh/id_rsa", self.outside / "notes.txt", self.outside / "settings.yaml"):
            path.write_text(f"{SECRET}: {path.name}\n")
        (self.outside / "collaboration/inbox/theirs.yaml").write_text(f"id: theirs\ntitle: '{SECRET}'\n")
        (self.outside / "calls.jsonl").write_text(f'{{"agent_name": "{SECRET}"}}\n')
        self._settings(evil_port)
        self._links()
        self._programs()
        self._tasks(ids)
        self._record(forged)
        self._before = self._outside_now()

    def environment(self, **more: str) -> dict[str, str]:
        """The environment of the user, with a browser and a display."""
        browser = self.home / "browser.sh"
        browser.write_text(f"#!/bin/sh\necho browser >> {self._started}\n")
        browser.chmod(browser.stat().st_mode | stat.S_IXUSR)
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("LLM_SERVICE_", "XDG_"))}
        return kept | {"HOME": str(self.home), "BROWSER": f"{browser} %s", "DISPLAY": ":0"} | more

    def started(self) -> list[str]:
        """The programs and modules of the workspace that were started."""
        return self._started.read_text().split() if self._started.exists() else []

    def written_outside(self) -> list[str]:
        """The files outside that were changed, made or removed."""
        now = self._outside_now()
        return sorted(path for path in now.keys() | self._before.keys() if now.get(path) != self._before.get(path))

    def copied(self) -> list[str]:
        """The files in the workspace that have the secret now: as texts, or compressed by us."""
        found = []
        for folder, _, names in os.walk(self.place):
            for name in names:
                path = Path(folder, name)
                if not path.is_symlink() and path.is_file() and SECRET.encode() in path.read_bytes():
                    found.append(str(path.relative_to(self.place)))
        return found

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()

    def _settings(self, evil_port: int) -> None:
        address = f"http://127.0.0.1:{self.port}/hook"
        settings = {
            "cors_origins": [EVIL_ORIGIN.format(port=evil_port), "https://evil.example"],
            "allowed_hosts": ["evil.example"],
            "host": "0.0.0.0",
            "token": "known-to-the-author",
            "open_browser": True,
            "webhook": address,
            "budgets": [{"period": "day", "limit_usd": 0.000_001, "webhook": address}],
            "claude_folders": ["~/.claude/projects", str(self.outside)],
            "codex_folders": ["../home/private"],
            "threads": 65_536,
            "ring_events": 10_000_000,
            "max_file_bytes": 1 << 30,
            "versions_max_bytes": 1 << 40,
            "sweep_interval_s": 0.1,
            "log_level": "critical",
        }
        (self.place / "llm-service.yaml").write_text(json.dumps(settings, indent=1))
        (self.place / "llm-service.yml").write_text("port: 1\n")
        (self.place / ".env").write_text("LLM_SERVICE_CORS_ORIGINS=https://evil.example\n")
        (self.place / ".config/llm-service").mkdir(parents=True)
        (self.place / ".config/llm-service/config.yaml").write_text("cors_origins: ['https://evil.example']\n")

    def _links(self) -> None:
        (self.place / "generated_projects").symlink_to("../home")
        (self.place / "work/generated_projects").symlink_to(self.home)
        (self.place / "work/telemetry").symlink_to("../../home/private")
        (self.place / "work/collaboration/inbox").mkdir(parents=True)
        for name, target in (("assigned", "chain"), ("done", self.outside), ("chain", "../../../home/private")):
            (self.place / "work/collaboration" / name).symlink_to(target)
        (self.place / "work/collaboration/inbox/linked.yaml").symlink_to(self.outside / "settings.yaml")
        (self.place / "work/collaboration/inbox/claims.yaml").write_text(
            "id: claims\nartefacts: [generated_projects/.ssh/id_rsa, ../home/.ssh/id_rsa, work/telemetry/notes.txt]\n"
        )
        os.link(self.place / "llm-service.yml", self.place / "work/collaboration/inbox/hard.yaml")

    def _programs(self) -> None:
        code = f"open({str(self._started)!r}, 'a').write(__name__ + ' ')\n"
        for name in _MODULES:
            (self.place / f"{name}.py").write_text(code)
        for name in ("gunicorn.conf.py", "conftest.py", "wsgi.py"):
            (self.place / name).write_text(code)
        (self.place / ".git/hooks").mkdir(parents=True)
        (self.place / ".git/config").write_text(f"[core]\n\tfsmonitor = echo fsmonitor >> {self._started}\n")
        (self.place / ".gitignore").write_text("\n".join("a*" * 200 + str(number) for number in range(200)))

    def _tasks(self, ids: int) -> None:
        for number in range(ids):
            (self.place / f"work/collaboration/inbox/{number:05d}.yaml").write_text("id: TODO-ID\ntitle: One of many\n")

    def _record(self, forged: tuple[int, str] | None) -> None:
        (self.place / ".llm-service/versions").mkdir(parents=True)
        (self.place / ".llm-service/versions/objects").symlink_to(self.outside)
        if forged is None:
            return
        facts: dict[str, Any] = {
            "pid": forged[0],
            "process_start_time": forged[1],
            "url": f"http://127.0.0.1:{self.port}",
            "host": "127.0.0.1",
            "port": self.port,
            "workspace": str(self.place),
            "started_at": time.time(),
            "version": "0.1.0",
        }
        (self.place / ".llm-service/dashboard.json").write_text(json.dumps(facts))

    def _outside_now(self) -> dict[str, bytes | str]:
        found: dict[str, bytes | str] = {}
        for folder, folders, names in os.walk(self.home):
            for name in folders:
                found[os.path.join(folder, name)] = "folder"
            for name in names:
                found[os.path.join(folder, name)] = Path(folder, name).read_bytes()
        return {path: what for path, what in found.items() if not path.endswith(("browser.sh", "__pycache__"))}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        received = self.received

        class Listener(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                received.append(f"{self.command} {self.path} {dict(self.headers)}")
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_POST = do_GET

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        return Listener


def python() -> list[str]:
    """The command as a user has it installed: Python adds the folder of the script to its path, not the current one."""
    return [sys.executable, "-P", "-m", "llm_service"]
