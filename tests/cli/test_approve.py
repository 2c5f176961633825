"""`llm-service approve`: what a workspace asks for is shown whole, and nothing but that is allowed."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from kit.settings import settings_file, user_file

from llm_service.cli.main import cli
from llm_service.cli.sections import load_settings
from llm_service.costs.settings import CostSettings
from llm_service.settings.approvals import Approvals, Ask, digest_of

ORIGIN = "https://app.example.org"
HOOK = "https://hooks.example.org/T0/B0?key=1"
Run = Callable[..., Result]


@pytest.fixture
def place(workspace: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace that asks for an origin, an address and a linked folder."""
    outside = tmp_path_factory.mktemp("outside")
    (outside / "shop").mkdir()
    (outside / "shop/secret.txt").write_text("SECRET")
    (workspace / "generated_projects").symlink_to(outside)
    settings_file(workspace, f"threads: 100\ncors_origins: ['{ORIGIN}']\nwebhook: {HOOK}\n")
    user_file(monkeypatch, tmp_path_factory.mktemp("user"), "")
    monkeypatch.chdir(workspace)
    return workspace


@pytest.fixture
def run() -> Run:
    def invoke(*arguments: str, code: int = 0, **options: Any) -> Result:
        result = CliRunner().invoke(cli, ["approve", *arguments], **options)
        assert result.exit_code == code, result.output
        return result

    return invoke


def granted(place: Path) -> tuple[bool, bool, bool]:
    settings = load_settings(str(place))
    return (
        settings.cors_origins == [ORIGIN],
        settings.of(CostSettings).webhook == HOOK,
        dict(settings.linked_roots) == {f"{place}/generated_projects": os.path.realpath("generated_projects")},
    )


def test_all_is_shown_with_its_place_and_what_it_would_do(place: Path, run: Run) -> None:
    assert run("--show").output.splitlines() == [
        f"{place}/llm-service.yaml:2: a setting in its file, which would let pages of other sites read from us:",
        f'  cors_origins: ["{ORIGIN}"]',
        f"{place}/llm-service.yaml:3: a setting in its file, which would send what you spend to an address that this "
        "file names:",
        f'  webhook: "{HOOK}"',
        f"{place}/generated_projects: a link that leads out, which would read and write outside the workspace:",
        f"  generated_projects -> {os.path.realpath('generated_projects')}",
        "This is not approved.",
    ]
    assert granted(place) == (False, False, False)


def test_what_is_approved_counts_until_anything_changes(place: Path, run: Run, tmp_path_factory: Any) -> None:
    user = Path(os.environ["XDG_CONFIG_HOME"])
    assert "Approved in " in run("--yes").output
    assert granted(place) == (True, True, True)
    assert load_settings(str(place)).refusals == ()
    assert "This is approved." in run("--show").output
    assert "This is approved." in run(code=0).output
    assert not [path for path in place.rglob("*") if "approv" in path.name]
    (stored,) = (user / "llm-service/approvals").iterdir()
    assert HOOK not in stored.read_text()
    # Lines may move, what needs no approval may change.
    settings_file(place, f"# new\nthreads: 90\nwebhook: {HOOK}\ncors_origins: ['{ORIGIN}']\n")
    assert granted(place) == (True, True, True)
    settings_file(place, f"webhook: {HOOK}\ncors_origins: ['{ORIGIN}', 'http://evil.example']\n")
    assert granted(place) == (False, False, False)
    assert "Something else was approved before: this is new." in run("--show").output
    settings_file(place, f"webhook: {HOOK}\ncors_origins: ['{ORIGIN}']\n")
    assert granted(place) == (True, True, True)
    (place / "generated_projects").unlink()
    (place / "generated_projects").symlink_to(tmp_path_factory.mktemp("elsewhere"))
    assert granted(place) == (False, False, False)


def test_less_than_what_was_approved_asks_again_too(place: Path, run: Run) -> None:
    run("--yes")
    settings_file(place, f"cors_origins: ['{ORIGIN}']\n")
    assert granted(place) == (False, False, False)


def test_an_approval_is_for_one_workspace(place: Path, run: Run, tmp_path_factory: pytest.TempPathFactory) -> None:
    run("--yes")
    other = tmp_path_factory.mktemp("other")
    settings_file(other, (place / "llm-service.yaml").read_text())
    (other / "generated_projects").symlink_to(os.path.realpath(place / "generated_projects"))
    assert load_settings(str(other)).cors_origins == []
    (other.parent / "link").symlink_to(place)
    assert load_settings(str(other.parent / "link")).cors_origins == [ORIGIN]


