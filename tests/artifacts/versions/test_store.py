"""Earlier contents: kept once, bounded by size, age and number, there after a restart, and nothing damaged is given."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zlib
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from kit.paths import SRC

from llm_service.artifacts.versions.store import VersionLimits, Versions
from llm_service.errors import NotFound

DAY_S = 86_400.0


class Clock:
    """A clock that only moves when published."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def opened(folder: Path, clock: Clock | None = None, **limits: float) -> Versions:
    versions = Versions(str(folder), VersionLimits(**limits), clock or Clock())  # type: ignore[arg-type]
    versions.open()
    assert versions.problem is None
    return versions


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def objects(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_size for path in (folder / "objects").rglob("*") if path.is_file()}


def contents(versions: Versions, project: str = "p", path: str = "a") -> list[bytes]:
    """Newest first."""
    return [versions.read(version.sha256) for version in versions.list(project, path)]


def noise(number: int, size: int = 1_000) -> bytes:
    """Bytes that do not compress."""
    return random.Random(number).randbytes(size)


def test_what_was_stored_is_given_back_newest_first(tmp_path: Path) -> None:
    clock = Clock()
    versions = opened(tmp_path, clock)
    for data in (b"one", b"two", b"three"):
        clock.now += 10
        assert versions.keep("p", "a", data) == digest(data)
    assert contents(versions) == [b"three", b"two", b"one"]
    assert [round(clock.now - version.seen_at) for version in versions.list("p", "a")] == [0, 10, 20]
    assert [version.size_bytes for version in versions.list("p", "a")] == [5, 3, 3]
    assert versions.list("p", "b") == versions.list("q", "a") == []


def test_a_content_is_stored_once_however_many_files_have_it(tmp_path: Path) -> None:
    versions = opened(tmp_path)
    for path in "abc":
        versions.keep("p", path, b"the same")
    assert list(objects(tmp_path)) == [digest(b"the same")]
    assert versions.status()["versions"] == 3


def test_a_file_that_is_seen_unchanged_gets_no_other_version(tmp_path: Path) -> None:
    versions = opened(tmp_path)
    versions.keep("p", "a", b"one")
    size = (tmp_path / "journal").stat().st_size
    versions.keep("p", "a", b"one")
    assert len(versions.list("p", "a")) == 1
    assert (tmp_path / "journal").stat().st_size == size


def test_a_content_that_comes_back_is_the_newest_again(tmp_path: Path) -> None:
    versions = opened(tmp_path)
    for data in (b"one", b"two", b"one"):
        versions.keep("p", "a", data)
    assert contents(versions) == [b"one", b"two"]


def test_what_is_too_large_is_not_kept(tmp_path: Path) -> None:
    versions = opened(tmp_path, file_bytes=10)
    assert versions.keep("p", "a", b"x" * 11) is None
    assert versions.mark_looked("p", "a", b"x" * 11) is None
    assert objects(tmp_path) == {}


def test_without_room_nothing_is_stored(tmp_path: Path) -> None:
    versions = opened(tmp_path, max_bytes=0)
    assert versions.keep("p", "a", b"x") is None
    assert objects(tmp_path) == {}


# --- looked at


def test_what_was_looked_at_is_stored_and_known(tmp_path: Path) -> None:
    clock = Clock()
    versions = opened(tmp_path, clock)
    assert versions.looked("p", "a") is None
    marked = versions.mark_looked("p", "a", b"one")
    clock.now += 60
    versions.keep("p", "a", b"two")
    looked = versions.looked("p", "a")
    assert looked == marked
    assert looked is not None
    assert (looked.sha256, looked.time) == (digest(b"one"), clock.now - 60)


def test_an_earlier_version_can_be_the_one_looked_at_and_stays_where_it_is(tmp_path: Path) -> None:
    versions = opened(tmp_path)
    versions.keep("p", "a", b"one")
    versions.keep("p", "a", b"two")
    assert versions.mark_version("p", "a", digest(b"one")) is not None
    assert contents(versions) == [b"two", b"one"]
    assert versions.mark_version("p", "a", digest(b"never")) is None
    assert versions.mark_version("p", "b", digest(b"one")) is None


def test_what_was_looked_at_outlives_the_versions_between(tmp_path: Path) -> None:
    versions = opened(tmp_path, per_file=5)
    versions.mark_looked("p", "a", b"looked at")
    for number in range(20):
        versions.keep("p", "a", noise(number))
    kept = contents(versions)
    assert len(kept) == 5
    assert kept[-1] == b"looked at"
    assert kept[:4] == [noise(number) for number in (19, 18, 17, 16)]


# --- bounds


