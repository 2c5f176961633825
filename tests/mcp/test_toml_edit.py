"""One table of a TOML file is set, and every other character stays."""

from __future__ import annotations

import tomllib

import pytest

from llm_service.mcp.toml_edit import CannotEdit, with_toml_table

PATH = ("mcp_servers", "llm-service")
VALUE = {"command": "llm-service", "args": ["mcp"], "env": {"A": 'b"c'}}


def test_the_table_is_added_at_the_end() -> None:
    text = '# mine\nmodel = "o3"  # good\n\n[mcp_servers.other]\ncommand = "x"'
    after = with_toml_table(text, PATH, VALUE)
    assert after.startswith(text)
    assert tomllib.loads(after)["mcp_servers"]["llm-service"] == VALUE
    assert with_toml_table(after, PATH, VALUE) == after


@pytest.mark.parametrize(
    "name", ["mcp_servers.llm-service", '"mcp_servers"."llm-service"', " mcp_servers . llm-service "]
)
def test_the_table_is_replaced_where_it_is(name: str) -> None:
    head, tail = "# first\na = 1\n\n", "\n# of the next\n[zebra]\nb = 2 # two\n"
    text = f'{head}[{name}] # ours\ncommand = "old"\n\n[{name}.env]\nX = "1"\n{tail}'
    after = with_toml_table(text, PATH, VALUE)
    assert after.startswith(head) and after.endswith(tail)
    assert tomllib.loads(after) == {"a": 1, "mcp_servers": {"llm-service": VALUE}, "zebra": {"b": 2}}
    assert "old" not in after


@pytest.mark.parametrize(
    "text",
    [
        "a = ",
        '[mcp_servers]\nllm-service = {command = "x"}\n',
        "mcp_servers = 1\n",
        'text = """\n[mcp_servers.llm-service]\n"""\n',
        '[[mcp_servers]]\nname = "x"\n',
    ],
)
def test_a_form_that_is_not_understood_is_not_changed(text: str) -> None:
    with pytest.raises(CannotEdit):
        with_toml_table(text, PATH, VALUE)


def test_an_empty_file_gets_the_table() -> None:
    assert with_toml_table("", ("a", "b"), {"c": [1], "d": True}) == "[a.b]\nc = [1]\nd = true\n"
