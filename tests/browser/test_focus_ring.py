"""What has the focus can be seen to have it: its ring is nowhere cut off."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from kit.at_rest import what_stays
from kit.live import Live
from playwright.sync_api import Page, expect

Open = Callable[..., Page]
# Every focusable element that is shown, with the ancestor that cuts off a part of its ring.
CUT_OFF = """() => {
  const found = [];
  for (const one of document.querySelectorAll("a[href], button, input, select, summary, [tabindex]")) {
    if (one.tabIndex < 0 && !one.matches("[data-focus]")) continue;
    if (one.disabled || !one.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    one.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
    one.focus({ focusVisible: true, preventScroll: true });
    if (document.activeElement !== one) continue;
    const ring = one.matches("task-card *") && one.matches("[data-focus]") ? one.closest("task-card") : one;
    const { outlineStyle, outlineWidth, outlineOffset } = getComputedStyle(ring);
    if (outlineStyle === "none") {
      found.push(`${one.outerHTML.slice(0, 80)}: no ring`);
      continue;
    }
    const reach = parseFloat(outlineWidth) + parseFloat(outlineOffset);
    const box = ring.getBoundingClientRect();
    if (box.width < 2 || box.height < 2) continue;
    for (let over = ring.parentElement; over && over !== document.body; over = over.parentElement) {
      const { overflowX, overflowY } = getComputedStyle(over);
      const clip = over.getBoundingClientRect();
      const [left, top] = [clip.left + over.clientLeft, clip.top + over.clientTop];
      const sides = [
        overflowX !== "visible" && left - (box.left - reach) > 0.6,
        overflowX !== "visible" && box.right + reach - (left + over.clientWidth) > 0.6,
        overflowY !== "visible" && top - (box.top - reach) > 0.6,
        overflowY !== "visible" && box.bottom + reach - (top + over.clientHeight) > 0.6,
      ];
      const place = `${one.outerHTML.slice(0, 80)} in ${over.outerHTML.slice(0, 60)}`;
      if (sides.some(Boolean)) found.push(`${place}: ${sides}, ${reach} px`);
    }
  }
  return found;
}"""


@pytest.fixture
def busy(live: Live) -> Live:
    """Cards with links in them, agents, calls."""
    for name in ("t1", "t2", "t3"):
        live.write(f"inbox/{name}.yaml", title=f"Task {name}")
    live.write("inbox/copy.yaml", id="t1", title="The copy")
    live.write("assigned/ada/t5.yaml", status="in_progress", tags="[one, two]")
    live.write("done/ada/t6.yaml")
    live.sync()
    call: dict[str, Any] = {"model_name": "m", "agent_name": "ada", "cost_usd": 1.5, "prompt_tokens": 10}
    body = [call | {"timestamp": datetime.now(UTC).isoformat(), "completion_tokens": 1, "task_id": "t5"}]
    assert requests.post(f"{live.url}/api/telemetry", json=body, timeout=60).json()["accepted"] == 1
    return live


SEEN = {
    "board": "task-card", "tasks/t5": "task-detail h2", "board?group=agent": ".group-head",
    "now": "agent-list tbody tr", "costs": "calls-table tbody tr",
}  # fmt: skip
LATER = ("model-table", "week-map", "cache-use", "done-tasks")
"""Parts of the page of costs: each is loaded when it comes near."""


def test_no_ring_is_cut_off(busy: Live, open_page: Open) -> None:
    page = open_page(f"{busy.url}/#/board")
    cut_off: list[str] = []
    for address, seen in SEEN.items():
        page.evaluate("address => { location.hash = address }", f"/{address}")
        expect(page.locator(seen).locator("visible=true").first).to_be_visible()
        for tag in LATER if address == "costs" else ():
            page.locator(tag).scroll_into_view_if_needed()
            expect(page.locator(f"{tag}:not([data-waits]) .panel")).to_be_visible()
        for width in (390, 1440):
            page.set_viewport_size({"width": width, "height": 900})
            expect(page.locator(seen).locator("visible=true").first).to_be_visible()
            cut_off += [f"{address}, {width} px: {one}" for one in what_stays(lambda: page.evaluate(CUT_OFF))]
    assert cut_off == [], "\n".join(cut_off)
