"""What can no longer be seen where a page has not its own colours: with forced colours, and on paper."""

from __future__ import annotations

from kit.at_rest import what_stays
from playwright.sync_api import Page

PAPER_WIDTH = 794
"""That of A4 at 96 dots per inch."""

_COLOURS = """
const channels = (colour) => { // [red, green, blue, alpha] from 0 to 1
  const [, form, inside] = /^(rgba?|color)\\(([^)]+)\\)/.exec(colour) ?? [];
  const numbers = (inside ?? "").replace("srgb", "").split(/[\\s,/]+/).filter(Boolean).map(Number);
  const [red = 0, green = 0, blue = 0] = form === "color" ? numbers : numbers.map((each) => each / 255);
  return [red, green, blue, numbers[3] ?? 1];
};
const isSeen = (one) => one.checkVisibility({ visibilityProperty: true, opacityProperty: true });
const behind = (one) => {
  for (let box = one.parentElement; box; box = box.parentElement) {
    const { backgroundColor } = getComputedStyle(box);
    if (channels(backgroundColor)[3] > 0) return backgroundColor;
  }
  return "rgb(255, 255, 255)";
};
"""
# Dots, bars and squares: they have no text, and nothing but a background.
_FIND_SHAPES = f"""() => {{ {_COLOURS}
  window.shapes = [...document.body.querySelectorAll(":empty:not(svg *, canvas, input)")].filter((one) => {{
    const {{ width, height }} = one.getBoundingClientRect();
    const {{ backgroundColor }} = getComputedStyle(one);
    if (width < 2 || height < 2 || !isSeen(one)) return false;
    return channels(backgroundColor)[3] > 0 && backgroundColor !== behind(one);
  }});
}}"""
_LOST_SHAPES = f"""() => {{ {_COLOURS}
  const isLost = (one) => {{
    const style = getComputedStyle(one);
    const ground = behind(one);
    const hasEdge = ["Top", "Right", "Bottom", "Left"].some((side) => parseFloat(style[`border${{side}}Width`]) > 0
      && style[`border${{side}}Style`] !== "none" && style[`border${{side}}Color`] !== ground);
    return style.backgroundColor === ground && !hasEdge && style.outlineStyle === "none" && style.boxShadow === "none";
  }};
  return window.shapes.filter((one) => one.isConnected && isSeen(one) && isLost(one))
    .slice(0, 3).map((one) => `${{one.parentElement.outerHTML.slice(0, 60)}} > ${{one.outerHTML.slice(0, 90)}}`);
}}"""
# Light text, cut text, and what is wider than the paper. Rows of virtual lists have their places by numbers, and cards
# of the board are as tall as they are on the screen.
_LOST_ON_PAPER = f"""() => {{ {_COLOURS}
  const contrast = (colour) => {{
    const alpha = channels(colour)[3];
    const [red, green, blue] = channels(colour).slice(0, 3).map((each) => each * alpha + 1 - alpha)
      .map((each) => (each <= 0.03928 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4));
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05);
  }};
  const cuts = ({{ overflowX, overflowY }}, box) => (overflowY !== "visible" && box.scrollHeight > box.clientHeight + 2)
    || (overflowX !== "visible" && box.scrollWidth > box.clientWidth + 2);
  const found = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text; (text = texts.nextNode()); ) {{
    const one = text.parentElement;
    if (!text.data.trim() || !isSeen(one) || one.closest(".off-screen, svg, script, style, noscript")) continue;
    const {{ color, printColorAdjust }} = getComputedStyle(one);
    const isPale = contrast(color) < 3 && printColorAdjust !== "exact";
    if (isPale) found.push(`pale: ${{one.outerHTML.slice(0, 99)}}`);
    if (one.closest('[style*="height"], task-card')) continue;
    for (let box = one; box !== document.body; box = box.parentElement)
      if (box.clientHeight > 0 && cuts(getComputedStyle(box), box)) found.push(`cut: ${{box.outerHTML.slice(0, 99)}}`);
  }}
  const {{ scrollWidth, clientWidth }} = document.documentElement;
  if (scrollWidth > clientWidth + 1) found.push(`wide: ${{scrollWidth}} > ${{clientWidth}}`);
  return [...new Set(found)].slice(0, 5);
}}"""


def lost_shapes(page: Page) -> list[str]:
    """Dots and bars that forced colours make invisible. Leaves the page with its own colours."""
    page.evaluate(_FIND_SHAPES)
    page.emulate_media(forced_colors="active")
    lost = what_stays(lambda: page.evaluate(_LOST_SHAPES))
    page.emulate_media(forced_colors="none")
    return lost


def lost_on_paper(page: Page, there: str) -> list[str]:
    """What paper does not show of a page in the dark theme: `there` itself, pale text, text that is cut, what does not
    fit the width. Leaves the page on the screen, in the light theme and as wide as paper."""
    page.set_viewport_size({"width": PAPER_WIDTH, "height": 1123})
    page.emulate_media(media="print", color_scheme="dark")
    lost = what_stays(lambda: page.evaluate(_LOST_ON_PAPER))
    if not any(one.is_visible() for one in page.locator(there).all()):
        lost.append(f"missing: {there}")
    page.emulate_media(media="screen", color_scheme="light")
    return lost
