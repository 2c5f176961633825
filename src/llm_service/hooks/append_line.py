"""The hook of an agent's program: adds one line about what happens to `<folder>/<session>.jsonl`.

`python -I -S append_line.py CLIENT FOLDER WORKSPACE [JSON]`: the event is read from the input, or given as the last
argument (Codex' `notify`). It is one file of the standard library alone, as it is run alone: the dashboard need not
run, and nothing of this package need be found.

It never stops the agent: nothing is printed to the output, the exit code is 0 whatever happens, and it waits two
seconds at most. Sessions outside of WORKSPACE leave no line. The line has no input of tools but a short text: of a
command its first words, of a file its path, of an address its host. What looks like a secret is left out.
"""

from __future__ import annotations

import json
import os
import re
import select
import stat
import sys
import time
from contextlib import suppress
from hashlib import sha256
from typing import Any

MAX_INPUT_BYTES = 16 << 20
MAX_FILE_BYTES = 64 << 20
WAIT_S = 2.0
MAX_TEXT = 240
MAX_NAME = 120
QUESTION_TOOLS = ("AskUserQuestion", "request_user_input")
_SESSION = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,79}\Z")
_SECRET = re.compile(r"[A-Za-z0-9+/=_.~-]{20,}")
_WORD = re.compile(r"[A-Za-z][A-Za-z_-]{0,23}\Z")
_ENDS = ".!?。！？"
_COMMAND_TOOLS = ("Bash", "shell", "exec_command", "local_shell", "unified_exec")
_FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0)
# O_NONBLOCK: opening a FIFO would wait for its reader.
_SAFE = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


def main(argv: list[str]) -> None:
    """Add the line; silently nothing if that cannot be."""
    client, folder, workspace = argv[1:4]
    data = argv[4].encode("utf-8", "replace") if len(argv) > 4 else read_input(0)
    event = json.loads(data)
    if not isinstance(event, dict) or not is_inside(event.get("cwd"), workspace):
        return
    line = line_of(client, event, time.time())
    if line is not None:
        append(folder, name_of(line["session"]), json.dumps(line, separators=(",", ":")).encode() + b"\n")


def read_input(handle: int) -> bytes:
    """What the program sends, to its end, for two seconds at most."""
    parts, size, deadline = [], 0, time.monotonic() + WAIT_S
    while size <= MAX_INPUT_BYTES:
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([handle], [], [], left)[0]:
            break
        part = os.read(handle, 1 << 16)
        if not part:
            break
        parts.append(part)
        size += len(part)
    return b"".join(parts)


def is_inside(folder: object, workspace: str) -> bool:
    """True if a session in that folder belongs to the workspace; also if it does not say where it is."""
    if not isinstance(folder, str) or not folder:
        return True
    places = [os.path.realpath(each) for each in (folder, workspace)]
    return places[0] == places[1] or places[0].startswith(places[1].rstrip(os.sep) + os.sep)


def line_of(client: str, event: dict[str, Any], now_s: float) -> dict[str, Any] | None:
    """The line about an event as the program sends it; None if it names no session or event."""
    name = _first(event, "hook_event_name", "type")
    session = _first(event, "session_id", "thread-id", "thread_id")
    if name is None or session is None:
        return None
    tool = _first(event, "tool_name")
    line: dict[str, Any] = {"time": iso_time(now_s), "client": client, "event": name, "session": session}
    more = {
        "cwd": _first(event, "cwd"),
        "tool": tool,
        "call": _first(event, "tool_use_id"),
        "subagent": _first(event, "agent_id"),
        "kind": _first(event, "notification_type", "source", "reason"),
        "model": _first(event, "model"),
        "agent": _named(os.environ.get("LLM_SERVICE_AGENT")),
    }
    line |= {key: value for key, value in more.items() if value is not None}
    text = _text_of(name, tool, event)
    if text:
        line["text"] = text
    if name in ("Stop", "agent-turn-complete"):
        question = question_at_end(_first(event, "last_assistant_message", "last-assistant-message", limit=1 << 20))
        if question:
            line |= {"asks": True, "text": question}
        tasks = event.get("background_tasks")
        running = (
            [1 for each in tasks if isinstance(each, dict) and each.get("status") == "running"]
            if isinstance(tasks, list)
            else []
        )
        if running:
            line["background"] = len(running)
    return line


def question_at_end(message: str | None) -> str | None:
    """The last sentence of a message if it is a question."""
    lines = [each.strip() for each in (message or "").splitlines() if each.strip()]
    last = lines[-1].rstrip("*_`\"')]” ") if lines else ""
    if not last.endswith(("?", "？")):
        return None
    start = max(last.rfind(mark + " ", 0, len(last) - 1) for mark in _ENDS)
    return clean(last[start + 1 :].lstrip(" *_#>-"))


