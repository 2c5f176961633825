"""The page's stylesheets take spaces, sizes of type, corners and colours from styles/tokens.css, from nowhere else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

STATIC = Path(__file__).parents[1] / "static"
TOKENS = STATIC / "styles/tokens.css"
SHEETS = sorted(path for path in STATIC.rglob("*.css") if "vendor" not in path.parts and path != TOKENS)
CALCULATED = {"task-card.css", "marks.css"}
"""Of these pages/board/card-facts.js knows every pixel, since it has to say how high a card is before it is drawn."""

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_DECLARATION = re.compile(r"(?<![\w-])([a-z-]+)\s*:\s*([^;{}]+);")
_SPACE = re.compile(r"(?:padding|margin|gap|row-gap|column-gap|scroll-padding|scroll-margin)(?:-[a-z]+)*")
_PIXELS = re.compile(r"(?<![\w.-])-?(\d+(?:\.\d+)?)px")
_COLOUR = re.compile(r"#[0-9a-f]{3,8}\b|(?<![\w-])(?:rgb|hsl|oklch|lab)a?\(", re.IGNORECASE)
_SIZE = re.compile(r"var\(--size-\d\)|inherit|0|1?em|[\d.]+em")
_CORNER = re.compile(r"var\(--radius-\w+\)|50%|0|inherit|[1-3]px")


def declarations(text: str) -> Iterator[tuple[str, str]]:
    """Properties with their values."""
    return ((name, value.strip()) for name, value in _DECLARATION.findall(_COMMENT.sub("", text)))


def off_scale(text: str, is_calculated: bool = False) -> list[str]:
    """Declarations that have a value of their own where there is one for all."""
    found = []
    for name, value in declarations(text):
        if name.startswith("--"):
            continue
        plain = value.removesuffix("!important").strip()
        is_root = (name, plain) == ("font-size", "16px")  # what a rem is
        if (
            (
                not is_calculated
                and _SPACE.fullmatch(name)
                and any(2 <= float(px) <= 24 for px in _PIXELS.findall(plain))
            )
            or (name == "font-size" and not is_root and not _SIZE.fullmatch(plain))
            or (name == "border-radius" and not all(map(_CORNER.fullmatch, plain.split())))
            or _COLOUR.search(plain)
        ):
            found.append(f"{name}: {value}")
    return found


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.relative_to(STATIC).as_posix())
def test_a_stylesheet_takes_its_values_from_the_tokens(sheet: Path) -> None:
    assert off_scale(sheet.read_text(), sheet.name in CALCULATED) == []


@pytest.mark.parametrize(
    "line",
    ["padding: 3px 1px;", "margin: 0 -8px;", "gap: calc(1ch + 6px);", "font-size: 13px;", "font-size: 1.2rem;",
     "border-radius: 8px;", "color: #fff;", "background: rgb(0 0 0 / 0.4);"],
)  # fmt: skip
def test_a_value_of_its_own_is_found(line: str) -> None:
    assert off_scale(f"a {{ {line} }}") == [line[:-1]]


def test_every_variable_that_is_used_is_set_somewhere() -> None:
    scripts = "".join(path.read_text() for path in STATIC.rglob("*.js") if "vendor" not in path.parts)
    sheets = "".join(path.read_text() for path in [TOKENS, *SHEETS])
    used = set(re.findall(r"var\((--[\w-]+)\)", sheets))  # with a second value it may be missing
    unset = {name for name in used if not re.search(rf"{name}\s*:", sheets) and name not in scripts}
    assert unset == set()


_SELECTOR = re.compile(r"([^{};]+)\{")
_CLASS = re.compile(r"\.([a-zA-Z][\w-]*)")
_ATTRIBUTE = re.compile(r"\[(data-[\w-]+)")
_OF_A_LIBRARY = re.compile(r"hljs-.*|class_|escape_|function_|inherited__")
"""What highlight.js writes into the code that it colours."""


def selected(sheets: str) -> set[str]:
    """Classes and `data-` attributes that the rules of stylesheets name."""
    found: set[str] = set()
    for selector in _SELECTOR.findall(_COMMENT.sub("", sheets)):
        if not selector.lstrip().startswith("@"):
            found |= {*_CLASS.findall(selector), *_ATTRIBUTE.findall(selector)}
    return {name for name in found if not _OF_A_LIBRARY.fullmatch(name)}


def unused(names: set[str], scripts: str) -> set[str]:
    """Those that no script writes: as they are, as a key of `dataset`, or as a beginning with a name put behind it
    (`c-${name}`), which is a word of the scripts too."""
    words = set(re.findall(r"[\w-]+", scripts))
    beginnings = set(re.findall(r"([\w-]*-)\$\{", scripts))

    def is_written(name: str) -> bool:
        key = re.sub(r"-(\w)", lambda found: found[1].upper(), name.removeprefix("data-"))
        if name in words or (name.startswith("data-") and key in words):
            return True
        return any(name.startswith(begin) and name.removeprefix(begin) in words for begin in beginnings)

    return {name for name in names if not is_written(name)}


def test_every_class_and_attribute_of_the_stylesheets_is_written_by_a_script() -> None:
    pages = [path for path in STATIC.rglob("*") if path.suffix in (".js", ".html") and "vendor" not in path.parts]
    scripts = "".join(path.read_text() for path in pages)
    assert unused(selected("".join(path.read_text() for path in [TOKENS, *SHEETS])), scripts) == set()


def test_a_selector_that_nothing_uses_is_found() -> None:
    sheet = "a { .here, .c-at, .c-gone, .gone:hover { x: y } [data-is-on] .x { x: y } [data-off] { x: y } }"
    scripts = 'class="here x c-${name}"; ["at"]; dataset.isOn'
    assert unused(selected(sheet), scripts) == {"c-gone", "gone", "data-off"}
