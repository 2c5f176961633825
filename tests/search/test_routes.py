"""`GET /api/search`: it finds what each feature has, and nobody finds what he may not see."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests
from kit.live import Live, eventually
from kit.puppets import Stage
from kit.transcripts import ClaudeLog

from llm_service.users.model import User, hash_of

Start = Callable[..., Live]
ROOT, ADA, BOB = "root-token-0123456789", "ada-token-0123456789", "bob-token-0123456789"
USERS = [
    User("root", hash_of(ROOT), "admin"),
    User("ada", hash_of(ADA), "user", ("shop",), 500),
    User("bob", hash_of(BOB), "user", ()),
]
PLAN = "# Plan of the lighthouse\n\n## Phase 1: Lamp\n\n- [ ] 1.1 Grind the lens of the lighthouse\n"


def search(live: Live, q: str, token: str = "", **more: Any) -> dict[str, list[dict[str, Any]]]:
    """Kind → hits."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    body = requests.get(f"{live.url}/api/search", params={"q": q, **more}, headers=headers, timeout=60).json()
    found: dict[str, list[dict[str, Any]]] = {}
    for hit in body["hits"]:
        found.setdefault(hit["kind"], []).append(hit)
    return found


def titles(live: Live, q: str, kind: str, token: str = "") -> list[str]:
    """The titles of the hits of a kind."""
    return [hit["title"] for hit in search(live, q, token).get(kind, [])]


def test_tasks_are_found_by_what_is_in_their_files(live: Live) -> None:
    live.write("inbox/a.yaml", title="Build the crawler", description="It must honour robots.txt and be polite.")
    live.write("assigned/ada/b.yaml", title="Robots", status="failed", tags="[net]")
    live.write("done/bob/c.yaml", title="Draft of robots", status="done")
    (live.root / "inbox/broken.yaml").write_text("id: [robots")
    live.sync()
    # What the short fields say comes first.
    assert titles(live, "robots", "tasks")[-1] == "Build the crawler"
    assert sorted(titles(live, "robots -draft -broken", "tasks")) == ["Build the crawler", "Robots"]
    (hit,) = search(live, "HONOUR crawler")["tasks"]
    assert "honour robots.txt" in hit["text"]
    assert hit["href"] == "#/tasks/a"
    assert titles(live, "status:failed,blocked", "tasks") == ["Robots"]
    assert titles(live, "robots agent:ada,nobody", "tasks") == ["Robots"]
    assert titles(live, "tag:net -agent:bob", "tasks") == ["Robots"]
    assert titles(live, "lane:done", "tasks") == ["Draft of robots"]
    assert search(live, "kind:file robots") == {}
    assert [hit["title"] for hit in search(live, "ada")["agents"]] == ["ada"]


def test_an_agent_leads_to_its_cards_and_without_any_to_what_it_is_at(live: Live) -> None:
    live.write("assigned/ada/a.yaml")
    live.sync()
    call = {"invocation_id": "c1", "agent_name": "eve/2", "model_name": "m", "prompt_tokens": 1, "completion_tokens": 1}
    requests.post(f"{live.url}/api/telemetry", json=[call], timeout=60).raise_for_status()

    def found() -> dict[str, str]:
        return {hit["title"]: hit["href"] for hit in search(live, "kind:agent").get("agents", [])}

    eventually(lambda: found() == {"ada": "#/board?agent=ada", "eve/2": "#/now/agent%3Aeve%2F2"})


def test_sessions_are_found_by_what_their_list_shows_and_no_secret_is(start: Start, workspace: Path) -> None:
    logs, secret = workspace / "logs", "ghp_" + "a1B2" * 9
    for name, project, text in (("s1", "shop", f"Paint the berths with {secret}"), ("s2", "bank", "Count the berths")):
        (workspace / "work/generated_projects" / project).mkdir(parents=True)
        log = ClaudeLog(name, str(workspace / "work/generated_projects" / project), branch=f"b-{name}")
        log.prompt(text)
        log.write(logs / f"-p/{name}.jsonl")
    users = (
        User("root", hash_of("r" * 32), "admin", (), None),
        User("eve", hash_of("e" * 32), "user", ("shop",), None),
    )
    live = start(claude_folders=[str(logs)], users=users)

    def ids(q: str, token: str = "r" * 32) -> list[str]:
        return [hit["href"].removeprefix("#/sessions/") for hit in search(live, q, token).get("sessions", [])]

    eventually(lambda: sorted(ids("berths")) == ["s1", "s2"])
    asked = {
        "kind:session paint": ["s1"],
        "kind:session berths -paint": ["s2"],
        "b-s2": ["s2"],
        "berths project:shop": ["s1"],
        "kind:session status:working,failed -project:bank": ["s1"],
        f"kind:session {secret}": [],
    }
    assert {q: ids(q) for q in asked} == asked
    assert ids("berths", "e" * 32) == ["s1"]
    assert secret not in str(search(live, "paint", "r" * 32))