def clean(text: str, limit: int = MAX_TEXT) -> str:
    """A text in one line, without what looks like a secret, cut visibly."""
    text = _SECRET.sub(_without_secret, " ".join(text.split()))
    return text if len(text) <= limit else text[: limit - 1] + "…"


def append(folder: str, name: str, line: bytes) -> None:
    """Add a line to a plain file of the folder in one write, so that no other is torn apart. Raises OSError."""
    os.makedirs(folder, exist_ok=True)
    handle = os.open(os.path.join(folder, name), _FLAGS | _SAFE, 0o666)
    try:
        status = os.fstat(handle)
        if stat.S_ISREG(status.st_mode) and status.st_nlink == 1 and status.st_size < MAX_FILE_BYTES:
            os.write(handle, line)
    finally:
        os.close(handle)


def name_of(session: str) -> str:
    """The name of a session's file."""
    is_plain = _SESSION.match(session) is not None
    return (
        session if is_plain else "session-" + sha256(session.encode("utf-8", "replace")).hexdigest()[:32]
    ) + ".jsonl"


def iso_time(seconds: float) -> str:
    """ISO-8601 in UTC with milliseconds."""
    whole, rest_ms = divmod(round(seconds * 1000), 1000)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole)) + f".{rest_ms:03d}Z"


def _text_of(name: str, tool: str | None, event: dict[str, Any]) -> str | None:
    if name in ("PreToolUse", "PermissionRequest", "approval-requested"):
        given = event.get("tool_input")
        return _short(tool, given if isinstance(given, dict) else {}, event.get("cwd"))
    if name == "Notification":
        return _first(event, "message", limit=MAX_TEXT)
    if name in ("StopFailure", "PostToolUseFailure"):
        return _first(event, "error", limit=MAX_TEXT)
    return None


def _short(tool: str | None, given: dict[str, Any], cwd: object) -> str | None:
    if tool in QUESTION_TOOLS:
        questions = given.get("questions")
        asked = questions[0] if isinstance(questions, list) and questions else given
        return _first(asked, "question", limit=MAX_TEXT) if isinstance(asked, dict) else None
    command = given.get("command", given.get("cmd"))
    parts = []
    if command and (tool in _COMMAND_TOOLS or tool is None):
        parts.append(short_command(" ".join(map(str, command)) if isinstance(command, list) else str(command)))
    path = _first(given, "file_path", "notebook_path", "path", limit=MAX_TEXT)
    if path:
        inside = isinstance(cwd, str) and path.startswith(cwd.rstrip("/") + "/")
        parts.append(path[len(str(cwd).rstrip("/")) + 1 :] if inside else path)
    address = given.get("url")
    if isinstance(address, str):
        parts.append(clean(address.partition("://")[2].partition("/")[0].rpartition("@")[2]))
    described = _first(given, "description", "justification", limit=MAX_TEXT)
    if described:
        parts.append(f"({described})" if parts else described)
    return " ".join(parts)[:MAX_TEXT] or None


def short_command(command: str) -> str:
    """The program of a command and its subcommand: neither options nor values, in which a secret could be."""
    words = command.split()
    while words and "=" in words[0]:
        words.pop(0)  # VARIABLE=value
    if not words:
        return "…"
    shown = [clean(os.path.basename(words[0]), 40)]
    if len(words) > 1 and _WORD.match(words[1]):
        shown.append(words[1])
    return " ".join(shown) + (" …" if len(words) > len(shown) else "")


def _first(event: dict[str, Any], *names: str, limit: int = MAX_NAME) -> str | None:
    for name in names:
        value = event.get(name)
        if isinstance(value, str) and value.strip():
            if limit > MAX_TEXT:
                return value[-limit:]
            return _named(value) if limit == MAX_NAME else clean(value, limit)
    return None


def _named(value: str | None) -> str | None:
    """An identifier or path as it is, in one line, within what a line may take."""
    return " ".join(value.split())[:1024] if value and value.strip() else None


def _without_secret(match: re.Match[str]) -> str:
    """Long words of letters and digits are left out; paths and plain words are not."""
    text = match[0]
    parts = re.split(r"[/._=-]+", text)
    has_key = any(len(part) >= 16 and re.search("[0-9]", part) and re.search("[A-Za-z]", part) for part in parts)
    return "…" if has_key else text


if __name__ == "__main__":
    with suppress(Exception):  # whatever it is, the agent goes on
        main(sys.argv)
