"""What is sent about needs: one message for several, nothing that programs for chat would act on, quiet hours."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from llm_service.needs_you.messages import Item, harmless, kind_of_need, message_of, seconds_of_quiet
from llm_service.needs_you.settings import quiet_minutes


def item(number: int = 1, kind: str = "needs", title: str = "", text: str | None = None) -> Item:
    """Something to report."""
    return Item(id=str(number), kind=kind, title=title or f"thing {number}", text=text, href="#/needs-you")


def test_several_things_are_one_message() -> None:
    text, fields = message_of([item(1, text="may I?"), item(2, "done"), item(3, "failed")], is_late=False)
    assert text.split("\n") == ["2 need you, 1 done", "• thing 1: may I?", "• thing 2", "• thing 3"]
    assert fields["count"] == 3
    assert [one["kind"] for one in fields["items"]] == ["needs", "done", "failed"]


def test_of_many_the_first_ones_are_named() -> None:
    text, fields = message_of([item(number) for number in range(25)], is_late=True)
    assert text.startswith("In the quiet hours: 25 need you\n")
    assert text.endswith("… and 15 more")
    assert len(fields["items"]) == 10


@pytest.mark.parametrize(
    "hostile",
    [
        "<!channel> hello",
        "@everyone",
        "<https://evil.example|click>",
        "see https://evil.example/x",
        "`a`\n> b",
        "\u202e",
    ],
)
def test_texts_of_agents_mean_nothing_to_programs_for_chat(hostile: str) -> None:
    text, fields = message_of([item(title=hostile, text=hostile)], is_late=False)
    for shown in (text.removeprefix("1 needs you\n"), fields["items"][0]["title"], fields["items"][0]["text"]):
        assert not set(shown) & set("<>@`\u202e")
        assert "://" not in shown
        assert "\n" not in shown


def test_a_long_text_is_cut() -> None:
    assert harmless("x" * 1_000, 50) == "x" * 49 + "…"


def test_quiet_hours_may_go_over_midnight() -> None:
    def left(time: str, hours: str) -> float:
        hour, minute = map(int, time.split(":"))
        return seconds_of_quiet(datetime(2026, 3, 10, hour, minute, tzinfo=UTC), quiet_minutes(hours))

    assert left("23:30", "22:00-07:00") == 7.5 * 3600
    assert left("06:59", "22:00-07:00") == 60
    assert left("07:00", "22:00-07:00") == 0
    assert left("21:59", "22:00-07:00") == 0
    assert left("12:30", "12:00-13:00") == 1800
    assert left("13:00", "12:00-13:00") == 0
    assert seconds_of_quiet(datetime(2026, 3, 10, tzinfo=UTC), None) == 0


@pytest.mark.parametrize("text", ["", "22-7", "24:00-07:00", "22:00-22:00", "22:60-07:00", "22:00"])
def test_what_are_no_hours_is_refused(text: str) -> None:
    assert quiet_minutes(text) is None


def test_budgets_are_not_reported_twice() -> None:
    assert kind_of_need("budget") is None
    assert [kind_of_need(kind) for kind in ("permission", "question", "broken", "failed", "stale")] == [
        "needs", "needs", "needs", "failed", "stale",
    ]  # fmt: skip
