from __future__ import annotations

import pytest
from flask import Flask, url_for
from werkzeug.routing import Rule

from llm_service.web.url_rules import LazyRule


def app() -> Flask:
    made = Flask("toy")
    made.url_rule_class = LazyRule
    made.add_url_rule("/files/<path:name>/<int:number>", "file", lambda name, number: f"{name} {number}")
    made.add_url_rule("/all", "all", lambda kind: kind, defaults={"kind": "all"})
    return made


def test_an_url_is_matched_and_built_as_by_werkzeugs_own_rule() -> None:
    toy = app()
    with toy.test_client() as client:
        assert client.get("/files/a/b/7").text == "a/b 7"
        assert client.get("/all").text == "all"
    with toy.test_request_context():
        for _ in range(2):
            assert url_for("file", name="a/b", number=7) == "/files/a/b/7"
            assert url_for("file", name="ä", number=7, more="x y") == "/files/%C3%A4/7?more=x+y"
            assert url_for("all") == "/all"


def test_what_builds_an_url_is_compiled_with_the_first_one(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []
    original = Rule._compile_builder

    def compile_builder(rule: Rule, append_unknown: bool = True) -> object:
        compiled.append(rule.rule)
        return original(rule, append_unknown)

    monkeypatch.setattr(Rule, "_compile_builder", compile_builder)
    toy = app()
    assert [rule for rule in compiled if not rule.startswith("/static")] == []
    with toy.test_request_context():
        url_for("all")
        url_for("all")
    assert compiled.count("/all") == 1
