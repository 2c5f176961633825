"""Profiles: what can be one, which parameters get where, and that only what was shown is approved."""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from kit.settings import refusal, settings_file

from llm_service.cli.sections import load_settings
from llm_service.errors import BadRequest, NotApproved, NotFound, StartFailed
from llm_service.processes.model import Profile
from llm_service.processes.parameters import fill
from llm_service.processes.profile_approvals import ProfileApprovals
from llm_service.processes.profile_book import ProfileBook
from llm_service.processes.profile_entries import PLACEHOLDER, placeholders_of, read_profile
from llm_service.processes.proposals import Proposals
from llm_service.processes.settings import ProcessSettings
from llm_service.settings.fields import BadValue

WHOLE: dict[str, Any] = {
    "name": "claude",
    "argv": ["claude", "-p", "--project={project}", "{specification}"],
    "cwd": "{project_dir}",
    "env": {"MODE": "quick"},
    "env_allow": ["ANTHROPIC_API_KEY", "AWS_*"],
    "pty": True,
    "timeout_s": 60,
    "max_log_bytes": 1_000,
    "retry_times": 2,
    "retry_delay_s": 1.5,
    "grace_s": 3,
    "phases": {"plan": ["^plan", "Planning"]},
}


def propose(place: Path, file_name: str, **facts: Any) -> Path:
    """A file with a profile."""
    path = place / "work/profiles" / file_name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(facts))
    return path


@pytest.fixture
def book(place: Path, tmp_path: Path) -> ProfileBook:
    mine = read_profile({"name": "mine", "argv": ["true"]}, "user")
    approvals = ProfileApprovals(str(tmp_path / "user/llm-service"), str(place))
    found = ProfileBook([mine], Proposals(str(place)), approvals)
    found.add_built_in(Profile(name="demo", argv=("demo",), origin="built-in"))
    return found


def test_a_profile_has_all_that_is_written() -> None:
    found = read_profile(WHOLE, "user")
    assert dataclasses.asdict(found) == WHOLE | {
        "origin": "user",
        "argv": tuple(WHOLE["argv"]),
        "env_allow": ("ANTHROPIC_API_KEY", "AWS_*"),
        "phases": {"plan": ("^plan", "Planning")},
    }
    assert placeholders_of(found) == ("project", "specification", "project_dir")


def test_the_digest_changes_with_each_of_its_fields() -> None:
    changes: dict[str, Any] = {
        "name": "other", "argv": ["claude"], "cwd": None, "env": {"MODE": "slow"}, "env_allow": [], "pty": False,
        "timeout_s": 61, "max_log_bytes": 1_001, "retry_times": 3, "retry_delay_s": 1, "grace_s": 4, "phases": {},
    }  # fmt: skip
    assert changes.keys() == WHOLE.keys()
    found = {read_profile(WHOLE | {name: value}, "user").digest() for name, value in changes.items()}
    found |= {read_profile(WHOLE, "user").digest(), read_profile(WHOLE, "workspace").digest()}
    assert len(found) == len(changes) + 2


@pytest.mark.parametrize(
    ("change", "place", "part"),
    [
        ({"argv": []}, ("argv",), "a list of texts"),
        ({"argv": "claude -p"}, ("argv",), "a list of texts"),
        ({"argv": ["a", 5]}, ("argv",), "a list of texts"),
        ({"argv": [" "]}, ("argv",), "a list of texts"),
        ({"argv": ["a", "b\0c"]}, ("argv",), "a list of texts"),
        ({"argv": ["{project}"]}, ("argv",), "a program without placeholders"),
        ({"argv": ["sh", "-c", "build {project}"]}, ("argv",), "no placeholder is in code, as in that after -c"),
        ({"argv": ["bash", "-lc", "{job}"]}, ("argv",), "after -lc"),
        ({"argv": ["node", "--eval", "f('{job}')"]}, ("argv",), "after --eval"),
        ({"name": "../x"}, ("name",), "a name of letters"),
        ({"name": "-x"}, ("name",), "a name of letters"),
        ({"name": ""}, ("name",), "a name of letters"),
        ({"cwd": "{project}"}, ("cwd",), "only {project_dir}"),
        ({"env": {"A=B": "x"}}, ("env",), "a mapping of names"),
        ({"env": {"A": 5}}, ("env",), "a mapping of names"),
        ({"env_allow": ["*"]}, ("env_allow",), "a list of names"),
        ({"env_allow": ["LLM_SERVICE_TOKEN"]}, ("env_allow",), "none of LLM_SERVICE_*"),
        ({"timeout_s": -1}, ("timeout_s",), "a number of seconds"),
        ({"timeout_s": float("nan")}, ("timeout_s",), "a number of seconds"),
        ({"max_log_bytes": 0}, ("max_log_bytes",), "a number of bytes"),
        ({"retry_times": 101}, ("retry_times",), "from 0 to 100"),
        ({"grace_s": 3_601}, ("grace_s",), "up to 3,600"),
        ({"pty": "maybe"}, ("pty",), "yes or no"),
        ({"phases": ["plan"]}, ("phases",), "a mapping of phases"),
        ({"comand": "x"}, ("comand",), "is unknown"),
    ],
)
def test_what_cannot_be_a_profile_is_refused_with_its_place(
    change: dict[str, Any], place: tuple[str, ...], part: str
) -> None:
    with pytest.raises(BadValue) as caught:
        read_profile(WHOLE | change, "user")
    assert caught.value.path == place
    assert part in str(caught.value)


