"""Evidence, live: claims of tasks are compared with the disk, and every difference is published."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from kit.live import Live, eventually, running

from llm_service.evidence import follow as module
from llm_service.evidence.finder import Finder
from llm_service.evidence.keys import keys_of_claims, keys_of_folder
from llm_service.evidence.places import Places
from llm_service.evidence.resolver import ClaimResolver
from llm_service.settings.load import Settings
from llm_service.tasks.claims import Claims

Start = Callable[..., Live]
LONG_AGO = 1_000_000_000


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch, workspace: Path) -> None:
    """A folder for projects, and a short interval of the sweep."""
    monkeypatch.setattr(module, "SWEEP_INTERVAL_S", 0.05)
    (workspace / "work/generated_projects").mkdir()


def put(live: Live, path: str, text: str = "text", mtime: float | None = None) -> Path:
    target = live.workspace / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text)
    if mtime is not None:
        os.utime(target, (mtime, mtime))
    return target


def after(file: Path) -> str:
    """The first moment that the clock of the file system shows after the file was changed."""
    probe = file.with_name("clock")
    while not probe.exists() or probe.stat().st_mtime_ns <= file.stat().st_ctime_ns:
        probe.write_text("tick")
    moment = datetime.fromtimestamp(probe.stat().st_mtime_ns / 1e9, UTC)
    probe.unlink()
    return f"'{moment.isoformat()}'"


def counts(live: Live, task_id: str) -> dict[str, int] | None:
    found: dict[str, Any] = live.json("/api/evidence")["evidence"]
    return found.get(task_id)


def shows(live: Live, task_id: str, **expected: int) -> None:
    """Wait until the counts of a task have these values."""

    def right() -> bool:
        found = counts(live, task_id)
        return found is not None and expected.items() <= found.items()

    eventually(right)


def states(live: Live, task_id: str) -> dict[str, str]:
    return {found["path"]: found["state"] for found in live.json(f"/api/tasks/{task_id}")["artefacts"]}


def test_each_state_is_published(live: Live) -> None:
    put(live, "docs/empty.md", "")
    old = put(live, "docs/old.md", mtime=LONG_AGO)
    (live.workspace / "docs/link.md").symlink_to("/etc/passwd")
    names = [
        "docs/new.md",
        "docs/empty.md",
        "docs/old.md",
        "docs/no.md",
        "docs/link.md",
        "/etc/passwd",
        "the tests (all)",
    ]
    began = after(old)
    put(live, "docs/new.md")
    live.write("assigned/ada/t1.yaml", started_at=began, artefacts=str(names))
    shows(live, "t1", total=7, present=3, empty=1, unchanged=1, missing=1, refused=3)
    assert list(states(live, "t1").values()) == [
        "present", "empty", "unchanged", "missing", "refused", "outside", "unknown",
    ]  # fmt: skip


def test_a_file_that_appears_in_a_project_is_published_at_once(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SWEEP_INTERVAL_S", 3600)  # so that only the watch can notice it
    live = start()
    put(live, "work/generated_projects/quay/README.md")
    live.write("assigned/ada/t1.yaml", artefacts="[work/generated_projects/quay/src/a.py, README.md]", project="quay")
    shows(live, "t1", present=1, missing=1)
    listener = live.listen()
    put(live, "work/generated_projects/quay/src/a.py")
    listener.wait(lambda got: any(present(body, "t1") == 2 for name, body in got if name == "evidence.update"))
    shutil.rmtree(live.workspace / "work/generated_projects/quay")
    listener.wait(lambda got: any(present(body, "t1") == 0 for name, body in got if name == "evidence.update"))
    assert counts(live, "t1") == {"total": 2, "present": 0, "empty": 0, "missing": 2, "unchanged": 0, "refused": 0}


def present(body: dict[str, Any], task_id: str) -> int | None:
    found = (body["evidence"] or {}).get(task_id)
    return found and found["present"]


def test_a_file_that_is_not_watched_is_noticed_by_the_sweep(live: Live) -> None:
    live.write("done/ada/t1.yaml", artefacts="[elsewhere/a.md]")
    shows(live, "t1", missing=1)
    target = put(live, "elsewhere/a.md", "")
    shows(live, "t1", missing=0, empty=1)
    target.write_text("text")
    shows(live, "t1", present=1, empty=0)


def test_files_outside_the_projects_are_watched(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SWEEP_INTERVAL_S", 3600)  # so that only the watch can notice it
    live = start()
    put(live, "docs/old.md")
    live.write("done/ada/t1.yaml", artefacts="[docs/a.md, docs/new/deep/b.md, c.md]")
    shows(live, "t1", missing=3)
    put(live, "docs/a.md", "")
    shows(live, "t1", missing=2, empty=1)
    put(live, "docs/a.md")
    shows(live, "t1", empty=0, present=1)
    put(live, "docs/new/deep/b.md")  # in folders that were not there either
    shows(live, "t1", present=2)
    put(live, "c.md")
    shows(live, "t1", present=3)
    shutil.rmtree(live.workspace / "docs/new")
    shows(live, "t1", present=2, missing=1)
    os.rename(live.workspace / "docs", live.workspace / "moved")
    shows(live, "t1", present=1, missing=2)
    os.rename(live.workspace / "moved", live.workspace / "docs")
    shows(live, "t1", present=2)
    live.write("done/ada/t1.yaml", artefacts="[other/x.md]")
    shows(live, "t1", total=1, missing=1)
    put(live, "other/x.md")
    shows(live, "t1", present=1)


def test_files_outside_the_projects_are_seen_where_the_system_reports_nothing(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SWEEP_INTERVAL_S", 3600)
    live = start(force_polling=True, poll_interval_s=0.1)
    live.write("done/ada/t1.yaml", artefacts="[docs/a.md]")
    shows(live, "t1", missing=1)
    target = put(live, "docs/a.md", "")
    shows(live, "t1", empty=1)
    target.write_text("text")
    shows(live, "t1", empty=0, present=1)


def test_a_file_outside_the_projects_is_opened_like_an_artifact(live: Live) -> None:
    put(live, "docs/a b.md", "one\ntwo\n")
    put(live, "docs/secret.md", "not claimed")
    put(live, ".llm-service/x.json", "state")
    put(live, ".git/config", "ignored")
    (live.workspace / "docs/link.md").symlink_to("/etc/passwd")
    claimed = "['docs/a b.md', docs/link.md, .llm-service/x.json, .git/config, ../x.md]"
    live.write("done/ada/t1.yaml", artefacts=claimed)
    shows(live, "t1", total=5, present=3)
    found = live.json("/api/tasks/t1")["artefacts"]
    assert [(one["project"], one["artifact_path"]) for one in found] == [
        ("(workspace)", "docs/a b.md"),
        *[(None, None)] * 4,
    ]
    base = "/api/artifacts/(workspace)"

    def file(path: str, **query: str) -> requests.Response:
        return live.get(f"{base}/file", params={"path": path} | query)

    page = file("docs/a b.md").json()
    assert (page["preview"]["text"], page["artifact"]["project"]) == ("one\ntwo", "(workspace)")
    assert file("docs/a b.md", raw="1").content == b"one\ntwo\n"
    level = live.json(f"{base}/tree?under=docs")
    assert [one["name"] for one in level["files"]] == ["a b.md"]
    assert '"hit"' in live.get(f"{base}/search?q=two").text
    assert live.json("/api/artifacts", params={"project": "(workspace)"})["artifacts"][0]["path"] == "docs/a b.md"
    for path in ("docs/secret.md", "docs/link.md", ".llm-service/x.json", ".git/config", "nothing.md"):
        assert file(path).status_code == 404, path
    for path in ("../x.md", "/etc/passwd", "docs/../docs/secret.md"):
        assert file(path).status_code in (404, 422), path
    live.write("done/ada/t1.yaml")
    eventually(lambda: file("docs/a b.md").status_code == 404)  # no task claims it any more


def test_a_file_that_becomes_a_link_is_not_opened(live: Live, tmp_path: Path) -> None:
    (tmp_path / "outside.md").write_text("secret")
    target = put(live, "docs/a.md")
    live.write("done/ada/t1.yaml", artefacts="[docs/a.md]")
    shows(live, "t1", present=1)
    assert live.get("/api/artifacts/(workspace)/file?path=docs/a.md").status_code == 200
    target.unlink()
    target.symlink_to(tmp_path / "outside.md")
    assert "secret" not in live.get("/api/artifacts/(workspace)/file?path=docs/a.md").text


def test_evidence_changes_with_the_task(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SWEEP_INTERVAL_S", 3600)
    live = start()
    put(live, "a.md")
    live.write("inbox/t1.yaml", artefacts="[a.md, b.md]")
    shows(live, "t1", total=2, present=1)
    live.write("inbox/t1.yaml", artefacts="[a.md]")
    shows(live, "t1", total=1, present=1)
    listener = live.listen()
    live.write("inbox/t1.yaml")
    listener.wait(lambda got: any(name == "evidence.update" and body["evidence"] == {"t1": None} for name, body in got))
    assert counts(live, "t1") is None
    live.write("inbox/t1.yaml", artefacts="[a.md]")
    shows(live, "t1", total=1)
    (live.root / "inbox/t1.yaml").unlink()
    eventually(lambda: counts(live, "t1") is None)


def test_a_snapshot_has_the_evidence(live: Live) -> None:
    put(live, "a.md")
    live.write("inbox/t1.yaml", artefacts="[a.md]")
    shows(live, "t1", present=1)
    expected = {"t1": {"total": 1, "present": 1, "empty": 0, "missing": 0, "unchanged": 0, "refused": 0}}
    assert live.json("/api/snapshot?topics=tasks")["evidence"] == expected
    assert live.listen().first("snapshot")["evidence"] == expected
    assert "evidence" not in live.json("/api/snapshot?topics=costs")


def test_paths_are_relative_to_the_workspace_the_projects_or_the_project(live: Live) -> None:
    put(live, "work/generated_projects/quay/src/a.py")
    put(live, "Makefile")
    put(live, "work/generated_projects/quay/Makefile", "the project's own")
    names = ["src/a.py", "quay/src/a.py", "generated_projects/quay/src/a.py", "work/generated_projects/quay/src/a.py",
             "work/collaboration/assigned/ada/t1.yaml", "collaboration/assigned/ada/t1.yaml", "Makefile"]  # fmt: skip
    live.write("assigned/ada/t1.yaml", project="quay")
    for number, name in enumerate(names):
        live.write(f"assigned/ada/n{number}.yaml", artefacts=f"[{name}]", project="quay")
    live.sync()
    found = [one for number in range(len(names)) for one in live.json(f"/api/tasks/n{number}")["artefacts"]]
    assert {one["state"] for one in found} == {"present"}
    assert [(one["project"], one["artifact_path"]) for one in found] == (
        [("quay", "src/a.py")] * 4
        + [("(workspace)", "work/collaboration/assigned/ada/t1.yaml")] * 2
        + [("quay", "Makefile")]
    )
    assert found[-1]["found"] == "work/generated_projects/quay/Makefile"


def test_an_ignored_file_is_present_but_has_no_artifact(live: Live) -> None:
    put(live, "work/generated_projects/quay/node_modules/x/index.js")
    put(live, "work/generated_projects/quay/index.js")
    live.write("inbox/t1.yaml", artefacts="[node_modules/x/index.js, index.js, node_modules/]", project="quay")
    live.sync()
    found = live.json("/api/tasks/t1")["artefacts"]
    assert [(one["state"], one["project"]) for one in found] == [
        ("present", None), ("present", "quay"), ("present", None),
    ]  # fmt: skip


def test_a_folder_and_a_pattern_of_a_project_are_linked(live: Live) -> None:
    put(live, "work/generated_projects/quay/docs/a.md")
    put(live, "work/generated_projects/quay/docs/b.md")
    live.write("inbox/t1.yaml", artefacts="['quay/docs/', 'quay/docs/*.md']")
    live.sync()
    folder, pattern = live.json("/api/tasks/t1")["artefacts"]
    assert (folder["kind"], folder["size_bytes"], folder["project"], folder["artifact_path"]) == (
        "folder", 2, "quay", "docs",
    )  # fmt: skip
    assert (pattern["matches"], pattern["project"]) == (2, "quay")


def test_a_change_deep_below_a_pattern_is_published(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SWEEP_INTERVAL_S", 3600)
    live = start()
    put(live, "work/generated_projects/quay/README.md")
    live.write("inbox/t1.yaml", artefacts="['quay/**/*.sql']")
    shows(live, "t1", missing=1)
    put(live, "work/generated_projects/quay/a/b/c/d.sql")
    shows(live, "t1", missing=0)


def test_evidence_works_without_projects(start: Start) -> None:
    live = start(artifacts=False)
    put(live, "work/generated_projects/quay/a.md")
    put(live, "b.md")
    live.write("inbox/t1.yaml", artefacts="[b.md, work/generated_projects/quay/a.md]")
    shows(live, "t1", present=2)
    assert {one["project"] for one in live.json("/api/tasks/t1")["artefacts"]} == {None}


def test_details_are_current_even_if_the_change_was_not_noticed(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SWEEP_INTERVAL_S", 3600)
    live = start()
    live.write("inbox/t1.yaml", artefacts="[elsewhere/a.md]")
    shows(live, "t1", missing=1)
    put(live, "elsewhere/a.md")
    assert states(live, "t1") == {"elsewhere/a.md": "present"}
    shows(live, "t1", missing=0)  # and looking has made it known


def test_a_broken_file_claims_nothing(live: Live) -> None:
    put(live, "a.md")
    live.write("inbox/t1.yaml", artefacts="[a.md]")
    shows(live, "t1", present=1)
    (live.root / "inbox/t1.yaml").write_text("id: t1\nartefacts: [a.md\n")
    eventually(lambda: counts(live, "t1") is None)
    assert live.json("/api/tasks/t1")["artefacts"] == []


def test_checking_goes_on_after_an_exception(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_FAILURE_PAUSE_S", 0.01)
    right, failed = ClaimResolver.check, []

    def wrong(self: ClaimResolver, *arguments: Any, **named: Any) -> Any:
        if len(failed) < 3:
            failed.append(1)
            raise RuntimeError("made to fail")
        return right(self, *arguments, **named)

    monkeypatch.setattr(ClaimResolver, "check", wrong)
    put(live, "a.md")
    live.write("inbox/t1.yaml", artefacts="[a.md]")
    shows(live, "t1", present=1)
    assert len(failed) == 3


def test_a_folder_for_projects_may_be_created_later(workspace: Path, start: Start) -> None:
    (workspace / "work/generated_projects").rmdir()
    live = start()
    live.write("inbox/t1.yaml", artefacts="[quay/a.md]")
    shows(live, "t1", missing=1)
    put(live, "generated_projects/quay/a.md")
    shows(live, "t1", present=1)


def test_existing_tasks_are_checked_at_the_start(workspace: Path) -> None:
    (workspace / "work/collaboration/done/ada/t1.yaml").write_text("id: t1\nartefacts: [a.md, b.md]\n")
    (workspace / "a.md").write_text("text")
    live = running(workspace)
    try:
        shows(live, "t1", total=2, present=1, missing=1)
    finally:
        live.stop()


def test_no_claim_is_checked_outside_the_workspace(live: Live, tmp_path: Path) -> None:
    names = ["../../etc/passwd", "/etc/passwd", "a/../../../etc/passwd", "a\\..\\..\\x", "%2e%2e/etc/passwd"]
    live.write("inbox/t1.yaml", artefacts=str(names))
    live.sync()
    found = live.json("/api/tasks/t1")["artefacts"]
    assert all(one["size_bytes"] is None for one in found)
    assert not {one["state"] for one in found} & {"present", "empty", "unchanged"}


def test_every_changed_folder_leads_to_the_tasks_that_claim_something_there(tmp_path: Path) -> None:
    root = tmp_path / "work/generated_projects"
    (root / "quay/src").mkdir(parents=True)
    places = Places(Settings(workspace=str(tmp_path)), lambda: str(root), None)

    def keys(text: str, *projects: str) -> set[str]:
        claims = Claims((text,), 1, projects)
        with Finder() as finder:
            return keys_of_claims(claims, places.bases(finder, projects), places)

    folders = {
        "quay/src/a.py": "quay/src",
        "work/generated_projects/quay/src/a.py": "quay/src",
        "generated_projects/quay/src/a.py": "quay/src",
        "quay/docs/": "quay/docs",  # the folder itself is named
        "quay/**/x.md": "quay/a/b/c",
        "quay/*/x.md": "quay/a",
        "*/spec.md": "quay",
        "**/spec.md": "a/b",
        "Created `src/a.py` (new)": "quay/src",  # of whichever project
        "quay/src/{a,b}.py": "quay/src",
    }
    for text, changed in folders.items():
        assert keys(text) & set(keys_of_folder(changed)), text
        assert not keys(text) & set(keys_of_folder("pier/elsewhere")) - {"/**", "*//**"}, text
    assert "quay/src" in keys("src/a.py", "quay")
    assert keys("src/a.py", "Pier 1") & set(keys_of_folder("pier-1"))  # a project that appears
    assert keys("https://example.org") == set()


def test_a_path_without_a_project_is_found_in_the_only_one_that_has_it(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SWEEP_INTERVAL_S", 3600)
    live = start()
    live.write("inbox/t1.yaml", artefacts="[src/a.py]")
    put(live, "work/generated_projects/quay/README.md")
    shows(live, "t1", missing=1)
    put(live, "work/generated_projects/quay/src/a.py")
    shows(live, "t1", present=1)
    (one,) = live.json("/api/tasks/t1")["artefacts"]
    assert (one["project"], one["artifact_path"]) == ("quay", "src/a.py")
    put(live, "work/generated_projects/pier/src/a.py")
    shows(live, "t1", present=0, missing=0, refused=1)
    (one,) = live.json("/api/tasks/t1")["artefacts"]
    assert one["reason"] == "2 projects have such a file, and the task does not say which is its own"


def test_a_project_in_another_spelling_may_appear_later(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SWEEP_INTERVAL_S", 3600)
    live = start()
    live.write("inbox/t1.yaml", artefacts="[a.py]", project="My Quay")
    shows(live, "t1", missing=1)
    put(live, "work/generated_projects/my-quay/a.py")
    shows(live, "t1", present=1)


def test_a_claim_of_a_task_file_follows_it_through_the_lanes(live: Live) -> None:
    live.write("inbox/t2.yaml")
    live.write("inbox/t1.yaml", artefacts="[work/collaboration/inbox/t2.yaml]")
    shows(live, "t1", present=1)
    (live.root / "assigned/bob").mkdir(parents=True, exist_ok=True)
    os.rename(live.root / "inbox/t2.yaml", live.root / "assigned/bob/t2.yaml")
    eventually(lambda: live.json("/api/tasks/t2")["task"]["lane"] == "assigned")
    shows(live, "t1", present=1, missing=0)


def test_the_route_refuses_unknown_parameters(live: Live) -> None:
    assert requests.get(f"{live.url}/api/evidence?lane=done", timeout=60).status_code == 400