def test_the_room_is_never_exceeded_and_the_newest_stays(tmp_path: Path) -> None:
    clock = Clock()
    versions = opened(tmp_path, clock, max_bytes=10_000)
    for number in range(100):
        clock.now += 1
        versions.keep("p", f"file {number % 7}", noise(number))
        assert sum(objects(tmp_path).values()) <= 10_000
        assert versions.status()["bytes"] == sum(objects(tmp_path).values())
        assert versions.list("p", f"file {number % 7}")[0].sha256 == digest(noise(number))
    assert len(objects(tmp_path)) >= 7


def test_of_the_versions_between_the_oldest_go_first(tmp_path: Path) -> None:
    clock = Clock()
    versions = opened(tmp_path, clock, max_bytes=5_000)
    for number in range(6):
        clock.now += 1
        versions.keep("p", "a", noise(number))
    assert contents(versions) == [noise(number) for number in (5, 4, 3, 2)][: len(contents(versions))]


def test_a_content_larger_than_the_room_is_let_go_again(tmp_path: Path) -> None:
    versions = opened(tmp_path, max_bytes=500)
    assert versions.keep("p", "a", noise(1)) is None
    assert objects(tmp_path) == {}


def test_what_is_older_than_the_age_goes(tmp_path: Path) -> None:
    clock = Clock()
    versions = opened(tmp_path, clock, max_age_s=14 * DAY_S)
    versions.keep("p", "a", b"one")
    clock.now += 13 * DAY_S
    versions.keep("p", "a", b"two")
    assert contents(versions) == [b"two", b"one"]
    clock.now += 2 * DAY_S
    versions.keep("p", "b", b"three")
    assert contents(versions) == [b"two"]
    assert digest(b"one") not in objects(tmp_path)


def test_what_is_outlived_goes_at_the_start_too(tmp_path: Path) -> None:
    clock = Clock()
    opened(tmp_path, clock).keep("p", "a", b"one")
    clock.now += 15 * DAY_S
    assert opened(tmp_path, clock).list("p", "a") == []
    assert objects(tmp_path) == {}


def test_looking_at_a_version_makes_it_last_longer(tmp_path: Path) -> None:
    clock = Clock()
    versions = opened(tmp_path, clock, max_age_s=14 * DAY_S)
    versions.keep("p", "a", b"one")
    clock.now += 10 * DAY_S
    versions.mark_version("p", "a", digest(b"one"))
    clock.now += 10 * DAY_S
    versions.keep("p", "a", b"two")
    assert contents(versions) == [b"two", b"one"]


def test_the_number_of_all_versions_is_bounded(tmp_path: Path) -> None:
    clock = Clock()
    versions = opened(tmp_path, clock, total=20)
    for number in range(100):
        clock.now += 1
        versions.keep("p", f"{number}", f"{number}".encode())
    assert versions.status()["versions"] <= 20
    assert versions.list("p", "99")


def test_the_journal_does_not_grow_for_ever(tmp_path: Path) -> None:
    versions = opened(tmp_path)
    for number in range(6_000):
        versions.keep("p", "a", b"even" if number % 2 else b"odd")
    assert (tmp_path / "journal").read_bytes().count(b"\n") < 2_200
    assert contents(opened(tmp_path)) == [b"even", b"odd"]


# --- restart and damage


def test_everything_is_there_after_a_restart(tmp_path: Path) -> None:
    clock = Clock()
    versions = opened(tmp_path, clock)
    name = 'new\nline "quoted" \\xff~1f3b02c9 ü😀'
    for data in (b"one", b"two", b""):
        versions.keep("p", name, data)
    versions.mark_version("p", name, digest(b"one"))
    again = opened(tmp_path, clock)
    assert contents(again, "p", name) == [b"", b"two", b"one"]
    assert again.list("p", name) == versions.list("p", name)
    assert again.looked("p", name) == versions.looked("p", name)
    assert again.status() == versions.status()


def damage(folder: Path, data: bytes, how: str, secret: Path) -> None:
    path = folder / "objects" / digest(data)[:2] / digest(data)
    whole = path.read_bytes()
    path.unlink()
    match how:
        case "cut":
            path.write_bytes(whole[:3])
        case "another content":
            path.write_bytes(zlib.compress(b"forged"))
        case "no compressed data":
            path.write_bytes(b"forged")
        case "a bomb":
            path.write_bytes(zlib.compress(b"\0" * (64 << 20)))
        case "a link":
            path.symlink_to(secret)
        case "a fifo":
            os.mkfifo(path)
        case "a folder":
            path.mkdir()


DAMAGES = ("gone", "cut", "another content", "no compressed data", "a bomb", "a link", "a fifo", "a folder")