def test_a_script_that_takes_its_parameters_as_arguments_is_fine() -> None:
    argv = ["sh", "-c", 'build "$1" ${x}', "sh", "{project}"]
    assert read_profile({"name": "x", "argv": argv}, "user").argv == tuple(argv)


def test_profiles_of_the_user_are_in_their_configuration(place: Path) -> None:
    settings_file(place.parent, json.dumps({"control": True, "profiles": [WHOLE]}), "named.yaml")
    own = load_settings(str(place), str(place.parent / "named.yaml")).of(ProcessSettings)
    assert own.control and own.profiles == [read_profile(WHOLE, "user")]
    path = settings_file(place.parent, json.dumps({"profiles": [WHOLE, WHOLE]}), "twice.yaml")
    assert "profiles[1] has the name of another profile, claude." in refusal(workspace=str(place), config_file=path)
    path = settings_file(place.parent, json.dumps({"profiles": [WHOLE | {"argv": []}]}), "bad.yaml")
    assert "profiles[0].argv has to be a list of texts" in refusal(workspace=str(place), config_file=path)


# --- what a workspace proposes ---


def test_what_a_workspace_proposes_counts_once_it_is_approved_and_until_it_changes(
    place: Path, book: ProfileBook
) -> None:
    path = propose(place, "build.yaml", argv=["make", "{project}"])
    profile = book.get("build")
    assert (profile.origin, profile.argv) == ("workspace", ("make", "{project}"))
    assert not book.is_approved(profile)
    with pytest.raises(NotApproved):
        book.approve("build", "0" * 64)
    assert not book.is_approved(profile)
    book.approve("build", profile.digest())
    assert book.is_approved(profile)
    propose(place, "build.yaml", argv=["make", "{project}"], env={"CC": "evil"})
    changed = book.get("build")
    assert not book.is_approved(changed)
    with pytest.raises(NotApproved):
        book.approve("build", profile.digest())
    path.unlink()
    with pytest.raises(NotFound):
        book.get("build")
    propose(place, "build.yaml", argv=["make", "{project}"])
    assert book.is_approved(book.get("build")), "the same as before"
    book.revoke("build")
    assert not book.is_approved(book.get("build"))


def test_approvals_are_those_of_one_workspace_and_outside_of_it(place: Path, book: ProfileBook, tmp_path: Path) -> None:
    propose(place, "build.yaml", argv=["make"])
    book.approve("build", book.get("build").digest())
    folder = str(tmp_path / "user/llm-service")
    assert ProfileApprovals(folder, str(tmp_path / "other")).digests() == {}
    (tmp_path / "link").symlink_to(place)
    assert ProfileApprovals(folder, str(tmp_path / "link")).digests().keys() == {"build"}
    assert [path.name for path in place.rglob("*") if path.is_file()] == ["build.yaml"]


