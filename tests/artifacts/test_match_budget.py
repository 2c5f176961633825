"""What agents write into `.gitignore` files takes bounded time, however many names there are, and it is
said what is not used."""

from __future__ import annotations

from pathlib import Path

import pytest
from kit.live import Live, eventually

from llm_service.artifacts.ignore import IgnoreRules

HOSTILE = {
    "stars": "*" + "?" * 60 + "b",
    "stars, then letters": "*[a]" + "a" * 59 + "b",
    "two stars": "*[a]*" + "?" * 58 + "b",
    "folders": "**/" * 3 + "*" + "?" * 50 + "b",
    "many expressions": "*a" * 490 + "b",
    "no stars": "?" * 60 + "b",
    "signs in turn": "a\n!b",
    "classes": "[!b]*" * 12 + "b",
}
# From github.com/github/gitignore, the longest of which is VisualStudio's.
USUAL = """
*.rsuser\n*.suo\n*.userosscache\n*.sln.docstates\n*.pyc\n*.py[cod]\n*$py.class\n*.so\n.env\n.venv/\n*.egg-info/\n*~
_ReSharper*/\n*.[Rr]e[Ss]harper\n*.DotSettings.user\n**/[Pp]ackages/*\n!**/[Pp]ackages/build/\n*.nuget.props
npm-debug.log*\nreport.[0-9]*.[0-9]*.json\n.yarn/*\n!.yarn/patches\n**/node_modules/\n*.tsbuildinfo\n.pnp.*
[Tt]est[Rr]esult*/\n[Bb]uild[Ll]og.*\n*.VisualState.xml\nTestResult.xml\n~$*\n*.tmp_proj\n*_wpftmp.csproj
""" + "".join(f"[{name[0].upper()}{name[0]}]{name[1:]}/\n" for name in ("debug", "release", "logs", "bin", "obj") * 15)


def book_with(folder: Path, *texts: str) -> IgnoreRules:
    """Rules of a project with these files, each in a folder of the one before."""
    book, path = IgnoreRules(), "project"
    for number, text in enumerate(texts):
        (folder / path).mkdir(parents=True, exist_ok=True)
        (folder / path / ".gitignore").write_text(text)
        book.learn(str(folder), path, number)
        path += "/" + "a" * 30
    return book


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.timeout(60)  # Measured: 0.1 to 0.8 s, most of it to compile; without a budget 10 s to minutes.
def test_many_names_take_a_moment_whatever_the_patterns(tmp_path: Path, kind: str) -> None:
    text = "secret.txt\n" + "\n".join([HOSTILE[kind]] * 1_000)[:64_000]
    book = book_with(tmp_path, *[text] * 2)
    inmost = "project/" + "/".join(["a" * 30])
    rules = book.rules(inmost)
    ignored = [rules.ignores("a" * 240 + f"{number:05}", False) for number in range(1_000)]
    assert not any(ignored)
    assert book.troubles()
    assert "not used" in next(iter(book.troubles().values()))


def test_the_usual_patterns_are_all_used_over_any_number_of_names(tmp_path: Path) -> None:
    book = book_with(tmp_path, USUAL)
    rules = book.rules("project")
    for number in range(10_000):
        assert not rules.ignores(f"some_generated_module_of_a_usual_length_{number:06}.py", False)
    assert rules.ignores("x.pyd", False)
    assert rules.ignores("Debug", True)
    assert book.troubles() == {}


def test_plain_names_are_still_ignored_when_costly_patterns_are_not_used_any_more(tmp_path: Path) -> None:
    book = book_with(tmp_path, "secret.txt\n*.log\n" + "\n".join([HOSTILE["stars"]] * 1_000))
    rules, version = book.rules("project"), book.version
    for number in range(1_000):
        rules.ignores("a" * 240 + f"{number:05}", False)
    assert book.version > version, "what was ignored before has to be listed"
    assert rules.ignores("secret.txt", False)
    assert rules.ignores("x.log", False)


def test_what_is_not_used_is_a_trouble_until_it_is_mended(live: Live) -> None:
    listener = live.listen()
    project = live.workspace / "generated_projects/shop"
    project.mkdir(parents=True)
    (project / ".gitignore").write_text("".join(f"{number:x}\n" for number in range(10_001)))
    degraded = listener.first("service.degraded", mode="ignore")
    assert degraded["root"] == str(project / ".gitignore")
    assert degraded["reason"] == "1 pattern is not used: too many, too long, or too costly to try"
    health = live.json("/health")
    assert health["status"] == "degraded"
    assert health["troubles"] == [{key: degraded[key] for key in ("root", "mode", "reason")}]
    assert live.listen().first("connection_ack")["degraded"] == health["troubles"]
    (project / ".gitignore").write_text("x\n")
    assert listener.first("service.recovered", mode="ignore")["root"] == degraded["root"]
    assert eventually(lambda: live.json("/health")["status"] == "healthy")
