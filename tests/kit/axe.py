"""What axe-core finds on a page, in both themes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

_AT_REST = """() => Promise.all(
    document.getAnimations()
        .filter((animation) => animation.effect.getComputedTiming().endTime !== Infinity)
        .map((animation) => animation.finished.catch(() => {})),
)"""
_SCRIPT = Path(__file__).parents[1] / "browser/vendor/axe-core/axe.min.js"


def serious(page: Page) -> list[tuple[str, str, list[str]]]:
    """Serious and critical findings as (theme, rule, elements): of all rules in the light theme, and in the dark one of
    those about colours, the only thing in which a theme differs. Needs a page with `bypass_csp`; leaves it dark."""
    page.evaluate(_SCRIPT.read_text())
    found = []
    for theme, options in (
        ("light", {}),
        ("dark", {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}),
    ):
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        page.evaluate(_AT_REST)
        result: dict[str, Any] = page.evaluate(
            "options => axe.run(document, options)", {"resultTypes": ["violations"], **options}
        )
        found += [
            (theme, one["id"], [node["html"][:150] for node in one["nodes"][:3]])
            for one in result["violations"]
            if one["impact"] in ("serious", "critical")
        ]
    return found