@pytest.mark.parametrize("restart", [False, True])
@pytest.mark.parametrize("how", DAMAGES)
def test_a_damaged_content_is_dropped_and_the_others_stay(tmp_path: Path, how: str, restart: bool) -> None:
    folder, secret = tmp_path / "versions", tmp_path / "secret"
    secret.write_bytes(zlib.compress(b"secret"))
    versions = opened(folder)
    for data in (b"one", b"two"):
        versions.keep("p", "a", data)
        versions.keep("p", "b", data)
    damage(folder, b"one", how, secret)
    if restart:
        versions = opened(folder)
    with pytest.raises(NotFound):
        versions.read(digest(b"one"))
    assert contents(versions) == contents(versions, "p", "b") == [b"two"]
    assert contents(opened(folder)) == [b"two"]
    assert secret.exists()


def test_lines_of_the_journal_that_are_none_are_passed_over(tmp_path: Path) -> None:
    versions = opened(tmp_path)
    versions.keep("p", "a", b"one")
    forged = [
        b"", b"\xff\xfe", b"null", b"[]", b"{", b"[" * 100_000, b'{"v":[]}', b'{"v":["p","a","../../etc/passwd",1,1]}',
        json.dumps({"v": ["p", "a", "0" * 64, 1, 1]}).encode(), b'{"v":["p","a",1,1,1]}', b'{"l":["p","a","x",1]}',
        b'{"d":["p","zz","x"]}', json.dumps({"v": ["p", "a", digest(b"one"), 3, float("inf")]}).encode(),
    ]  # fmt: skip
    with open(tmp_path / "journal", "ab") as journal:
        journal.write(b"\n".join(forged) + b"\n" + b'{"v":["p","a","half')
    again = opened(tmp_path)
    assert contents(again) == [b"one"]
    again.keep("p", "a", b"two")
    assert contents(opened(tmp_path)) == [b"two", b"one"]


def test_a_journal_that_is_a_link_is_neither_read_nor_written_through(tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "versions", tmp_path / "elsewhere"
    versions = opened(folder)
    versions.keep("p", "a", b"one")
    elsewhere.write_bytes((folder / "journal").read_bytes())
    (folder / "journal").unlink()
    (folder / "journal").symlink_to(elsewhere)
    before = elsewhere.read_bytes()
    versions.keep("p", "a", b"two")
    assert versions.problem is not None
    assert Versions(str(folder)).list("p", "a") == []
    again = opened(folder)
    assert again.list("p", "a") == []
    again.keep("p", "a", b"three")
    assert elsewhere.read_bytes() == before


def test_contents_that_nothing_names_are_cleared_away_at_the_start(tmp_path: Path) -> None:
    versions = opened(tmp_path)
    versions.keep("p", "a", b"one")
    stray = tmp_path / "objects/ab" / ("ab" + "0" * 62)
    stray.parent.mkdir(exist_ok=True)
    stray.write_bytes(b"stray")
    (stray.parent / ".llm-service-half").write_bytes(b"half written")
    opened(tmp_path)
    assert list(objects(tmp_path)) == [digest(b"one")]


def test_a_disk_that_takes_nothing_is_published_and_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "versions").write_text("a file where the folder should be")
    versions = Versions(str(tmp_path / "versions"))
    versions.open()
    assert versions.keep("p", "a", b"one") is None
    assert versions.status()["problem"]
    assert versions.list("p", "a") == []


# --- killed while it writes

_WRITER = """
import sys
from llm_service.artifacts.versions.store import VersionLimits, Versions
versions = Versions(sys.argv[1], VersionLimits(max_bytes=200_000, per_file=30))
versions.open()
number = int(sys.argv[2])
while True:
    number += 1
    data = f"content {number} ".encode() * (number % 300)
    sha = versions.keep("p", f"file {number % 5}", data)
    print(number % 5, sha, flush=True)
"""


@pytest.mark.timeout(600)
def test_killed_while_it_writes_it_keeps_what_it_had_and_gives_nothing_damaged(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    rng = random.Random(3)
    environment = os.environ | {"PYTHONPATH": str(SRC)}
    for kill in range(request.config.getoption("--kills")):
        writer = subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(tmp_path), str(kill * 100_000)],
            env=environment, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert writer.stdout is not None
        last: dict[int, str] = {}
        first = writer.stdout.readline()
        time.sleep(rng.uniform(0.0, 0.2))
        writer.send_signal(signal.SIGKILL)
        for line in (first, *writer.stdout):
            if line.endswith("\n"):
                number, sha = line.split()
                last[int(number)] = sha
        writer.stdout.close()
        writer.wait(60)
        versions = opened(tmp_path, None, max_bytes=200_000, per_file=30, max_age_s=10_000 * DAY_S)
        assert sum(objects(tmp_path).values()) <= 200_000
        assert set(objects(tmp_path)) == {
            version.sha256 for number in range(5) for version in versions.list("p", f"file {number}")
        }
        for number, sha in last.items():
            known = [version.sha256 for version in versions.list("p", f"file {number}")]
            assert sha in known[:2]  # one more may have been written before its line was printed
            for each in known:
                assert digest(versions.read(each)) == each
        assert list(tmp_path.rglob(".llm-service-*")) == []


