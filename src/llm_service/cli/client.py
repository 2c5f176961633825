"""`Client` asks the running dashboard of a workspace, once that has proved that it is."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from ..errors import NotRunning, ServiceError
from ..server import proof
from ..server.instance import Instance
from ..settings.load import Settings
from ..settings.options import require_folder
from .next_commands import start_command
from .running import find

_TIMEOUT_S = 30.0
_MAX_BYTES = 64 << 20


class Client:
    """REST with the token of the settings."""

    def __init__(self, record: Instance, token: str | None) -> None:
        self._record = record
        self._token = token

    @classmethod
    def of(cls, workspace: str | None, config_file: str | None) -> Client:
        """That of the dashboard of a workspace. Raises NotRunning, ServiceError, StartFailed (no such folder)."""
        try:
            found, settings = find(workspace, config_file)
        except NotRunning as problem:
            folder = problem.details["workspace"]
            require_folder(folder)
            command = start_command(workspace or folder)
            raise NotRunning(f"{problem.message} Start it: {command}", **problem.details) from problem
        return cls.proven(found.record, settings)

    @classmethod
    def proven(cls, record: Instance | None, settings: Settings) -> Client:
        """That of this dashboard. Raises ServiceError if it does not prove that it has the state folder."""
        if record is None or not proof.is_proven(record, settings.state_path):
            raise ServiceError("The dashboard of this workspace does not answer.")
        return cls(record, settings.token)

    def get(self, path: str) -> Any:
        """The JSON at a path. Raises ServiceError with the dashboard's own message."""
        return self._request("GET", path, None)

    def post(self, path: str, body: Any = None, timeout_s: float | None = None) -> Any:
        """The JSON of the answer to a POST. Raises ServiceError with the dashboard's own message.

        `timeout_s`: how long the answer may take, where that is not 30 s.
        """
        return self._request("POST", path, {} if body is None else body, timeout_s or _TIMEOUT_S)

    def changes(self, topic: str) -> Iterator[None]:
        """Something of a topic changed, or may have: yielded when the stream is open, at each event, and every few
        seconds without one. Ends, or raises ServiceError, when the connection is lost."""
        record = self._record
        host = record.url.removeprefix("http://").rpartition(":")[0].strip("[]")
        connection = http.client.HTTPConnection(host, record.port, timeout=_TIMEOUT_S)
        headers = self._headers() | {"Accept": "text/event-stream"}
        try:
            connection.request("GET", f"/streams/{in_path(topic)}", headers=headers)
            response = connection.getresponse()
            if response.status != 200:
                raise ServiceError(f"The dashboard refused the stream with {response.status}.")
            while line := response.readline(_MAX_BYTES):
                if line.startswith((b"event: ", b": heartbeat")):
                    yield
        except (OSError, http.client.HTTPException) as problem:
            raise ServiceError(f"The dashboard at {record.url} does not answer: {problem}") from problem
        finally:
            connection.close()

    def _headers(self) -> dict[str, str]:
        headers = {"Host": f"127.0.0.1:{self._record.port}", "Content-Type": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        return headers

    def _request(self, method: str, path: str, body: Any, timeout_s: float = _TIMEOUT_S) -> Any:
        record = self._record
        host = record.url.removeprefix("http://").rpartition(":")[0].strip("[]")
        connection = http.client.HTTPConnection(host, record.port, timeout=timeout_s)
        try:
            connection.request(method, path, None if body is None else json.dumps(body), self._headers())
            response = connection.getresponse()
            answer = json.loads(response.read(_MAX_BYTES))
        except (OSError, http.client.HTTPException, ValueError, RecursionError) as problem:
            raise ServiceError(f"The dashboard at {record.url} does not answer: {problem}") from problem
        finally:
            connection.close()
        if response.status == 401:
            reason = "That is not its token." if self._token else "It asks for a token."
            raise ServiceError(f"{reason} Say who you are: LLM_SERVICE_TOKEN=<token> llm-service ...")
        if response.status >= 400:
            message = answer.get("error") if isinstance(answer, dict) else None
            raise ServiceError(str(message or f"The dashboard answered with {response.status}."))
        return answer


def in_path(text: str) -> str:
    """A text as one part of a path."""
    return quote(text, safe="")
