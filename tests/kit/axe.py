"""What axe-core finds on a page, in both themes and in forced colours."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

Finding = tuple[str, str, list[str]]
"""Theme, rule, the first elements."""

# Transitions to the colours of another theme begin with the next frame.
_AT_REST = """async () => {
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    await Promise.all(
        document.getAnimations()
            .filter((animation) => animation.effect.getComputedTiming().endTime !== Infinity)
            .map((animation) => animation.finished.catch(() => {})),
    );
}"""
_SCRIPT = Path(__file__).parents[1] / "browser/vendor/axe-core/axe.min.js"
_COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
_THEMES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("light", {"color_scheme": "light"}, {}),
    ("dark", {"color_scheme": "dark"}, _COLOURS),
]
_FORCED = ("forced", {"color_scheme": "light", "forced_colors": "active"}, _COLOURS)


def serious(page: Page) -> list[Finding]:
    """Serious and critical findings: of all rules in the light theme, and in the dark one of those about colours, the
    only thing in which a theme differs. Needs a page with `bypass_csp`; leaves it dark."""
    return _findings(page, _THEMES, ("serious", "critical"))


def findings(page: Page, is_light_only: bool = False) -> list[Finding]:
    """All findings, also minor ones: of all rules in the light theme, and unless it is enough of those about colours in
    the dark one and with forced colours. Needs a page with `bypass_csp`; leaves it light."""
    found = _findings(page, _THEMES[:1] if is_light_only else [*_THEMES, _FORCED])
    page.emulate_media(color_scheme="light", forced_colors="none")
    return found


def _findings(
    page: Page, themes: list[tuple[str, dict[str, Any], dict[str, Any]]], impacts: tuple[str, ...] = ()
) -> list[Finding]:
    if not page.evaluate("'axe' in window"):
        page.evaluate(_SCRIPT.read_text())
    found = []
    for theme, media, options in themes:
        page.emulate_media(**media)
        page.evaluate(_AT_REST)
        result: dict[str, Any] = page.evaluate(
            "options => axe.run(document, options)", {"resultTypes": ["violations"], **options}
        )
        found += [
            (theme, one["id"], [node["html"][:150] for node in one["nodes"][:3]])
            for one in result["violations"]
            if not impacts or one["impact"] in impacts
        ]
    return found
