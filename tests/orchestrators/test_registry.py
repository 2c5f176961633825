"""The registry file: both dialects, hostile content, and many writers at once that are killed."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from kit.paths import ROOT

from llm_service.errors import Busy, FileRefused
from llm_service.orchestrators import registry
from llm_service.orchestrators.registry import parse_registry, read_registry, update_registry

PATH = ".claude/orchestrator-registry.json"
ONE = {
    "id": "o1",
    "plan": "tide",
    "status": "running",
    "pid": 41,
    "started_at": "2026-11-20T09:00:00Z",
    "mode": "batch",
}
OTHER = {
    "id": "o2", "pid": 42, "plan_path": "docs/plans/tide import.md", "worktree_path": "../wt", "status": "idle",
    "started_at": "2026-11-20T09:00:00Z", "last_heartbeat": "2026-11-20T09:00:30Z", "socket_path": "/tmp/s", "port": 7,
}  # fmt: skip


def write(place: Path, data: bytes | str) -> Path:
    path = place / PATH
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def test_both_dialects_are_read() -> None:
    found = parse_registry(json.dumps({"instances": [ONE, OTHER]}).encode())
    assert found.problem is None
    first, second = found.entries
    assert (first.id, first.plan, first.pid, first.mode, first.says_running) == ("o1", "tide", 41, "batch", True)
    assert (second.id, second.plan, second.worktree_path) == ("o2", "tide import", "../wt")
    assert second.last_heartbeat == "2026-11-20T09:00:30Z"


@pytest.mark.parametrize("value", [None, True, -1, 0, 1.5, "41", 2**40, [41]])
def test_what_is_no_pid_names_no_process(value: Any) -> None:
    (entry,) = parse_registry(json.dumps({"instances": [ONE | {"pid": value}]}).encode()).entries
    assert entry.pid is None


@pytest.mark.parametrize(
    "instance", [None, 5, [], {}, {"id": "x"}, {"plan": "x"}, {"id": 5, "plan": "x"}, {"id": "x", "plan": ".."}]
)
def test_an_instance_without_an_id_or_a_plan_is_left_out_and_said(instance: Any) -> None:
    found = parse_registry(json.dumps({"instances": [instance, ONE]}).encode())
    assert [entry.id for entry in found.entries] == ["o1"]
    assert found.problem is not None and "1 instances" in found.problem


@pytest.mark.parametrize(
    "data",
    [b"{", b"[]", b"null", b'{"instances": 5}', b"\xff\xfe", b"[" * 200_000],
    ids=["cut", "list", "null", "number", "bytes", "deep"],
)
def test_what_cannot_be_read_is_a_problem_and_is_never_overwritten(tmp_path: Path, data: bytes) -> None:
    path = write(tmp_path, data)
    found = read_registry(str(tmp_path), PATH)
    assert found.entries == () and found.problem
    with pytest.raises(FileRefused, match="left as it is"):
        update_registry(str(tmp_path), PATH, lambda instances: not instances.append(ONE))
    assert path.read_bytes() == data


@pytest.mark.parametrize(
    "number",
    ["1e400", "-1e400", "1E+2", "1.10", "0.1000000000000000055511151231257827", "-0", "-0.0", "9" * 30, "9" * 5_000],
    ids=lambda number: number[:40],
)
def test_numbers_of_others_stay_as_they_were_written(tmp_path: Path, number: str) -> None:
    other = f'{{"id": "o2", "plan": "x", "pid": {number}, "usd": [{number}], "process_start_time": {number}}}'
    path = write(tmp_path, f'{{"version": {number}, "instances": [{json.dumps(ONE)}, {other}]}}')
    found = read_registry(str(tmp_path), PATH)
    assert ([entry.id for entry in found.entries], found.problem) == (["o1", "o2"], None)
    json.dumps([repr(entry) for entry in found.entries])

    def change(instances: registry.Instances) -> bool:
        instances[0]["status"] = "stopped"
        return True

    update_registry(str(tmp_path), PATH, change)
    text = path.read_text()
    document = json.loads(text, parse_float=str, parse_int=str, parse_constant=pytest.fail)
    assert document["version"] == number
    assert document["instances"][0]["status"] == "stopped"
    assert document["instances"][1] == {
        "id": "o2", "plan": "x", "pid": number, "usd": [number], "process_start_time": number,
    }  # fmt: skip
    assert f": {number}," in text  # as a number


def test_of_very_many_instances_the_last_are_read() -> None:
    instances = [ONE | {"id": f"o{number}"} for number in range(registry.MAX_ENTRIES + 5)]
    found = parse_registry(json.dumps({"instances": instances}).encode())
    assert [entry.id for entry in found.entries] == [one["id"] for one in instances[5:]]
    assert found.problem is not None and "only the last" in found.problem


@pytest.mark.parametrize("text", [b"", b" \n"])
def test_an_empty_registry_is_one_that_is_being_written(text: bytes) -> None:
    found = parse_registry(text)
    assert found.entries == () and "is being written" in (found.problem or "")


def test_a_missing_or_empty_registry_is_made(tmp_path: Path) -> None:
    assert read_registry(str(tmp_path), PATH).problem is None
    for _ in range(2):
        update_registry(str(tmp_path), PATH, lambda instances: not instances.append(ONE))
    assert len(read_registry(str(tmp_path), PATH).entries) == 2


def test_an_update_that_changes_nothing_writes_nothing(tmp_path: Path) -> None:
    path = write(tmp_path, '{"instances":[]}')
    before = path.stat()
    assert update_registry(str(tmp_path), PATH, lambda instances: False) is False
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_links_and_fifos_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "outside").write_text('{"instances": []}')
    (tmp_path / ".claude").mkdir()
    (tmp_path / PATH).symlink_to(tmp_path / "outside")
    assert read_registry(str(tmp_path), PATH).problem
    with pytest.raises(FileRefused):
        update_registry(str(tmp_path), PATH, lambda instances: not instances.append(ONE))
    (tmp_path / PATH).unlink()
    os.mkfifo(tmp_path / PATH)
    assert read_registry(str(tmp_path), PATH).problem
    (tmp_path / PATH).unlink()
    (tmp_path / f"{PATH}.lock").unlink()
    os.mkfifo(tmp_path / f"{PATH}.lock")
    with pytest.raises(FileRefused):
        update_registry(str(tmp_path), PATH, lambda instances: not instances.append(ONE))
    assert (tmp_path / "outside").read_text() == '{"instances": []}'


def test_the_file_for_writing_is_not_followed_either(tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("mine")
    (tmp_path / ".claude").mkdir()
    (tmp_path / f"{PATH}.new").symlink_to(tmp_path / "outside")
    update_registry(str(tmp_path), PATH, lambda instances: not instances.append(ONE))
    assert (tmp_path / "outside").read_text() == "mine"
    assert len(read_registry(str(tmp_path), PATH).entries) == 1


def test_what_a_writer_without_the_lock_wrote_meanwhile_is_kept(tmp_path: Path) -> None:
    path = write(tmp_path, json.dumps({"instances": [ONE]}))
    calls = []

    def change(instances: registry.Instances) -> bool:
        calls.append(len(instances))
        if len(calls) == 1:  # another one writes between our read and our write
            path.write_text(json.dumps({"instances": [ONE, OTHER]}))
        instances.append({"id": "o3", "plan": "x"})
        return True

    update_registry(str(tmp_path), PATH, change)
    assert calls == [1, 2]
    assert [entry.id for entry in read_registry(str(tmp_path), PATH).entries] == ["o1", "o2", "o3"]


def test_a_lock_that_is_held_for_ever_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_LOCK_TIMEOUT_S", 0.05)
    write(tmp_path, "{}")
    with registry._lock(str(tmp_path / f"{PATH}.lock"), str(tmp_path / PATH)), pytest.raises(Busy):
        update_registry(str(tmp_path), PATH, lambda instances: True)


def test_who_waits_for_the_lock_waits_on_while_others_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_LOCK_TIMEOUT_S", 0.5)
    path = write(tmp_path, "{}")
    tries = []

    def try_lock(handle: int) -> bool:
        tries.append(time.monotonic())
        if len(tries) < 5:  # each time later than the timeout, and each time somebody wrote
            time.sleep(0.3)
            path.write_text("{}" + " " * len(tries))
        return len(tries) == 5

    monkeypatch.setattr(registry, "_try_lock", try_lock)
    assert update_registry(str(tmp_path), PATH, lambda instances: not instances.append(ONE))
    assert tries[-1] - tries[0] > 0.5


@pytest.mark.timeout(600)
def test_eight_writers_that_are_killed_lose_nothing(tmp_path: Path) -> None:
    times, names = 500, [f"w{number}" for number in range(8)]
    environ = os.environ | {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT / 'tests'}"}

    def begin(name: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "kit.registry_writer", str(tmp_path), name, str(times)]
        return subprocess.Popen(command, env=environ)

    problems: list[str] = []
    seen: dict[str, int] = {}
    reads = 0
    ended = threading.Event()

    def read() -> None:
        nonlocal reads
        while not ended.is_set():
            try:
                document = json.loads((tmp_path / PATH).read_bytes())
            except FileNotFoundError:
                continue
            except ValueError as problem:
                problems.append(str(problem))
                continue
            found = read_registry(str(tmp_path), PATH)
            if found.problem:
                problems.append(found.problem)
            now = {one["id"]: one["count"] for one in document["instances"]}
            problems.extend(f"{name} lost {count}" for name, count in seen.items() if now.get(name, 0) < count)
            seen.update(now)
            reads += 1

    reader = threading.Thread(target=read)
    reader.start()
    writers = {name: begin(name) for name in names}
    chance = random.Random(7)
    kills = 0
    try:
        while any(writer.poll() is None for writer in writers.values()):
            ended.wait(0.05)
            name = chance.choice(names)
            if kills < 40 and writers[name].poll() is None and seen.get(name, 0) > 0:
                writers[name].kill()
                writers[name].wait()
                kills += 1
                writers[name] = begin(name)
    finally:
        ended.set()
        reader.join()
        for writer in writers.values():
            writer.kill()
            writer.wait()
    document = json.loads((tmp_path / PATH).read_text())
    assert problems == []
    assert {one["id"]: one["count"] for one in document["instances"]} == dict.fromkeys(names, times)
    assert all(one["kept"] == one["id"] * 50 for one in document["instances"])
    assert kills >= 8 and reads > 100