def test_an_approval_is_revoked(place: Path, run: Run) -> None:
    assert "Nothing that" in run("--revoke").output
    run("--yes")
    run("--revoke")
    assert granted(place) == (False, False, False)
    assert "Something else" not in run("--show").output


def test_without_a_terminal_nothing_is_approved(place: Path, run: Run) -> None:
    assert "--yes approves what is shown" in run(code=1).output
    assert granted(place) == (False, False, False)


@pytest.mark.parametrize(("answer", "is_approved"), [("y\n", True), ("n\n", False), ("\n", False), ("", False)])
def test_on_a_terminal_it_asks(
    place: Path, run: Run, monkeypatch: pytest.MonkeyPatch, answer: str, is_approved: bool
) -> None:
    monkeypatch.setattr("llm_service.cli.approve.is_terminal", lambda: True)
    assert "Approve all of it? [y/N]" in run(input=answer, code=0 if is_approved else 1).output
    assert granted(place) == (is_approved,) * 3


def test_a_workspace_that_asks_for_nothing_says_so(workspace: Path, run: Run) -> None:
    settings_file(workspace, "threads: 100\n")
    assert run("--workspace", str(workspace)).output == f"{workspace} asks for nothing beyond itself.\n"


def test_options_that_exclude_each_other_are_refused(run: Run) -> None:
    assert "exclude each other" in run("--show", "--yes", code=2).output


def test_what_is_shown_is_whole_and_cannot_hide_anything(place: Path, run: Run) -> None:
    origins = [f"https://o{number}.example.org" for number in range(500)]
    settings_file(place, json.dumps({"cors_origins": origins}))
    (place / "work/telemetry").symlink_to("/srv/a\u202eb\x1b[2J")
    shown = run("--show").output
    assert all(origin in shown for origin in origins)
    assert "\u202e" not in shown and "\x1b" not in shown
    assert r"work/telemetry -> /srv/a\u202eb\x1b[2J" in shown


def test_what_the_user_set_needs_no_approval(place: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    user_file(monkeypatch, Path(os.environ["XDG_CONFIG_HOME"]), "cors_origins: []\nwebhook: null\n")
    assert "cors_origins" not in run("--show").output
    run("--yes")
    assert granted(place) == (False, True, True) or granted(place) == (False, False, True)


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{", b"\xff", b'{"sha256": "HASH"}', b'{"workspace": "/", "sha256": 1}']
)
def test_a_damaged_approval_is_none(place: Path, run: Run, content: bytes) -> None:
    run("--yes")
    (stored,) = (Path(os.environ["XDG_CONFIG_HOME"]) / "llm-service/approvals").iterdir()
    digest = json.loads(stored.read_bytes())["sha256"]
    stored.write_bytes(content.replace(b"HASH", digest.encode()))
    assert granted(place) == (False, False, False)


def test_where_an_approval_cannot_be_kept_the_error_says_so(
    place: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(os.environ["XDG_CONFIG_HOME"]) / "llm-service/approvals"
    folder.write_text("a file")
    assert "Cannot write" in run("--yes", code=3).output
    folder.unlink()
    run("--yes")
    (stored,) = folder.iterdir()
    stored.unlink()
    stored.mkdir()
    assert "Cannot remove" in run("--revoke", code=3).output
    for name in ("HOME", "XDG_CONFIG_HOME", "USERPROFILE"):
        monkeypatch.setenv(name, "")
    monkeypatch.setattr("os.path.expanduser", lambda path: path)
    assert "no home folder" in run("--yes", code=3).output
    assert "Nothing that" in run("--revoke").output


def test_every_part_of_what_is_asked_for_is_in_the_hash() -> None:
    one = Ask("setting", "cors_origins", [ORIGIN], "f:1", "would")
    same = [Ask("setting", "cors_origins", [ORIGIN], "f:9", "might")]
    others = [
        [Ask("link", "cors_origins", [ORIGIN], "f:1", "would")],
        [Ask("setting", "allowed_hosts", [ORIGIN], "f:1", "would")],
        [Ask("setting", "cors_origins", ["http://b"], "f:1", "would")],
        [one, one],
        [],
    ]
    assert digest_of([one]) == digest_of(same)
    assert len({digest_of(asks) for asks in [[one], *others]}) == 6
    other = Ask("link", "out", "/x", "p", "would")
    assert digest_of([one, other]) == digest_of([other, one])


def test_nothing_is_approved_where_nothing_is_asked_for(tmp_path: Path) -> None:
    approvals = Approvals(str(tmp_path))
    approvals.store("/w", [])
    assert not approvals.hold("/w", [])
    assert not Approvals(None).hold("/w", [Ask("link", "out", "/x", "p", "would")])