# --- whatever is done, it is what a simple list would be


class Kept(RuleBasedStateMachine):
    """Versions against a list per file, with restarts anywhere."""

    paths = st.sampled_from(("a", "b"))
    data = st.sampled_from((b"", b"one", b"two", b"three" * 100))

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.clock = Clock()
        self.versions = opened(Path(self.folder.name), self.clock)
        self.model: dict[str, list[bytes]] = {"a": [], "b": []}
        self.looked: dict[str, bytes] = {}

    @rule(path=paths, data=data)
    def keep(self, path: str, data: bytes) -> None:
        self.clock.now += 1
        self.versions.keep("p", path, data)
        self.model[path] = [known for known in self.model[path] if known != data] + [data]

    @rule(path=paths, data=data)
    def look(self, path: str, data: bytes) -> None:
        self.keep(path, data)
        self.versions.mark_looked("p", path, data)
        self.looked[path] = data

    @rule()
    def restart(self) -> None:
        self.versions = opened(Path(self.folder.name), self.clock)

    @invariant()
    def equal(self) -> None:
        for path, known in self.model.items():
            assert contents(self.versions, "p", path) == known[::-1]
            looked = self.versions.looked("p", path)
            assert (looked.sha256 if looked else None) == (digest(self.looked[path]) if path in self.looked else None)
        named = {digest(data) for known in self.model.values() for data in known}
        assert set(objects(Path(self.folder.name))) == named

    def teardown(self) -> None:
        self.folder.cleanup()


TestKept = Kept.TestCase
TestKept.settings = settings(max_examples=30, stateful_step_count=25, deadline=None)


def test_a_folder_that_was_removed_is_made_again_and_what_it_had_is_not_listed(tmp_path: Path) -> None:
    folder = tmp_path / "state/versions"
    folder.parent.mkdir()
    versions = opened(folder)
    versions.keep("p", "a", b"before")
    shutil.rmtree(folder.parent)
    folder.parent.mkdir()
    assert versions.keep("p", "a", b"after") == digest(b"after")
    assert contents(versions) == [b"after"]
    assert versions.problem is None
    versions.keep("p", "a", b"before")
    assert contents(versions) == [b"before", b"after"]
    assert contents(opened(folder)) == [b"before", b"after"]


def test_a_workspace_that_was_moved_away_is_not_created_again(tmp_path: Path) -> None:
    folder = tmp_path / "workspace/state/versions"
    folder.parent.mkdir(parents=True)
    versions = opened(folder)
    versions.keep("p", "a", b"before")
    (tmp_path / "workspace").rename(tmp_path / "elsewhere")
    assert versions.keep("p", "a", b"after") is None
    assert not (tmp_path / "workspace").exists()
    assert versions.problem is not None
    (tmp_path / "elsewhere").rename(tmp_path / "workspace")
    assert versions.keep("p", "a", b"after") == digest(b"after")
    assert contents(versions) == [b"after", b"before"]
    assert versions.problem is None


def test_versions_go_with_a_moved_file_also_over_a_restart(tmp_path: Path) -> None:
    versions = opened(tmp_path / "v")
    versions.keep("p", "a", b"one")
    versions.mark_looked("p", "a", b"two")
    versions.keep("q", "b", b"was there before")
    versions.move([(("p", "a"), ("q", "b")), (("p", "unknown"), ("p", "elsewhere"))])
    for store in (versions, opened(tmp_path / "v")):
        assert set(contents(store, "q", "b")) == {b"one", b"two", b"was there before"}
        assert store.list("p", "a") == []
        looked = store.looked("q", "b")
        assert looked is not None and looked.sha256 == digest(b"two")
        assert store.moved_to("p", "a") == ("q", "b")
        assert store.moved_to("p", "unknown") == ("p", "elsewhere")
        assert store.status()["versions"] == 3
    versions.keep("p", "a", b"another file")
    assert contents(opened(tmp_path / "v"), "p", "a") == [b"another file"]
