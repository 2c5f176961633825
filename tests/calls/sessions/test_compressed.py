"""Compressed logs: read in bounded steps, recognised by their content, hostile ones refused."""

from __future__ import annotations

import json
import os
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st
from kit.session_logs import SAMPLES, open_log_store

from llm_service.calls.sessions import compressed
from llm_service.calls.sessions.compressed import CompressedLog
from llm_service.calls.sessions.import_logs import read_logs
from llm_service.tasks.model import LANES
from llm_service.watch.tail import Position

SESSION = "019a9775-ef93-7c41-ae1f-a37beed9aa01"


def write(folder: Path, data: bytes, name: str = "a.jsonl.zst") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(zstandard.ZstdCompressor().compress(data))


def read_all(log: CompressedLog) -> tuple[list[tuple[int, bytes]], list[str]]:
    lines, refused = [], []
    while True:
        part = log.read(100)
        lines += part.lines
        refused += [reason for _, reason in part.refused]
        if not part.more:
            return lines, refused


@given(st.lists(st.binary(max_size=40).map(lambda data: data.replace(b"\n", b"").strip()), max_size=30), st.data())
def test_lines_are_those_of_the_text_wherever_reading_is_interrupted(
    tmp_path_factory: pytest.TempPathFactory, texts: list[bytes], data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("log")
    write(folder, b"".join(text + b"\n" for text in texts))
    step, size = data.draw(st.integers(1, 40)), data.draw(st.integers(1, 100))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compressed, "_STEP_BYTES", step)
        patch.setattr(compressed, "_PART_BYTES", size)
        lines, log = [], CompressedLog(str(folder), "a.jsonl.zst")
        while True:
            part = log.read(10)
            lines += part.lines
            if not part.more:
                break
            if data.draw(st.booleans()):  # a restart goes on at the stored position
                log = CompressedLog(str(folder), "a.jsonl.zst", log.position)
    assert lines == [(number, text) for number, text in enumerate(texts, 1) if text]


def test_what_was_read_is_not_read_again_and_a_new_content_is(tmp_path: Path) -> None:
    write(tmp_path, b"{}\n{}")
    log = CompressedLog(str(tmp_path), "a.jsonl.zst")
    assert read_all(log) == ([(1, b"{}"), (2, b"{}")], [])
    again = CompressedLog(str(tmp_path), "a.jsonl.zst", log.position)
    assert again.recognises()
    assert again.read(10).lines == []
    write(tmp_path, b'{"a":1}\n')
    assert not again.recognises()
    part = again.read(10)
    assert (part.lines, part.restarted) == ([(1, b'{"a":1}')], True)


def test_several_frames_are_one_log(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl.zst").write_bytes(b"".join(zstandard.compress(text) for text in (b"{}\n", b'{"b":', b"2}\n")))
    assert read_all(CompressedLog(str(tmp_path), "a.jsonl.zst")) == ([(1, b"{}"), (2, b'{"b":2}')], [])


@pytest.mark.parametrize("cut", [5, 60, -1])
def test_damaged_data_is_refused_and_what_came_before_it_counts(tmp_path: Path, cut: int) -> None:
    write(tmp_path, os.urandom(300_000).hex().encode() + b"\n" + b'{"a":1}\n' * 9)
    path = tmp_path / "a.jsonl.zst"
    path.write_bytes(b"\x00" * 8 + path.read_bytes()[:cut])
    lines, refused = read_all(CompressedLog(str(tmp_path), "a.jsonl.zst"))
    assert lines == []
    assert "not Zstandard data" in refused[0]


def test_a_bomb_takes_little_memory_and_is_refused_at_the_limit(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl.zst").write_bytes(zstandard.compress(b"{}\n" + b"x" * (300 << 20)))
    assert (tmp_path / "a.jsonl.zst").stat().st_size < 100_000
    tracemalloc.start()
    lines, refused = read_all(CompressedLog(str(tmp_path), "a.jsonl.zst", max_bytes=200 << 20))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (lines, refused) == ([(1, b"{}")], ["This log has more than 209,715,200 bytes when decompressed."])
    assert peak < 40 << 20


def test_a_line_that_is_too_long_is_refused_and_the_next_one_counts(tmp_path: Path) -> None:
    write(tmp_path, b"x" * (17 << 20) + b'\n{"a":1}\n')
    lines, refused = read_all(CompressedLog(str(tmp_path), "a.jsonl.zst"))
    assert (lines, refused) == ([(2, b'{"a":1}')], ["This line has more than 16,777,216 bytes."])


def test_a_window_that_takes_much_memory_is_refused(tmp_path: Path) -> None:
    parameters = zstandard.ZstdCompressionParameters.from_level(3, window_log=27, write_content_size=False)
    data = zstandard.ZstdCompressor(compression_params=parameters)
    with (tmp_path / "a.jsonl.zst").open("wb") as file, data.stream_writer(file) as writer:
        writer.write(b"{}\n" * 10_000_000)
    lines, refused = read_all(CompressedLog(str(tmp_path), "a.jsonl.zst"))
    assert (lines, len(refused)) == ([], 1)


def test_a_log_counts_once_before_and_after_codex_compressed_it(tmp_path: Path) -> None:
    def line(kind: str, payload: dict[str, Any]) -> str:
        return json.dumps({"timestamp": "2026-11-18T09:00:00.000Z", "type": kind, "payload": payload}) + "\n"

    head = line("session_meta", {"id": SESSION, "cwd": "/home/ada/quayside"})
    records = [
        line("token_usage_record", {"response_id": f"r{one}", "usage": {"input_tokens": one, "output_tokens": 1}})
        for one in range(1, 400)
    ]
    text = head + "".join(records)
    path = tmp_path / f"logs/2026/11/18/rollout-2026-11-18T09-00-00-{SESSION}.jsonl"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    with open_log_store(tmp_path) as store:
        store.read("codex", tmp_path / "logs")
        path.unlink()
        write(path.parent, text.encode(), f"{path.name}.zst")
        store.read("codex", tmp_path / "logs")
        assert sorted(call["prompt_tokens"] for call in store.calls()) == list(range(1, 400))


def test_a_position_at_the_start_reads_from_the_start(tmp_path: Path) -> None:
    write(tmp_path, b"")
    log = CompressedLog(str(tmp_path), "a.jsonl.zst", Position())
    assert read_all(log) == ([], [])
    assert log.position.offset > 0


def test_an_import_finds_out_whose_compressed_logs_they_are(tmp_path: Path) -> None:
    record = {"response_id": "r1", "usage": {"input_tokens": 7, "output_tokens": 1}}
    line = {"timestamp": "2026-11-18T09:00:00.000Z", "type": "token_usage_record", "payload": record}
    meta = {"timestamp": "2026-11-18T09:00:00.000Z", "type": "session_meta", "payload": {"id": SESSION}}
    text = "".join(json.dumps(one, separators=(",", ":")) + "\n" for one in (meta, line))
    write(tmp_path / "codex", text.encode(), f"rollout-2026-11-18T09-00-00-{SESSION}.jsonl.zst")
    (sample,) = (SAMPLES / "openclaw/main/sessions").glob("*.reset.*")
    write(tmp_path / "agents/main/sessions", sample.read_bytes(), f"{sample.name}.zst")
    calls = [call for portion in read_logs(str(tmp_path), None, LANES) for call in portion.calls]
    assert sorted(call.invocation_id.split(":")[0] for call in calls) == ["codex"] + ["openclaw"] * 4
