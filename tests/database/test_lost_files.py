"""Files that vanish under the open database: what was acknowledged is in the database at the path afterwards."""

from __future__ import annotations

import itertools
import os
import shutil
import sqlite3
import tempfile
import threading
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from kit.live import eventually

from llm_service.database import database as database_module
from llm_service.database.database import Database
from llm_service.errors import HistoryUnavailable
from llm_service.settings.state_folder import remake

NAMES = ("history.db", "history.db-wal", "history.db-shm", ".gitignore")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_module, "CHECK_INTERVAL_S", 0.01)
    monkeypatch.setattr(database_module, "RETRY_INTERVAL_S", 0.02)


def opened(workspace: Path, on_trouble: Callable[[str | None], None] = lambda reason: None) -> Database:
    folder = workspace / ".llm-service"
    database = Database(str(folder / "history.db"), on_trouble, partial(remake, str(workspace), str(folder)))
    database.start()
    assert database.wait_open(60)
    return database


def tried(database: Database) -> Database:
    """The database, once it was opened or could not be: on a busy machine `start` does not wait for that."""
    database.start()
    assert database._tried.wait(60)
    return database


def insert(name: str) -> Callable[[sqlite3.Connection], None]:
    def work(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO facts (name, value) VALUES (?, '')", (name,))

    return work


def stored(path: Path) -> set[str]:
    """What the database at the path has, for another program."""
    if not path.exists():
        return set()
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        return {row[0] for row in connection.execute("SELECT name FROM facts")}


class VanishingFiles(RuleBasedStateMachine):
    """Writes, losses of any files, moves of the workspace, restarts and crashes in any order."""

    def __init__(self) -> None:
        super().__init__()
        # In memory where there is such a folder: each commit is synced.
        self.base = Path(tempfile.mkdtemp(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None))
        self.workspace = self.base / "workspace"
        self.number = itertools.count()
        self.acknowledged: set[str] = set()
        self.is_away = False

    @initialize()
    def start(self) -> None:
        self.workspace.mkdir()
        self.database = opened(self.workspace)

    @property
    def path(self) -> Path:
        return self.workspace / ".llm-service/history.db"

    def settled(self) -> None:
        """Wait until the writer has seen what happened to its files."""
        eventually(lambda: self.database._file.lost() is None and self.database.problem is None)

    @rule(count=st.integers(1, 3))
    def write(self, count: int) -> None:
        for _ in range(count):
            name = f"written-{next(self.number)}"
            try:
                self.database.write(insert(name))
            except HistoryUnavailable:
                assert self.is_away, "only a workspace that is gone is a reason to refuse"
            else:
                self.acknowledged.add(name)
                assert self.is_away or name in stored(self.path)

    @rule()
    def write_later(self) -> None:
        name = f"later-{next(self.number)}"
        self.database.write_later(insert(name))
        self.acknowledged.add(name)

    @rule()
    def read(self) -> None:
        try:
            with self.database.read_transaction() as connection:
                names = {row[0] for row in connection.execute("SELECT name FROM facts")}
        except HistoryUnavailable:
            return
        assert names >= {name for name in self.acknowledged if name.startswith("written")}

    @precondition(lambda self: not self.is_away)
    @rule(names=st.sets(st.sampled_from(NAMES), min_size=1))
    def remove_files(self, names: set[str]) -> None:
        for name in names:
            self.path.with_name(name).unlink(missing_ok=True)

    @precondition(lambda self: not self.is_away)
    @rule()
    def remove_the_folder(self) -> None:
        shutil.rmtree(self.path.parent, ignore_errors=True)

    @precondition(lambda self: not self.is_away)
    @rule()
    def replace_the_file(self) -> None:
        other = self.base / "other.db"
        with closing(sqlite3.connect(other)) as connection:
            connection.execute("CREATE TABLE facts (name, value)")
        self.path.parent.mkdir(exist_ok=True)
        other.replace(self.path)

    @precondition(lambda self: not self.is_away)
    @rule()
    def move_the_workspace_away(self) -> None:
        self.workspace.rename(self.base / "elsewhere")
        self.is_away = True

    @precondition(lambda self: self.is_away)
    @rule(back=st.booleans())
    def let_a_workspace_come_back(self, back: bool) -> None:
        if back:
            (self.base / "elsewhere").rename(self.workspace)
        else:
            shutil.rmtree(self.base / "elsewhere")
            self.workspace.mkdir()
        self.is_away = False

    @precondition(lambda self: not self.is_away)
    @rule(crash=st.booleans())
    def restart(self, crash: bool) -> None:
        self.settled()
        assert self.database.flush(60)
        assert self.database.status()["dropped"] == 0
        assert stored(self.path) >= self.acknowledged
        after_crash = self.base / "after-crash"
        if crash:
            shutil.copytree(self.workspace, after_crash)
        self.database.stop()
        if crash:
            shutil.rmtree(self.workspace)
            after_crash.rename(self.workspace)
        self.database = opened(self.workspace)
        assert stored(self.path) >= self.acknowledged

    def teardown(self) -> None:
        if self.is_away:
            self.let_a_workspace_come_back(False)
        self.restart(False)
        self.database.stop()
        shutil.rmtree(self.base)


def test_nothing_acknowledged_is_lost_when_files_vanish(request: pytest.FixtureRequest) -> None:
    examples = request.config.getoption("--sequences") // 4
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("llm_service.database.file._sync_folder", lambda folder: None)
        VanishingFiles.TestCase.settings = settings(max_examples=examples, stateful_step_count=15)
        VanishingFiles.TestCase("runTest").runTest()


@pytest.mark.parametrize("name", NAMES[:3])
def test_a_removed_file_is_reported_and_made_again_without_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr("llm_service.settings.troubles.SHOWN_S", 3_600)
    said: list[str | None] = []
    database = opened(tmp_path, said.append)
    database.write(insert("before"))
    path = tmp_path / ".llm-service/history.db"
    path.with_name(name).unlink()
    eventually(lambda: len(said) > 1)
    assert f"{name} was removed while it was in use; it was made again" in database.status()["restored"]
    assert database.trouble is not None
    assert said[:2] == [f"{name} was removed while it was in use; it is made again", database.trouble]
    assert "before" in stored(path)
    with database.read_transaction() as connection:
        assert connection.execute("SELECT 1 FROM facts WHERE name = 'before'").fetchone()
    database.stop()
    assert "before" in stored(path)


def test_what_was_repaired_is_shown_for_some_seconds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llm_service.settings.troubles.SHOWN_S", 0.2)
    said: list[str | None] = []
    database = opened(tmp_path, said.append)
    (tmp_path / ".llm-service/history.db").unlink()
    eventually(lambda: said and said[-1] is None)
    assert len(said) == 3
    assert (database.trouble, database.problem) == (None, None)
    database.stop()


def test_a_file_that_took_its_place_is_moved_aside_whole(tmp_path: Path) -> None:
    database = opened(tmp_path)
    database.write(insert("ours"))
    path = tmp_path / ".llm-service/history.db"
    with closing(sqlite3.connect(tmp_path / "other.db")) as connection:
        connection.execute("CREATE TABLE facts (name)")
        connection.execute("INSERT INTO facts VALUES ('theirs')")
        connection.commit()
    (tmp_path / "other.db").replace(path)
    eventually(lambda: database.status().get("moved_aside"))
    assert "theirs" in stored(Path(database.status()["moved_aside"]))
    assert database.note is None or "was replaced by another file" in database.note
    database.stop()
    assert "ours" in stored(path)


def test_without_the_workspace_work_is_refused_and_later_work_waits(tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    database = opened(workspace)
    database.write(insert("before"))
    workspace.rename(tmp_path / "elsewhere")
    with pytest.raises(HistoryUnavailable, match=r"the workspace .* was moved or removed"):
        database.write(insert("refused"))
    database.write_later(insert("later"))
    eventually(lambda: database.status()["pending"] == 1)
    assert not workspace.exists()
    (tmp_path / "elsewhere").rename(workspace)
    eventually(lambda: database.problem is None and database.status()["pending"] == 0)
    database.stop()
    assert {"before", "later"} <= stored(workspace / ".llm-service/history.db")
    assert "refused" not in stored(workspace / ".llm-service/history.db")


def test_a_copy_that_was_complete_before_a_crash_is_put_in_place(tmp_path: Path) -> None:
    database = opened(tmp_path)
    database.write(insert("copied"))
    database.stop()
    path = tmp_path / ".llm-service/history.db"
    path.rename(f"{path}.complete")
    Path(f"{path}.copying").write_bytes(b"half")
    again = opened(tmp_path)
    again.stop()
    assert "copied" in stored(path)
    assert not Path(f"{path}.complete").exists()


def test_a_command_beside_the_dashboard_makes_no_file_again_but_fails(tmp_path: Path) -> None:
    path = tmp_path / "state/history.db"
    database = tried(Database(str(path)))
    path.unlink()
    with pytest.raises(HistoryUnavailable, match=r"history.db was removed .* do it again"):
        database.write(insert("lost"))
    assert not path.exists()
    database.stop()


def test_work_committed_to_a_file_that_vanished_meanwhile_is_in_the_new_one(tmp_path: Path) -> None:
    database = opened(tmp_path)
    path = tmp_path / ".llm-service/history.db"

    def work(connection: sqlite3.Connection) -> None:
        insert("raced")(connection)
        shutil.rmtree(path.parent)

    database.write(work)
    assert "raced" in stored(path)
    database.stop()


def test_the_files_are_for_the_user_only(tmp_path: Path) -> None:
    path = tmp_path / ".llm-service/history.db"
    previous = os.umask(0o022)
    try:
        opened(tmp_path).stop()
        for suffix in ("", "-wal"):
            Path(f"{path}{suffix}").touch()
            Path(f"{path}{suffix}").chmod(0o644)  # of an earlier version
        database = opened(tmp_path)
        modes = {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir() if file.suffix != ""}
        database.stop()
    finally:
        os.umask(previous)
    assert {name: oct(mode) for name, mode in modes.items()} == dict.fromkeys(NAMES[:3], "0o600")
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_a_link_in_place_of_the_file_is_not_followed(tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    other.write_bytes(b"of somebody else")
    (tmp_path / "state").mkdir()
    (tmp_path / "state/history.db").symlink_to(other)
    database = tried(Database(str(tmp_path / "state/history.db")))
    assert "is a link" in str(database.problem)
    database.stop()
    assert other.read_bytes() == b"of somebody else"


def test_the_wal_shrinks_when_a_reader_lets_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llm_service.database.file._WAL_LIMIT_BYTES", 1 << 20)
    database = opened(tmp_path)
    wal = tmp_path / ".llm-service/history.db-wal"
    with database.read_transaction() as reader:
        reader.execute("SELECT * FROM facts").fetchall()
        for number in range(3):
            database.write(partial(_blob, number))
        assert wal.stat().st_size > 3 << 20
    eventually(lambda: wal.stat().st_size <= 1 << 20)
    database.stop()


def _blob(number: int, connection: sqlite3.Connection) -> None:
    connection.execute("INSERT INTO facts (name, value) VALUES (?, zeroblob(1500000))", (f"blob-{number}",))


def test_a_database_locked_at_the_start_is_opened_when_the_lock_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "BUSY_TIMEOUT_MS", 50)
    path = tmp_path / ".llm-service/history.db"
    opened(tmp_path).stop()
    blocker = sqlite3.connect(path, isolation_level=None)
    blocker.execute("PRAGMA locking_mode = EXCLUSIVE")
    blocker.execute("BEGIN EXCLUSIVE")
    said: list[str | None] = []
    database = tried(Database(str(path), said.append, lambda: None))
    assert said == ["history is off: database is locked"]
    with pytest.raises(HistoryUnavailable, match="database is locked"):
        database.write(insert("refused"))
    database.write_later(insert("waiting"))
    blocker.close()
    assert database.wait_open(60)
    assert database.flush(60)
    assert (said[-1], database.problem) == (None, None)
    database.stop()
    assert "waiting" in stored(path)


def test_history_is_back_when_there_is_room_again(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where the folder should be")
    database = tried(Database(str(tmp_path / "state/history.db")))
    assert "history is off" in str(database.problem)
    database.write_later(insert("waiting"))
    (tmp_path / "state").unlink()
    assert database.wait_open(60)
    assert database.flush(60)
    database.stop()
    assert "waiting" in stored(tmp_path / "state/history.db")


def test_a_problem_is_over_without_any_further_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_module, "BUSY_TIMEOUT_MS", 20)
    database = opened(tmp_path)
    blocker = sqlite3.connect(tmp_path / ".llm-service/history.db", isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    with pytest.raises(HistoryUnavailable, match="locked"):
        database.write(insert("refused"))
    assert database.problem is not None
    blocker.execute("ROLLBACK")
    blocker.close()
    eventually(lambda: database.problem is None)
    database.stop()


def test_a_lock_is_reported_while_it_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_module, "_BUSY_STEP_MS", 10)
    monkeypatch.setattr(database_module, "BUSY_TIMEOUT_MS", 60_000)
    said: list[str | None] = []
    database = opened(tmp_path, said.append)
    blocker = sqlite3.connect(tmp_path / ".llm-service/history.db", isolation_level=None, check_same_thread=False)
    blocker.execute("BEGIN IMMEDIATE")

    def unlock() -> None:
        eventually(lambda: said)
        blocker.execute("ROLLBACK")
        blocker.close()

    unlocking = threading.Thread(target=unlock)
    unlocking.start()
    database.write(insert("patient"))
    unlocking.join()
    assert said == ["history could not be written: database is locked", None]
    database.stop()
