"""Facts: files that say the same are one fact, agents propose, people decide, and the files say what was decided."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from kit.knowledge import dashboard_with_knowledge, facts, features_with_knowledge, say, write_fact
from kit.live import Live, eventually

from llm_service.app import Dashboard
from llm_service.cli.sections import SECTIONS
from llm_service.knowledge.feature import Knowledge
from llm_service.knowledge.proposals import MOST_OF_A_JOB
from llm_service.knowledge.settings import KnowledgeSettings
from llm_service.knowledge.store import MessageStore
from llm_service.logs.model import Fact as LogFact
from llm_service.logs.model import ParsedLine
from llm_service.processes.model import Run, RunStatus
from llm_service.settings.table import make_settings


@pytest.fixture
def live(workspace: Path) -> Iterator[Live]:
    live = dashboard_with_knowledge(workspace)
    yield live
    live.stop()


def post(live: Live, path: str, body: Any = None) -> requests.Response:
    return requests.post(live.url + path, json={} if body is None else body, timeout=60)


def folder(live: Live) -> Path:
    return live.workspace / "work/knowledge"


def test_facts_are_read_from_yaml_and_markdown(live: Live) -> None:
    listener = live.listen()
    write_fact(
        live.workspace,
        "port.yaml",
        "id: port\ntext: The port is 8080.\ntags: [net, web]\nsource: ada\njob: j1\nrun: r1\nline: 7\n"
        "created_at: 2026-11-30T05:00:00Z\nstatus: accepted\n",
    )
    write_fact(live.workspace, "deploy.md", "---\ntags: ops, ci\n---\nDeploys go through CI.\n")
    write_fact(live.workspace, "plain.md", "Only text.\n")
    write_fact(live.workspace, "README.md", "What this folder is for.\n")
    port = listener.first("knowledge.updated", fact=eventually(lambda: _fact(live, "port")))["fact"]
    assert (port["text"], port["status"], port["tags"]) == ("The port is 8080.", "accepted", ["net", "web"])
    assert port["sources"] == [{"source": "ada", "job": "j1", "run": "r1", "line": 7}]
    assert port["is_confirmed"] is False, "only its file says that it is accepted"
    live.sync()
    known = {fact["id"]: fact for fact in live.json("/api/knowledge")["facts"]}
    assert set(known) == {"port", "deploy", "plain"}
    assert (known["deploy"]["tags"], known["deploy"]["status"]) == (["ops", "ci"], "proposed")
    assert live.json("/api/knowledge")["counts"] == {"proposed": 2, "accepted": 1, "declined": 0, "superseded": 0}
    assert live.json("/api/snapshot?topics=knowledge")["knowledge"]["counts"] == {"proposed": 2, "accepted": 1}
    assert [fact["id"] for fact in live.json("/api/knowledge?status=accepted")["facts"]] == ["port"]
    assert [fact["id"] for fact in live.json("/api/knowledge?q=ci+OPS")["facts"]] == ["deploy"]


def _fact(live: Live, fact_id: str) -> Any:
    answer = live.get(f"/api/knowledge/{fact_id}")
    return answer.json() if answer.status_code == 200 else None


def test_files_that_say_the_same_are_one_fact_with_all_sources(live: Live) -> None:
    write_fact(
        live.workspace, "a.yaml", "id: a\ntext: The Port is 8080\nsource: ada\ncreated_at: 2026-01-01T00:00:00Z\n"
    )
    write_fact(live.workspace, "b.yaml", 'id: b\ntext: "  the port  is 8080. "\nsource: bob\ntags: [x]\n')
    write_fact(live.workspace, "c.yaml", "id: c\ntext: the port is 8081\nsource: bob\n")
    live.sync()
    one = _fact(live, "a")
    assert [source["source"] for source in one["sources"]] == ["ada", "bob"]
    assert (one["files"], one["tags"]) == (["a.yaml", "b.yaml"], ["x"])
    assert _fact(live, "b") is None
    listener = live.listen()
    (folder(live) / "a.yaml").unlink()
    assert listener.first("knowledge.removed")["id"] == "a"
    assert listener.first("knowledge.updated")["fact"]["id"] == "b"
    (folder(live) / "b.yaml").unlink()
    listener.first("knowledge.removed", id="b")
    assert [fact["id"] for fact in live.json("/api/knowledge")["facts"]] == ["c"]


def test_two_facts_with_one_id_have_two(live: Live) -> None:
    write_fact(live.workspace, "a.yaml", "id: same\ntext: one\n")
    write_fact(live.workspace, "b.yaml", "id: same\ntext: two\n")
    live.sync()
    ids = {fact["text"]: fact["id"] for fact in live.json("/api/knowledge")["facts"]}
    assert sorted(ids) == ["one", "two"]
    assert len(set(ids.values())) == 2
    assert all(_fact(live, fact_id)["text"] == text for text, fact_id in ids.items())


@pytest.mark.parametrize(("action", "status"), [("accept", "accepted"), ("decline", "declined")])
def test_a_person_decides_and_the_file_says_so_with_all_else_as_it_was(live: Live, action: str, status: str) -> None:
    path = write_fact(
        live.workspace, "a.yaml", "# about ports\nid: a\nstatus:  proposed # for now\ntext: >\n  one\n  two\n"
    )
    live.sync()
    seen = _fact(live, "a")
    listener = live.listen()
    answer = post(live, f"/api/knowledge/a/{action}", {"digest": seen["digest"]})
    assert (answer.status_code, answer.json()) == (202, {"id": "a", "status": status, "files": ["a.yaml"]})
    fact = listener.first("knowledge.updated")["fact"]
    assert (fact["status"], fact["is_confirmed"], fact["text"]) == (status, True, "one two")
    lines = path.read_text().splitlines()
    assert lines[:6] == ["# about ports", "id: a", f"status: {status}", "text: >", "  one", "  two"]
    assert lines[6] == f"decided_at: {fact['decided_at']}"


def test_a_decision_about_markdown_is_in_its_front_matter(live: Live) -> None:
    bare = write_fact(live.workspace, "a.md", "One fact.\n\n---\n\nstatus: none\n")
    with_front = write_fact(live.workspace, "b.md", "---\ntags: [x]\n---\nOther fact.\n")
    live.sync()
    texts = bare.read_text(), with_front.read_text()
    for name in ("a", "b"):
        assert post(live, f"/api/knowledge/{name}/accept").status_code == 202
    live.sync()
    assert {fact["status"] for fact in live.json("/api/knowledge")["facts"]} == {"accepted"}
    assert bare.read_text().startswith("---\nstatus: accepted\n")
    assert bare.read_text().endswith(f"---\n{texts[0]}")
    assert with_front.read_text().startswith("---\ntags: [x]\nstatus: accepted\n")
    assert with_front.read_text().endswith("---\nOther fact.\n")


def test_a_decision_is_about_the_text_that_was_shown(live: Live) -> None:
    path = write_fact(live.workspace, "a.yaml", "id: a\ntext: harmless\n")
    live.sync()
    digest = _fact(live, "a")["digest"]
    path.write_text("id: a\ntext: harmful\n")
    live.sync()
    answer = post(live, "/api/knowledge/a/accept", {"digest": digest})
    assert (answer.status_code, answer.json()["code"]) == (409, "FACT_CHANGED")
    assert path.read_text() == "id: a\ntext: harmful\n"
    assert _fact(live, "a")["status"] == "proposed"


def test_a_file_that_changed_since_it_was_read_is_not_accepted(workspace: Path) -> None:
    path = write_fact(workspace, "a.yaml", "id: a\ntext: harmless\n")
    live = dashboard_with_knowledge(workspace)
    knowledge = live.feature(Knowledge)
    try:
        live.sync()
        for follower in knowledge.followers:
            follower.stop()  # so that nobody sees the change
        path.write_text("id: a\ntext: harmful\n")
        assert post(live, "/api/knowledge/a/accept").status_code == 409
        assert path.read_text() == "id: a\ntext: harmful\n"
    finally:
        live.stop()


def test_an_agent_cannot_confirm_a_fact_by_its_file(live: Live) -> None:
    path = write_fact(
        live.workspace, "a.yaml", "id: a\ntext: trust me\nstatus: accepted\ndecided_at: 2026-11-30T00:00:00Z\n"
    )
    live.sync()
    assert (_fact(live, "a")["status"], _fact(live, "a")["is_confirmed"]) == ("accepted", False)
    post(live, "/api/knowledge/a/accept")
    live.sync()
    assert _fact(live, "a")["is_confirmed"] is True
    path.write_text(path.read_text().replace("trust me", "trust me more"))
    live.sync()
    assert _fact(live, "a")["is_confirmed"] is False


def test_what_was_confirmed_is_so_after_a_restart(workspace: Path) -> None:
    write_fact(workspace, "a.yaml", "id: a\ntext: one\n")
    live = dashboard_with_knowledge(workspace)
    live.sync()
    post(live, "/api/knowledge/a/accept")
    live.sync()
    live.stop()
    live = dashboard_with_knowledge(workspace)
    try:
        live.sync()
        assert _fact(live, "a")["is_confirmed"] is True
    finally:
        live.stop()


def test_a_fact_is_superseded_by_another(live: Live) -> None:
    write_fact(live.workspace, "a.yaml", "id: a\ntext: one\n")
    write_fact(live.workspace, "b.yaml", "id: b\ntext: two\n")
    live.sync()
    assert post(live, "/api/knowledge/a/supersede", {"by": "a"}).status_code == 400
    assert post(live, "/api/knowledge/a/supersede", {"by": "c"}).status_code == 404
    assert post(live, "/api/knowledge/a/supersede").status_code == 400
    assert post(live, "/api/knowledge/a/supersede", {"by": "b"}).status_code == 202
    live.sync()
    assert (_fact(live, "a")["status"], _fact(live, "a")["superseded_by"]) == ("superseded", "b")
    assert _fact(live, "b")["status"] == "proposed"


def test_a_secret_in_a_fact_of_a_person_is_not_written(live: Live) -> None:
    answer = post(live, "/api/knowledge", {"text": "The door opens with SECRET."})
    assert answer.status_code == 201, answer.text
    live.sync()
    (fact,) = live.json("/api/knowledge")["facts"]
    assert (fact["text"], fact["status"]) == ("The door opens with [redacted].", "accepted")
    assert "SECRET" not in (live.workspace / "work/knowledge" / fact["files"][0]).read_text()


def test_a_person_adds_a_fact(live: Live) -> None:
    answer = post(live, "/api/knowledge", {"text": "We deploy on Fridays.", "tags": ["ops"]})
    assert answer.status_code == 201
    live.sync()
    fact = _fact(live, answer.json()["id"])
    assert (fact["text"], fact["status"], fact["is_confirmed"]) == ("We deploy on Fridays.", "accepted", True)
    assert (fact["tags"], fact["sources"][0]["source"]) == (["ops"], "person")
    again = post(live, "/api/knowledge", {"text": "we deploy on fridays"})
    assert again.json()["id"] == fact["id"]
    for body in ({"text": " "}, {"text": "x" * 5_000}, {"text": 1}, {"text": "x", "tags": "ops"}, []):
        assert post(live, "/api/knowledge", body).status_code == 400


def test_what_agents_state_is_proposed_once_with_its_sources(live: Live) -> None:
    knowledge = live.feature(Knowledge)
    for job, line in (("j1", 7), ("j1", 7), ("j2", 9)):
        knowledge.add("knowledge", "The cache is in SECRET/tmp", "ada", None, job, {"run": f"r-{job}", "line": line})
    say(live.workspace, "knowledge", {"text": "the cache is in SECRET/tmp.", "source": "bob"})
    live.sync()
    knowledge.proposals.flush()
    live.sync()
    (fact,) = facts(live, 1)
    assert (fact["text"], fact["status"]) == ("The cache is in [redacted]/tmp", "proposed")
    assert fact["sources"] == [
        {"source": "ada", "job": "j1", "run": "r-j1", "line": 7},
        {"source": "ada", "job": "j2", "run": "r-j2", "line": 9},
        {"source": "bob", "job": None, "run": None, "line": None},
    ]
    assert len(list(folder(live).iterdir())) == 1


def test_what_was_declined_is_not_proposed_again(live: Live) -> None:
    knowledge = live.feature(Knowledge)
    knowledge.add("knowledge", "nonsense", "ada")
    knowledge.proposals.flush()
    live.sync()
    (fact,) = facts(live, 1)
    post(live, f"/api/knowledge/{fact['id']}/decline")
    content = (folder(live) / fact["files"][0]).read_bytes()
    knowledge.add("knowledge", "Nonsense.", "bob", None, "j2")
    knowledge.proposals.flush()
    assert (folder(live) / fact["files"][0]).read_bytes() == content


def test_a_job_in_a_loop_proposes_so_many_facts_and_no_more(live: Live) -> None:
    knowledge = live.feature(Knowledge)
    for number in range(MOST_OF_A_JOB + 20):
        knowledge.add("knowledge", f"fact number {number}", "ada", None, "j1")
    knowledge.add("knowledge", "another job's", "bob", None, "j2")
    knowledge.proposals.flush()
    assert len(list(folder(live).iterdir())) == MOST_OF_A_JOB + 1
    assert live.json("/api/knowledge")["proposals_dropped"] == 20


def test_files_that_are_no_facts_are_named(live: Live) -> None:
    for name, content in {
        "list.yaml": "- a\n", "broken.yaml": "text: [\n", "empty.md": "---\ntags: [x]\n---\n \n",
        "large.md": "x" * 70_000,
    }.items():  # fmt: skip
        write_fact(live.workspace, name, content)
    (folder(live) / "link.md").symlink_to("/etc/hostname")
    write_fact(live.workspace, "good.md", "good\n")
    live.sync()
    eventually(lambda: len(live.json("/api/knowledge")["problems"]) == 5)
    found = live.json("/api/knowledge")
    assert [fact["id"] for fact in found["facts"]] == ["good"]
    assert sorted(problem.split(":")[0] for problem in found["problems"]) == [
        "broken.yaml", "empty.md", "large.md", "link.md", "list.yaml",
    ]  # fmt: skip
    (folder(live) / "broken.yaml").write_text("text: mended\n")
    live.sync()
    assert len(live.json("/api/knowledge")["problems"]) == 4


def test_the_doctor_reports_on_facts(live: Live) -> None:
    knowledge = live.feature(Knowledge)
    assert list(knowledge.examine()) == []
    write_fact(live.workspace, "good.md", "good\n")
    write_fact(live.workspace, "bad.yaml", "- a\n")
    found = [(finding.level, finding.text) for finding in knowledge.examine()]
    assert found[0] == ("ok", f"1 facts in {folder(live)}")
    assert found[1] == ("problem", "1 files in the folder of the facts are no facts")
    assert found[2][1].startswith("  bad.yaml: ")


def test_a_folder_that_cannot_be_written_is_a_trouble(live: Live) -> None:
    knowledge = live.feature(Knowledge)
    folder(live).parent.joinpath("knowledge").write_text("a file")
    knowledge.add("knowledge", "one", "ada")
    knowledge.proposals.flush()
    (trouble,) = knowledge.troubles()
    assert "cannot be created" in trouble.reason
    assert post(live, "/api/knowledge", {"text": "two"}).status_code == 503


def test_a_line_of_a_log_that_states_a_fact_is_a_proposal(live: Live) -> None:
    knowledge = live.feature(Knowledge)
    listener = live.listen()
    run = Run(
        run_id="r1", owner="job:j1", profile="claude", argv=("claude",), cwd="/", status=RunStatus.RUNNING, attempt=1,
        folder="work/runs/r1", started_at="2026-11-30T05:00:00Z",
    )  # fmt: skip
    knowledge.watches.take(run, 7, [ParsedLine("FACT: x", facts=(LogFact("fact", {"text": "x is SECRET"}),))])
    message = listener.first("knowledge.message")
    assert (message["text"], message["origin"], message["rests_on"]) == (
        "x is [redacted]",
        "log",
        "line 7 of the log of r1",
    )
    knowledge.proposals.flush()
    fact = listener.first("knowledge.updated")["fact"]
    assert fact["sources"] == [{"source": "claude", "job": "j1", "run": "r1", "line": 7}]
    assert (fact["status"], fact["is_confirmed"]) == ("proposed", False)


def test_what_people_decided_is_asked_for_until_it_is_known(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_fact(workspace, "a.yaml", "id: a\ntext: one\n")
    live = dashboard_with_knowledge(workspace)
    live.sync()
    post(live, "/api/knowledge/a/accept")
    live.sync()
    live.stop()
    is_open, decisions = threading.Event(), MessageStore.decisions
    monkeypatch.setattr(MessageStore, "decisions", lambda store: decisions(store) if is_open.is_set() else None)
    live = dashboard_with_knowledge(workspace)
    try:
        live.sync()
        assert (_fact(live, "a")["status"], _fact(live, "a")["is_confirmed"]) == ("accepted", False)
        listener = live.listen()
        is_open.set()
        assert listener.first("knowledge.updated")["fact"]["is_confirmed"] is True
    finally:
        live.stop()


def test_proposals_can_be_switched_off(workspace: Path) -> None:
    features = features_with_knowledge()
    sections = tuple(dict.fromkeys((*SECTIONS, KnowledgeSettings)))
    settings = make_settings(sections, {"workspace": str(workspace), "propose_facts": False})
    dashboard = Dashboard(settings, features=features)
    knowledge = next(one for one in dashboard.features if isinstance(one, Knowledge))
    dashboard.start()
    try:
        knowledge.add("knowledge", "one", "ada")
        knowledge.proposals.flush()
        assert not (workspace / "work/knowledge").exists()
    finally:
        dashboard.stop()


def test_a_half_written_file_is_given_time(live: Live) -> None:
    listener = live.listen()
    path = write_fact(live.workspace, "a.yaml", "id: a\ntext: [")
    path.write_text("id: a\ntext: whole\n")
    assert listener.first("knowledge.updated")["fact"]["text"] == "whole"
    assert live.json("/api/knowledge")["problems"] == []