def test_a_limit_says_that_there_is_more(live: Live) -> None:
    for number in range(5):
        live.write(f"inbox/t{number}.yaml", title=f"Same {number}")
    live.sync()
    body = live.json("/api/search?q=same&limit=3&kinds=tasks")
    assert (len(body["hits"]), body["incomplete"]) == (3, ["tasks"])
    assert live.json("/api/search?q=same&limit=5&kinds=tasks,files")["incomplete"] == []
    assert live.get("/api/search?q=same&kinds=nothing").status_code == 400
    assert live.get("/api/search?q=same&limit=51").status_code == 400
    assert live.json("/api/search?q=")["hits"] == []


def test_calls_are_found_by_session_once(live: Live) -> None:
    calls = [
        {"agent_name": "ada", "model_name": "opus-x", "session_id": f"s{number % 2}", "prompt_tokens": 1,
         "completion_tokens": 1, "invocation_id": f"c{number}"}
        for number in range(6)
    ]  # fmt: skip
    assert requests.post(f"{live.url}/api/telemetry", json=calls, timeout=60).json()["accepted"] == 6
    found = search(live, "opus-x")["calls"]
    assert sorted(hit["title"] for hit in found) == ["Calls of session s0", "Calls of session s1"]
    assert found[0]["href"].startswith("#/costs?range=all&session=s")
    assert search(live, "model:opus-x -agent:ada").get("calls") is None


def test_nobody_finds_what_he_may_not_see(start: Callable[..., Live], workspace: Path) -> None:
    for project in ("shop", "secret"):
        folder = workspace / "generated_projects" / project
        folder.mkdir(parents=True)
        (folder / "lighthouse.md").write_text("# lamp\n")
        jobs = workspace / "work/jobs"
        jobs.mkdir(parents=True, exist_ok=True)
        text = f"job_id: j-{project}\nproject: {project}\nspecification: Build a lighthouse\nstatus: completed\n"
        (jobs / f"j-{project}.yaml").write_text(text)
    plans = workspace / "docs/plans"
    plans.mkdir(parents=True)
    (plans / "lamp.md").write_text(PLAN)
    live = start(users=USERS, plan_projects=["*=secret"])

    def seen(token: str) -> dict[str, list[str]]:
        return {kind: sorted(hit["href"] for hit in hits) for kind, hits in search(live, "lighthouse", token).items()}

    def is_whole(found: dict[str, list[str]]) -> bool:
        return found.keys() == {"files", "jobs", "plans"} and len(found["files"]) == len(found["jobs"]) == 2

    everything = eventually(lambda: is_whole(found := seen(ROOT)) and found)
    assert everything["jobs"] == ["#/jobs/j-secret", "#/jobs/j-shop"]
    assert "#/plans/lamp" in everything["plans"]
    assert any(href.startswith("#/plans/lamp?task=") for href in everything["plans"])
    assert seen(ADA) == {"files": ["#/artifacts/shop?path=lighthouse.md"], "jobs": ["#/jobs/j-shop"]}
    assert seen(BOB) == {}
    assert titles(live, "lighthouse project:secret", "files", ROOT) == ["lighthouse.md"]
    assert titles(live, "lighthouse -secret", "files", ROOT) == ["lighthouse.md"]
    assert live.get("/api/search?q=lighthouse").status_code == 401


def test_log_lines_are_found_without_secrets(stage: Stage) -> None:
    job = stage.job()
    stage.say(job, "the harbour is open", "token ghp_0123456789abcdefghijABCDEFGHIJ012345 of the harbour", "the end")
    found = eventually(lambda: hits if len(hits := search(stage.live, "harbour").get("logs", [])) == 2 else None)
    assert "ghp_" not in str(found)
    assert found[1]["title"] == "the harbour is open"
    assert found[1]["href"].startswith(f"#/jobs/{job}?run=")
    assert search(stage.live, "harbour open -end").get("logs", [])[0]["project"] == "quay"
    assert search(stage.live, "ghp_0123456789").get("logs") is None
    stage.end(job)
