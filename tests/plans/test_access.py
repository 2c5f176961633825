"""Who may see which plans: users those of their projects, admins all; by every way out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import websocket
from kit.live import Live, eventually, running
from kit.plans import PlanFiles, task

from llm_service.feature import Feature, Kernel
from llm_service.plans.feature import Plans
from llm_service.tasks.feature import Tasks
from llm_service.web.people import Person

TOKENS = {"ada": "ada-token-12345678", "root": "root-token-12345678"}


class People(Feature):
    """Two users: one of a project, and an admin."""

    name = topic = "people"

    def people(self) -> Any:
        """The users."""
        from hashlib import sha256

        digests = {name: sha256(token.encode()).hexdigest() for name, token in TOKENS.items()}
        return [
            Person("ada", False, frozenset({"harbour"}), digests["ada"]),
            Person("root", True, None, digests["root"]),
        ]

    def cookie_key(self) -> bytes:
        """A secret."""
        return b"k" * 32


def build(kernel: Kernel) -> list[Feature]:
    return [Tasks(kernel), Plans(kernel), People()]


@pytest.fixture
def files(workspace: Path) -> PlanFiles:
    files = PlanFiles(workspace)
    for name in ("tide-import", "office"):
        files.plan(name)
        files.tasks(name, task("1.1"))
    files.tasks("orphan", task("1.1"))
    return files


@pytest.fixture
def live(files: PlanFiles) -> Iterator[Live]:
    live = running(files.workspace, features=build, plan_projects=["tide-*=harbour"])
    live.get("/api/sync", headers=bearer("root"))
    yield live
    live.stop()


def bearer(name: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {TOKENS[name]}"}


def names(live: Live, who: str) -> list[str]:
    return [row["name"] for row in live.json("/api/plans", headers=bearer(who))["data"]]


def test_lists_have_what_the_caller_may_see(live: Live) -> None:
    assert names(live, "root") == ["office", "tide-import"]
    assert names(live, "ada") == ["tide-import"]
    body = live.json("/api/plans", headers=bearer("ada"))
    assert (body["summary"]["totalPlans"], body["withoutPlan"]) == (1, [])
    assert live.json("/api/plans", headers=bearer("root"))["withoutPlan"] == ["orphan"]
    assert live.json("/api/summary", headers=bearer("ada"))["data"]["plans"]["totalPlans"] == 1
    snapshot = live.json("/api/snapshot?topics=plans", headers=bearer("ada"))
    assert [row["name"] for row in snapshot["plans"]] == ["tide-import"]


def test_the_current_plan_of_others_is_not_named(live: Live, files: PlanFiles) -> None:
    path = files.workspace / ".claude/current-plan.txt"
    path.parent.mkdir()

    def listed(who: str, query: str = "") -> tuple[str | None, list[str]]:
        body = live.json(f"/api/plans{query}", headers=bearer(who))
        return body["currentPlan"], [row["name"] for row in body["data"] if row["isCurrent"]]

    for current in ("office", "orphan", "no-plan-at-all"):
        path.write_text(current)
        eventually(lambda name=current: listed("root")[0] == name)
        assert listed("ada") == (None, [])
        for query in ("/api/plans", "/api/plans?status=pending", "/api/summary", "/api/snapshot", "/api/activity"):
            assert current not in live.get(query, headers=bearer("ada")).text
    path.write_text("tide-import")
    eventually(lambda: listed("root") == ("tide-import", ["tide-import"]))
    assert listed("ada") == ("tide-import", ["tide-import"])
    assert listed("ada", "?status=failed") == ("tide-import", [])


@pytest.mark.parametrize("rest", ["", "/status", "/tasks", "/graph", "/findings", "/findings/1.1", "/logs", "/history"])
def test_a_plan_of_others_is_not_there(live: Live, rest: str) -> None:
    assert live.get(f"/api/plans/office{rest}", headers=bearer("ada")).status_code == 404
    assert live.get(f"/api/plans/tide-import{rest}", headers=bearer("ada")).status_code == (
        404 if rest == "/findings/1.1" else 200
    )


def test_sockets_send_what_the_caller_may_see(live: Live, files: PlanFiles) -> None:
    def connect(path: str) -> Any:
        header = [f"Authorization: Bearer {TOKENS['ada']}"]
        return websocket.create_connection(f"ws://127.0.0.1:{live.port}{path}", timeout=60, header=header)

    every, office = connect("/ws/all"), connect("/ws/plans/office")
    assert "office" not in every.recv()
    assert "PLAN_NOT_FOUND" in office.recv()
    files.tasks("office", task("1.1", "failed"))
    live.get("/api/sync", headers=bearer("root"))
    files.tasks("tide-import", task("1.1", "failed"))
    message = every.recv()
    assert "tide-import" in message and "office" not in message
    hub = live.dashboard.hub
    of_office = [each for each in hub.since(0) or () if "plans:office" in each.rooms]
    assert of_office
    assert not any(each.concerns(("plans:office",), frozenset({"harbour"})) for each in of_office)
    every.close()
    office.close()
