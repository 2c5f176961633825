"""`llm-service logs parse`."""

import json

from click.testing import CliRunner

from llm_service.cli.main import cli

LOG = b"INFO started\nDEBUG cache hit\nERROR it failed, token=Zx81kLmN0pQrStUv\n/speckit.plan\nlast \xff"


def run(*options: str) -> str:
    result = CliRunner().invoke(cli, ["logs", "parse", *options], input=LOG)
    assert result.exit_code == 0
    return result.stdout


def test_lines_are_printed_parsed_and_redacted() -> None:
    assert run().splitlines() == [
        "     1   started",
        "     2 · cache hit",
        "     3 ✗ it failed, token=[redacted:secret]",
        "     4   ── plan ── /speckit.plan",
        "     5   last \ufffd",
    ]


def test_the_user_view_and_levels_select_lines() -> None:
    assert [line.split()[0] for line in run("--view", "user").splitlines()] == ["1", "3", "4", "5"]
    assert [line.split()[0] for line in run("--level", "error").splitlines()] == ["3"]


def test_json_has_all_that_is_known() -> None:
    line = json.loads(run("--json", "--level", "warning"))
    assert (line["seq"], line["level"], line["message"]) == (3, "error", "it failed, token=[redacted:secret]")
    assert {"time", "phase", "raw", "spans", "is_shown", "is_folded", "facts"} <= line.keys()


def test_of_a_line_that_is_too_long_only_the_beginning_is_held() -> None:
    long = b"x" * 3_000_000
    log = b"first\n" + long + b" end\nsecond\n" + long + b"\n\nlast"
    result = CliRunner().invoke(cli, ["logs", "parse", "--json"], input=log)
    lines = [json.loads(line)["message"] for line in result.stdout.splitlines()]
    assert [line[:8] for line in lines] == ["first", "xxxxxxxx", "second", "xxxxxxxx", "", "last"]
    assert lines[1] == lines[3]
    assert lines[1].startswith("x" * 65_536 + " … (cut")


def test_what_hides_or_reverses_text_is_not_printed_as_it_is() -> None:
    result = CliRunner().invoke(cli, ["logs", "parse"], input="a\u202e b\n".encode())
    assert "\u202e" not in result.stdout
