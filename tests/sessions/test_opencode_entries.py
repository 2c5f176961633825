"""The entries of a session of OpenCode: their order and numbers, what changes, what a glance and the watch see."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from kit.opencode_database import START_MS, OpenCode, as_documents, full_session

from llm_service.errors import FileRefused, FileUnreadable
from llm_service.files import Signature
from llm_service.sessions.opencode.database_watch import DatabaseWatch
from llm_service.sessions.opencode.entries import made_at, order_of
from llm_service.sessions.opencode.folder import OpenCodeFolder
from llm_service.sessions.opencode.index import EntryIndex
from llm_service.sessions.opencode.sources import source_of
from llm_service.sessions.reader import Log, glance_at

LONG_S = 60.0
PERIOD_MS = 1 << 36


@pytest.fixture
def code(tmp_path: Path) -> Iterator[OpenCode]:
    made = OpenCode(tmp_path / "opencode")
    yield made
    made.close()


def index_of(code: OpenCode, session: str) -> EntryIndex:
    return EntryIndex(source_of(str(code.folder), "opencode.db", session), now=lambda: code.at_ms / 1_000)


def texts(index: EntryIndex, view: str = "conversation") -> list[str]:
    return [json.loads(line or b"{}").get("text", "") for _, line in index.read(view, 0, 10_000)]


@pytest.mark.parametrize("at_ms", [START_MS, PERIOD_MS * 26 - 5, PERIOD_MS * 27 + 1])
def test_an_id_says_when_it_was_made_also_after_the_count_began_anew(at_ms: int) -> None:
    name = f"msg_{(at_ms * 0x1000 + 7) & 0xFFFF_FFFF_FFFF:012x}abcDEF"
    assert made_at(name, at_ms - 9, at_ms + 1_000) == (at_ms, 7)
    assert made_at(name, at_ms - 400_000_000, at_ms - 300_000_000) is None  # not before it was changed last
    assert made_at("my-own-id", at_ms, at_ms) is None


def test_without_a_time_in_its_id_a_part_comes_behind_its_message() -> None:
    names = [
        order_of("m2", 5, None, 9),
        order_of("m1", 7, None, 9),
        order_of("m2", 5, "p2", 9),
        order_of("m2", 5, "p1", 9),
    ]
    assert sorted(names) == [names[0], names[3], names[2], names[1]]


def test_a_prompt_that_waits_pushes_nothing_on(code: OpenCode) -> None:
    session = code.session("/srv", "Queue")
    code.prompt(session, "first")
    message, data = code.begin(session)
    code.part(session, message, {"type": "text", "text": "one"})
    index = index_of(code, session)
    assert index.update(LONG_S)
    generation = index.generation
    code.prompt(session, "queued")
    code.part(session, message, {"type": "text", "text": "two"})  # of the answer before
    code.end(session, message, data)
    assert index.update(LONG_S)
    assert (texts(index), index.generation) == (["first", "one", "queued", "two"], generation)


def test_an_empty_text_is_shown_when_it_has_been_said(code: OpenCode) -> None:
    session = code.session("/srv", "Slow")
    message, data = code.begin(session)
    times = {"start": code.at_ms}
    part = code.part(session, message, {"type": "text", "text": "", "time": times})
    code.part(session, message, {"type": "text", "text": "beside it"})
    index = index_of(code, session)
    assert index.update(LONG_S)
    assert (texts(index), index.settled("all"), index.settled("conversation")) == (["beside it"], 0, 0)
    code.part(session, message, {"type": "text", "text": "at last", "time": times | {"end": 1}}, part)
    code.end(session, message, data)
    assert index.update(LONG_S)
    assert texts(index) == ["at last", "beside it"]
    assert (index.settled("all"), index.row_of("conversation", 3), index.row_of("all", 99)) == (5, 0, 4)


def test_what_was_never_finished_is_not_waited_for(code: OpenCode) -> None:
    session = code.session("/srv", "Killed")
    message, _ = code.begin(session)
    code.tool(session, message, "bash", {"command": "sleep 9"})
    index = index_of(code, session)
    assert index.update(LONG_S)
    assert index.settled("all") == 0
    code.tick(4_000_000)
    assert index.settled("all") == index.lines == 3


def test_without_time_it_reads_a_part_and_goes_on(code: OpenCode) -> None:
    session = code.session("/srv", "Long")
    message = code.prompt(session, "begin")
    for number in range(450):
        code.part(session, message, {"type": "text", "text": f"line {number}"})
    index = index_of(code, session)
    assert not index.update(0.0)
    assert not index.add_up(0.0)
    first = index.lines
    assert 0 < first < 452
    code.part(session, message, {"type": "text", "text": "line 450"})
    while not index.update(0.0):
        assert index.lines > first
        first = index.lines
    assert index.lines == 453
    assert texts(index)[-1] == "line 450"
    assert index.figures.prompts == 452
    assert len(index.read("all", 0, 10)) == 10


def test_two_sessions_and_forks_are_kept_apart(code: OpenCode) -> None:
    session, child = full_session(code, "/srv")
    copy = code.session("/srv", "States of berths as words (fork #1)")
    code.tick(9_000_000)
    message = code.message(copy, {"role": "user", "time": {"created": START_MS}})
    code.part(copy, message, {"type": "text", "text": "copied"})
    assert index_of(code, child).update(LONG_S)
    index = index_of(code, copy)
    assert index.update(LONG_S)
    assert texts(index) == ["copied"]
    glance = glance_at(Log("opencode", str(code.folder), "opencode.db", child))
    assert (glance.parent, glance.agent, glance.turn) == (session, "explore", "ended")
    with pytest.raises(FileRefused):
        glance_at(Log("opencode", str(code.folder), "opencode.db", "ses_none"))


def test_the_watch_says_which_sessions_were_written_to(code: OpenCode) -> None:
    one, two = code.session("/srv", "One"), code.session("/srv", "Two")
    message, data = code.begin(one)
    part = code.tool(one, message, "bash", {"command": "sleep"})
    watch = DatabaseWatch(str(code.folder), "opencode.db")
    assert set(watch.look().present) == {one, two}
    assert (watch.look().present, watch.look().gone) == ({}, set())
    code.prompt(two, "go on")
    assert set(watch.look().present) == {two}
    code.tool(one, message, "bash", {"command": "sleep"}, output="slept", part=part)
    assert watch.look().present == {one: code.at_ms}
    code.end(one, message, data)
    assert set(watch.look().present) == {one}
    assert watch.look().present == {}
    code.rename(two, "Second")
    assert set(watch.look().present) == {two}
    code.db.execute("DELETE FROM session WHERE id = ?", (two,))
    assert watch.look().gone == {two}
    code.db.execute("VACUUM")
    assert watch.look().gone == set()
    code.db.execute("ALTER TABLE session RENAME TO sessions")
    with pytest.raises(FileUnreadable):
        watch.look()


def test_a_database_that_is_gone_leaves_what_the_files_have(code: OpenCode) -> None:
    session, child = full_session(code, "/srv")
    as_documents(code, code.folder, session)
    folder, place = OpenCodeFolder(str(code.folder)), f"storage/session/global/{session}.json"
    database = Log("opencode", str(code.folder), "opencode.db", session)
    document = Log("opencode", str(code.folder), place)
    at = Signature(1, 2, time.time_ns())
    assert set(dict(folder.changed(place, at))) == {document}
    changes = dict(folder.changed("opencode.db", at))
    assert (changes[document], changes[database] is not None, len(changes)) == (None, True, 3)
    assert list(folder.changed(f"storage/message/{session}/msg_1.json", at)) == []
    assert list(folder.changed("storage/message/ses_other/msg_1.json", at)) == []
    gone = dict(folder.removed("opencode.db"))
    assert (gone[database], gone[document] is not None) == (None, True)
    assert set(dict(folder.changed(f"storage/message/{session}/msg_1.json", at))) == {document}
    assert dict(folder.removed(place)) == {document: None}
    assert list(folder.removed(place)) == list(folder.removed("opencode.db-wal")) == []
    assert child


def test_files_that_come_and_go(code: OpenCode, tmp_path: Path) -> None:
    session, _ = full_session(code, "/srv")
    old = tmp_path / "old"
    as_documents(code, old, session)
    index = EntryIndex(source_of(str(old), f"storage/session/global/{session}.json", ""))
    assert index.update(LONG_S)
    lines, generation = index.lines, index.generation
    parts = sorted((old / "storage/part").rglob("prt_*.json"))
    parts[-1].write_text("{ half of")
    parts[0].unlink()
    assert index.update(LONG_S)
    assert index.lines == lines - 1
    assert index.generation > generation
    assert index.figures.errors == 1
    (old / f"storage/session/global/{session}.json").unlink()
    with pytest.raises(FileRefused):
        index.update(LONG_S)
