"""`llm-service pipelines list | show`, with no dashboard."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from kit.pipelines import HAND_MADE, Clock, reporter_of, write_pipeline
from kit.settings import settings_file

from llm_service.cli.main import cli
from llm_service.errors import BadSettings
from llm_service.pipelines.settings import PipelineSettings
from llm_service.pipelines.templates import Template


def run(workspace: Path, *arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli, ["pipelines", *arguments, "--workspace", str(workspace)])
    return result.exit_code, result.output


@pytest.fixture
def made(workspace: Path) -> list[str]:
    clock = Clock()
    tools = reporter_of(workspace, clock)
    ids = []
    for number in range(21):
        clock.now += 1
        ids.append(tools.create_pipeline("ticket_work", ticket_id=f"T-{number}", project="shop")["pipeline_id"])
    job = tools.create_pipeline_job(ids[0], "research", "Read \x1b[31m", "backend", status="running")["job_id"]
    clock.now += 4_000
    tools.update_pipeline_job(job, status="failed", score=7)
    tools.update_pipeline_job(job, status="running")
    tools.update_pipeline_job(job, status="success")
    clock.now += 60
    tools.finish_pipeline(ids[0])
    return ids


def test_the_list(workspace: Path, made: list[str]) -> None:
    code, output = run(workspace, "list")
    lines = output.splitlines()
    assert (code, len(lines)) == (0, 21)
    assert lines[0] == f"{made[-1]}  created           ···    ticket_work  shop  T-20"
    assert lines[-1] == "... 21 in all; --page 2 has the next"
    code, output = run(workspace, "list", "--page", "2")
    assert output == f"{made[0]}  success           ✓––    ticket_work  shop  T-0  1 h 07 min\n"
    assert run(workspace, "list", "--status", "failed") == (0, "There are no such pipelines.\n")
    assert run(workspace, "list", "--project", "other", "--type", "ticket_work") == (
        0,
        "There are no such pipelines.\n",
    )
    found = json.loads(run(workspace, "list", "--json", "--status", "success")[1])
    assert [row["id"] for row in found["pipelines"]] == [made[0]]


def test_an_empty_list_says_so(workspace: Path) -> None:
    assert run(workspace, "list") == (0, "There are no pipelines yet.\n")


def test_one(workspace: Path, made: list[str]) -> None:
    code, output = run(workspace, "show", made[0])
    assert code == 0
    assert output.splitlines()[1:] == [
        "✓ research  success  1 h 06 min",
        "    ✓ Read [31m (backend)  success, attempt 2, score 7  1 h 06 min",
        "– coding  skipped",
        "– wrap-up  skipped",
    ]
    assert json.loads(run(workspace, "show", made[0], "--json")[1])["id"] == made[0]


def test_what_does_not_exist(workspace: Path) -> None:
    code, output = run(workspace, "show", "nothing")
    assert (code, output) == (1, "Error: There is no pipeline nothing.\n")


def test_one_with_an_error_is_shown_with_its_place(workspace: Path) -> None:
    write_pipeline(workspace, "pipeline_type: x\nsteps:\n- name: a\n  status: don\x1be\n".replace("\x1b", ""))
    code, output = run(workspace, "show", HAND_MADE)
    assert code == 0
    assert f"work/pipelines/{HAND_MADE}/pipeline.yaml:4:3: the status done is none of" in output


def loaded(folder: Path, text: str) -> PipelineSettings:
    from llm_service.cli.sections import load_settings

    settings_file(folder, text)
    return load_settings(str(folder), environ={}).of(PipelineSettings)


def test_templates_of_the_settings(tmp_path: Path) -> None:
    own = loaded(
        tmp_path,
        "pipeline_templates:\n- {name: release, steps: [build, ship], needs: sprint_id}\n- {name: x, steps: [y]}\n",
    )
    assert own.pipeline_templates == [Template("release", ("build", "ship"), "sprint_id"), Template("x", ("y",), None)]


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("{name: Release, steps: [a]}", "pipeline_templates[0].name"),
        ("{name: a, steps: []}", "pipeline_templates[0].steps"),
        ("{name: a, steps: [b, b]}", "pipeline_templates[0].steps"),
        ("{name: a, steps: [B]}", "pipeline_templates[0].steps"),
        ("{name: a, steps: [b], needs: x}", "pipeline_templates[0].needs"),
        ("{name: ticket_work, steps: [b]}", "built in"),
        ("{name: a, steps: [b]}\n- {name: a, steps: [b]}", "another template"),
        ("{name: a, steps: [b], step: c}", "did you mean steps?"),
    ],
)
def test_what_is_refused_of_a_template(tmp_path: Path, entry: str, said: str) -> None:
    with pytest.raises(BadSettings) as caught:
        loaded(tmp_path, f"pipeline_templates:\n- {entry}\n")
    assert said in caught.value.message


@pytest.mark.parametrize("value", ["/etc", "../elsewhere", "~/notes", ""])
def test_the_folder_is_below_the_workspace(tmp_path: Path, value: str) -> None:
    with pytest.raises(BadSettings):
        loaded(tmp_path, f"pipelines_dir: '{value}'\n")