def test_nothing_is_approved_where_it_cannot_be_stored(place: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folder in (None, str(tmp_path / "file")):
        approvals = ProfileApprovals(folder, str(place))
        with pytest.raises(StartFailed):
            approvals.approve({"build": "0" * 64})
        approvals.revoke("build")
        assert approvals.digests() == {}


@pytest.mark.parametrize("text", ["", "[]", "{", '{"workspace": 5}', '{"workspace": "X", "profiles": [1]}'])
def test_damaged_approvals_approve_nothing(place: Path, book: ProfileBook, tmp_path: Path, text: str) -> None:
    propose(place, "build.yaml", argv=["make"])
    book.approve("build", book.get("build").digest())
    (stored,) = (tmp_path / "user/llm-service/approvals").iterdir()
    stored.write_text(text.replace("X", os.path.realpath(place)))
    assert not book.is_approved(book.get("build"))


def test_a_workspace_cannot_take_the_name_of_another_profile(place: Path, book: ProfileBook) -> None:
    for name in ("mine", "demo"):
        propose(place, f"{name}.yaml", argv=["evil"])
    propose(place, "a.yaml", name="twice", argv=["first"])
    propose(place, "b.yaml", name="twice", argv=["second"])
    profiles, problems = book.read()
    assert {profile.name: profile.argv for profile in profiles} == {
        "mine": ("true",),
        "demo": ("demo",),
        "twice": ("first",),
    }
    assert [(one.where, one.reason) for one in problems] == [
        ("work/profiles/b.yaml", "It has the name of that in work/profiles/a.yaml."),
        ("work/profiles/demo.yaml", "There is already a profile demo."),
        ("work/profiles/mine.yaml", "There is already a profile mine."),
    ]
    evil = Profile(name="mine", argv=("evil",), origin="user")
    assert not book.is_approved(evil)
    with pytest.raises(BadRequest):
        book.revoke("mine")
    with pytest.raises(ValueError, match="not built-in"):
        book.add_built_in(evil)


def test_hostile_proposals_are_named_and_the_others_are_read(place: Path, book: ProfileBook, tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text("argv: [SECRET]")
    folder = propose(place, "good.yaml", argv=["good"]).parent
    (folder / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    os.mkfifo(folder / "fifo.yaml")
    (folder / "folder.yaml").mkdir()
    (folder / "huge.yaml").write_text("argv: [" + "x" * 100_000 + "]")
    (folder / "bomb.yaml").write_text("a: &a [x]\nb: &b [*a, *a]\n" + "c: [*b, *b]\n<<: *c\n")
    (folder / "list.yaml").write_text("[1, 2]")
    (folder / "notes.md").write_text("argv: [x]")
    (folder / ".hidden.yaml").write_text("argv: [x]")
    profiles, problems = book.read()
    assert [profile.name for profile in profiles] == ["mine", "demo", "good"]
    assert [one.where.rpartition("/")[2] for one in problems] == [
        "bomb.yaml", "fifo.yaml", "folder.yaml", "huge.yaml", "link.yaml", "list.yaml",
    ]  # fmt: skip
    assert not any("SECRET" in one.reason for one in problems)
    assert book.read() == (profiles, problems), "from what was read before"


def test_more_files_than_that_are_not_read(place: Path, book: ProfileBook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llm_service.processes.proposals._MAX_FILES", 3)
    for number in range(4):
        propose(place, f"p{number:03}.yaml", argv=["x"])
    profiles, problems = book.read()
    assert [profile.name for profile in profiles] == ["mine", "demo", "p000", "p001", "p002"]
    assert problems[0].reason == "There are 4 files; only 3 are read."


# --- parameters ---

TEMPLATE = Profile(
    name="x",
    argv=("tool", "{project}", "--job={job}", "{{project}} {proj}", "-s{specification}", "{project_dir}"),
    origin="user",
)
GOOD = {"project": "Café 1", "job": "j", "specification": "specs/a.md", "project_dir": "out/x"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("project", "-rf"), ("project", "--eval=x"), ("project", "a/b"), ("project", ".."), ("project", "."),
        ("project", ""), ("project", "  "), ("project", "a\nb"), ("project", "a\0b"), ("project", "a\u2028b"),
        ("project", "\ud800"), ("project", "x" * 5_000), ("project", "a\\b"), ("job", "-j"), ("job", "a/../b"),
        ("specification", "/etc/passwd"), ("specification", "../x.md"), ("specification", "a/../../x.md"),
        ("specification", "link/x.md"), ("project_dir", "/"), ("project_dir", "link"), ("project_dir", "~/x/../../.."),
        ("project", 5), ("project", None), ("argv", "x"), ("cwd", "/"), ("env", "x"),
    ],
)  # fmt: skip
def test_a_value_that_could_do_harm_is_refused(place: Path, tmp_path: Path, name: str, value: Any) -> None:
    (tmp_path / "outside").mkdir()
    (place / "link").symlink_to(tmp_path / "outside")
    load_settings(str(place))
    with pytest.raises(BadRequest):
        fill(TEMPLATE, GOOD | {name: value}, str(place))


def test_projects_may_be_where_the_user_has_them(place: Path, tmp_path: Path) -> None:
    profile = Profile(name="x", argv=("x", "{project_dir}"), origin="user")
    outside = str(tmp_path / "projects/shop")
    with pytest.raises(BadRequest):
        fill(profile, {"project_dir": outside}, str(place))
    assert fill(profile, {"project_dir": outside}, str(place), [str(tmp_path / "projects")])[0] == ("x", outside)


def test_switches_are_left_out_unless_they_are_asked_for(place: Path) -> None:
    argv = ("x", "--plan", "{plan}", "{continuous}", "{autonomous}", "{tasks}", "end")
    profile = Profile(name="x", argv=argv, origin="user")
    plan = f"{place}/docs/a.md"
    assert placeholders_of(profile) == ("plan",)
    assert fill(profile, {"plan": "docs/a.md"}, str(place))[0] == ("x", "--plan", plan, "end")
    filled = fill(profile, {"plan": plan, "continuous": "yes", "tasks": "1.1,2"}, str(place))[0]
    assert filled == ("x", "--plan", plan, "--continuous", "--tasks", "1.1,2", "end")
    for bad in ({"plan": "/etc/passwd"}, {"plan": "../a.md"}, {"plan": plan, "tasks": "--force"}, {"tasks": "1"}):
        with pytest.raises(BadRequest):
            fill(profile, bad, str(place))


@pytest.mark.parametrize("argument", ["--x={tasks}", "{continuous}{autonomous}", "a {tasks}"])
def test_a_switch_is_an_argument_by_itself(argument: str) -> None:
    with pytest.raises(BadValue, match="by itself"):
        read_profile({"name": "x", "argv": ["x", argument]}, "user")


def test_the_orchestrator_of_a_workspace_is_proposed_and_gives_way(place: Path, book: ProfileBook) -> None:
    (place / "scripts").mkdir()
    (place / "scripts/plan_orchestrator.py").symlink_to("/bin/true")
    assert "orchestrator" not in [profile.name for profile in book.read()[0]], "a link is no program of the workspace"
    (place / "scripts/plan_orchestrator.py").unlink()
    (place / "scripts/plan_orchestrator.py").touch()
    profile = book.get("orchestrator")
    assert profile.argv[:2] == ("python3", "scripts/plan_orchestrator.py") and not book.is_approved(profile)
    book.approve("orchestrator", profile.digest())
    assert book.is_approved(book.get("orchestrator"))
    propose(place, "orchestrator.yaml", argv=["other", "{plan}"])
    assert book.get("orchestrator").argv == ("other", "{plan}") and not book.is_approved(book.get("orchestrator"))
    (place / "work/profiles/orchestrator.yaml").unlink()
    book.add_built_in(Profile(name="orchestrator", argv=("mine",), origin="built-in"))
    profiles, problems = book.read()
    assert [one.argv for one in profiles if one.name == "orchestrator"] == [("mine",)] and problems == []


def test_where_a_run_is(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    places = {None: str(place), "sub": f"{place}/sub", "~/x": "/home/ada/x", "/srv": "/srv"}
    for cwd, expected in places.items():
        assert fill(Profile(name="x", argv=("x",), origin="user", cwd=cwd), {}, str(place)) == (("x",), expected)


@hypothesis_settings(max_examples=50)
@given(values=st.fixed_dictionaries(dict.fromkeys(("project", "job", "specification", "project_dir"), st.text())))
def test_no_value_adds_an_argument_or_an_option(values: dict[str, str]) -> None:
    try:
        argv, cwd = fill(TEMPLATE, values, "/nowhere/ws")
    except BadRequest:
        return
    assert len(argv) == len(TEMPLATE.argv) and cwd == "/nowhere/ws"
    for template, argument in zip(TEMPLATE.argv, argv, strict=True):
        start, end = PLACEHOLDER.split(template)[0], PLACEHOLDER.split(template)[-1]
        assert argument.startswith(start) and argument.endswith(end)
        assert template.startswith("-") or not argument.startswith("-")
    assert all(text.startswith("/nowhere/ws") for text in (argv[4][2:], argv[5]))
