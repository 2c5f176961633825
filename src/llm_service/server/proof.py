"""Whether a listener is the dashboard of a state folder: `answer` proves it, `is_proven` asks for the proof.

`dashboard.key` in the state folder is a secret of the running dashboard. The listener proves that it has it with an
HMAC over a random number, its address, its process and the state folder: an answer of another dashboard, or for a copy
of the folder, is worthless. Before that no secret is sent to it.
"""

from __future__ import annotations

import hmac
import http.client
import json
import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import FileRefused
from ..files import read_file, write_atomic

if TYPE_CHECKING:
    from .instance import Instance

KEY_NAME = "dashboard.key"
_KEY_BYTES = 32
_KEY_CHARACTERS = 2 * _KEY_BYTES
_MAX_BODY_BYTES = 1_000_000


def new_key() -> bytes:
    """The secret of one run of the dashboard."""
    return secrets.token_hex(_KEY_BYTES).encode()


def write_key(folder: str, key: bytes) -> None:
    """Store the secret, readable for this user only. Raises OSError."""
    write_atomic(Path(folder, KEY_NAME), key)


def folder_identity(folder: str) -> str:
    """What a copy of the folder does not have. Raises OSError."""
    status = os.stat(folder)
    return f"{status.st_dev}:{status.st_ino}"


def answer(key: bytes, nonce: str, record: Instance, identity: str) -> str:
    """The proof for this number."""
    text = "\n".join(("llm-service", nonce, record.url, str(record.pid), identity))
    return hmac.digest(key, text.encode("utf-8", "surrogatepass"), "sha256").hex()


def is_proven(record: Instance, folder: str, timeout_s: float = 2.0) -> bool:
    """True if the listener of the record proves that it is the dashboard that has this state folder."""
    nonce = secrets.token_hex(_KEY_BYTES)
    try:
        key = read_file(folder, KEY_NAME, max_bytes=_KEY_CHARACTERS).data
        expected = answer(key, nonce, record, folder_identity(folder))
    except (FileRefused, OSError):
        return False
    body = get_json(record, f"/api/proof?nonce={nonce}", {}, timeout_s)
    proof = body.get("proof") if body else None
    is_key = len(key) == _KEY_CHARACTERS
    return is_key and isinstance(proof, str) and hmac.compare_digest(proof.encode(), expected.encode())


def get_json(record: Instance, path: str, headers: dict[str, str], timeout_s: float) -> dict[str, Any] | None:
    """The JSON object at this path of the listener of the record, or None."""
    host = record.url.removeprefix("http://").rpartition(":")[0].strip("[]")
    connection = http.client.HTTPConnection(host, record.port, timeout=timeout_s)
    try:
        connection.request("GET", path, headers={"Host": f"127.0.0.1:{record.port}"} | headers)
        body = json.loads(connection.getresponse().read(_MAX_BODY_BYTES))
    except (OSError, http.client.HTTPException, ValueError, RecursionError):
        return None
    finally:
        connection.close()
    return body if isinstance(body, dict) else None
