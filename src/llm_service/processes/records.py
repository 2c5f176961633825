"""The files of a run: `run.json`, signed by us, and `exit.json`, written by its shim. Both are read as an agent's.

The signature is an HMAC with a key in the user's own folder, where agents cannot write, over all of the content, the
workspace among it. So a `run.json` that names another process, or was copied from elsewhere, is never believed.
"""

from __future__ import annotations

import hmac
import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..errors import FileRefused, FileVanished
from ..files import read_file, write_atomic
from .identity import Identity
from .model import RunExit

RUN_NAME, LOG_NAME, EXIT_NAME = "run.json", "output.log", "exit.json"
_KEY_NAME = "runs.key"
_KEY_BYTES = 32
_MAX_RUN_BYTES = 4 << 20
_MAX_EXIT_BYTES = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """What `run.json` says. `pid`, `process_start_time` and `boot_id` are those of the shim."""

    id: str
    owner: str
    profile: str
    digest: str
    argv: tuple[str, ...]
    cwd: str
    attempt: int
    grace_s: float
    workspace: str
    started_at: str
    pid: int
    process_start_time: str
    boot_id: str

    @property
    def identity(self) -> Identity:
        """The shim."""
        return Identity(self.pid, self.process_start_time, self.boot_id)


def read_key(folder: str | None) -> bytes | None:
    """The key in the user's folder; None if there is none."""
    if folder is None:
        return None
    try:
        key = bytes.fromhex(read_file(folder, _KEY_NAME, 1_024).data.decode("ascii").strip())
    except (FileRefused, ValueError):
        return None
    return key if len(key) == _KEY_BYTES else None


def make_key(folder: str | None) -> bytes:
    """The key in the user's folder, made if there is none; one that only this process knows if it cannot be stored."""
    key = secrets.token_bytes(_KEY_BYTES)
    if folder is None:
        return key
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        temporary = os.path.join(folder, f".{_KEY_NAME}-{secrets.token_hex(8)}")
        with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(key.hex())
        try:
            os.link(temporary, os.path.join(folder, _KEY_NAME))  # of two that make one at once, the first one counts
        except FileExistsError:
            if read_key(folder) is None:
                os.replace(temporary, os.path.join(folder, _KEY_NAME))
                temporary = ""
        finally:
            if temporary:
                os.unlink(temporary)
    except OSError:
        return key
    return read_key(folder) or key


def write_record(folder: str, record: RunRecord, key: bytes) -> None:
    """Write `run.json`. Raises OSError."""
    facts = asdict(record) | {"argv": list(record.argv)}
    data = json.dumps(facts | {"proof": _proof(facts, key)}, indent=2).encode()
    write_atomic(Path(folder, RUN_NAME), data, durable=False)


def read_record(root: str, run_id: str, key: bytes | None, workspace: str) -> tuple[RunRecord, bool] | str:
    """(what `run.json` says, True if we wrote it here), or why it says nothing."""
    try:
        facts = json.loads(read_file(root, f"{run_id}/{RUN_NAME}", _MAX_RUN_BYTES).data)
    except FileRefused as problem:
        return problem.message
    except (ValueError, RecursionError):
        return "It is not JSON."
    if not isinstance(facts, dict):
        return "It is not a JSON object."
    proof = facts.pop("proof", None)
    record = _record(facts)
    if record is None or record.id != run_id:
        return "It is not the record of this run."
    is_ours = (
        key is not None
        and isinstance(proof, str)
        and hmac.compare_digest(proof.encode("utf-8", "replace"), _proof(facts, key).encode())
        and record.workspace == workspace
    )
    return record, is_ours


def read_exit(root: str, run_id: str) -> RunExit | None:
    """How the run ended, by `exit.json`; None without a valid one."""
    try:
        facts = json.loads(read_file(root, f"{run_id}/{EXIT_NAME}", _MAX_EXIT_BYTES).data)
    except FileVanished:
        return None
    except (FileRefused, ValueError, RecursionError):
        return None
    if not isinstance(facts, dict):
        return None
    code, signal, at = facts.get("code"), facts.get("signal"), facts.get("finished_at")
    reason, message, duration = facts.get("reason"), facts.get("message"), facts.get("duration_s")
    is_valid = (
        _is_number(code, optional=True)
        and _is_number(signal, optional=True)
        and _is_text(at, 40)
        and _is_text(reason, 40)
        and (message is None or _is_text(message, _MAX_EXIT_BYTES))
        and (duration is None or (isinstance(duration, int | float) and 0 <= duration < 1e12))
    )
    if not is_valid:
        return None
    return RunExit(
        code=code,
        signal=signal,
        finished_at=str(at),
        reason=str(reason),
        message=message,
        duration_s=None if duration is None else float(duration),
    )


def _proof(facts: dict[str, Any], key: bytes) -> str:
    return hmac.digest(key, json.dumps(facts, sort_keys=True).encode(), "sha256").hex()


def _record(facts: dict[str, Any]) -> RunRecord | None:
    names = set(RunRecord.__dataclass_fields__)
    if facts.keys() != names:
        return None
    texts = names - {"argv", "attempt", "grace_s", "pid"}
    argv = facts["argv"]
    is_valid = (
        all(_is_text(facts[name], 8_192) for name in texts)
        and isinstance(argv, list)
        and all(isinstance(argument, str) for argument in argv)
        and _is_number(facts["attempt"])
        and _is_number(facts["pid"])
        and isinstance(facts["grace_s"], int | float)
        and 0 <= facts["grace_s"] <= 3_600
    )
    return RunRecord(**(facts | {"argv": tuple(argv)})) if is_valid else None


def _is_number(value: Any, optional: bool = False) -> bool:
    if value is None:
        return optional
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**53


def _is_text(value: Any, longest: int) -> bool:
    return isinstance(value, str) and len(value) <= longest and not any("\ud800" <= char <= "\udfff" for char in value)
