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
