"""Scripts of the page in few files: what the first card needs in two, and the imports of all others put right.

A browser needs a round trip for each level of imports, and six connections share forty files: a second at 150 ms. So
the modules that the board is made of are sent as one, each in a function of its own that returns its exports, and the
descriptions of the pages with their list as another. Any other script imports from the first one; an import of one of
its modules by its address gets the same exports from there.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from pathlib import Path

BUNDLE = "first.js"
"""The address of the one file; there is none of that name in the folder."""
ENTRY, PAGES = "app.js", "pages/index.js"
"""What starts the page, and the list that loads pages while it is evaluated: what those import must not wait for it."""
WORKER = "live/worker.js"
FIRST = (ENTRY, PAGES, "pages/board/board-page.js")
_IMPORT = re.compile(r'^import (\{[^}]*\}|\* as \w+) from "([./][^"]+)";$', re.M)
_AWAITED = re.compile(r'^\s*import\("(\.[^"]+)"\),$', re.M)
_AWAITS = re.compile(r"^(?:const .* = )?await ", re.M)
_EXPORT = re.compile(r"^export (?=(?:async function|function|class|const) (\w+))", re.M)
_DEFAULT = re.compile(r"^export default ", re.M)
_OTHER = re.compile(r"^(?:import|export)\b(?!\()", re.M)
_ADDRESS = re.compile(r'\b(import\.meta\.resolve|import)\("(\.[^"]+)"\)')


class Modules:
    """The scripts of a folder by their paths in it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._texts: dict[str, str] = {}
        self.first = [path for path in self._closure(FIRST) if not path.startswith("vendor/")]
        pages = [path for path in self.first if path.endswith("/page.js")]
        self._bundled = [path for path in self.first if path not in (ENTRY, PAGES, *pages)]
        self._listed = [path for path in pages if self._is_plain(path)]

    @property
    def addresses(self) -> list[str]:
        """What has to be loaded for the first card, so that it can be asked for at once."""
        return [BUNDLE, *(path for path in self.first if path not in (ENTRY, *self._bundled, *self._listed))]

    @property
    def addresses_after(self) -> list[str]:
        """What has to be loaded for the events."""
        return [WORKER, *(path for path in self._closure([WORKER]) if path.startswith("vendor/"))]

    def text(self, path: str) -> str:
        """A script as it is sent, with absolute addresses."""
        if path == BUNDLE:
            return self._together(self._bundled) + f"export {{ {', '.join(map(_variable, self._bundled))} }};\n"
        if path == PAGES:
            return self._from_bundle(self._together(self._listed), path, self._listed)
        if path in self._bundled:
            return self._passed_on(path)
        if path.endswith("worker.js"):  # where there are no elements, and so not what the bundle has
            others = [other for other in self._closure([path]) if other != path and not other.startswith("vendor/")]
            return self._together(others) + self._linked(path, others)
        if path.startswith("vendor/"):
            return self._source(path)
        return self._from_bundle("", path, [])

    def _source(self, path: str) -> str:
        if path not in self._texts:
            self._texts[path] = (self._folder / path).read_text(encoding="utf-8")
        return self._texts[path]

    def _is_plain(self, path: str) -> bool:
        """Can it be a function? A page may be written by others, in other ways."""
        text = _DEFAULT.sub("", _EXPORT.sub("", _IMPORT.sub("", self._source(path))))
        return not _OTHER.search(text) and not _AWAITS.search(text)

    def _closure(self, paths: Iterable[str]) -> list[str]:
        """The paths and all that they import, what is imported before what imports it."""
        found: dict[str, None] = {}
        for path in paths:
            self._add(path, found, ())
        return list(found)

    def _add(self, path: str, found: dict[str, None], above: tuple[str, ...]) -> None:
        if path in above:
            raise ValueError(f"{path} imports itself by way of {above[-1]}")
        if path in found:
            return
        if not path.startswith("vendor/"):
            text = self._source(path)
            awaited = _AWAITED.findall(text) if path == PAGES else []
            for address in [match[2] for match in _IMPORT.finditer(text)] + awaited:
                self._add(_resolved(path, address), found, (*above, path))
        found[path] = None

    def _together(self, paths: list[str]) -> str:
        return "".join(self._as_function(path, paths) for path in paths)

    def _as_function(self, path: str, inside: list[str]) -> str:
        text = self._linked(path, inside)
        names = _EXPORT.findall(text)
        if _DEFAULT.search(text):
            names.append("default: $default")
        text = _DEFAULT.sub("const $default = ", _EXPORT.sub("", text))
        return f"const {_variable(path)} = (() => {{\n{text}\nreturn {{ {', '.join(names)} }};\n}})();\n"

    def _linked(self, path: str, inside: list[str]) -> str:
        """A module with its imports of those `inside` the same file, or in the bundle, as constants."""
        constants = inside if path.endswith("worker.js") or path not in self.first else [*inside, *self._bundled]

        def linked(match: re.Match[str]) -> str:
            target = _resolved(path, match[2])
            return _constant(match[1], target) if target in constants else f'import {match[1]} from "/{target}";'

        return self._addressed(path, _IMPORT.sub(linked, self._source(path)), constants)

    def _from_bundle(self, before: str, path: str, inside: list[str]) -> str:
        """A module, with others before it in the same file, and its imports of what is in the bundle from there."""
        constants = [*inside, *self._bundled]
        text = before + self._addressed(
            path, _IMPORT.sub(lambda match: _taken(path, match, constants), self._source(path)), inside
        )
        wanted = [
            variable for variable in map(_variable, self._bundled) if re.search(rf"{re.escape(variable)}\b", text)
        ]
        return _bundle_import(wanted) + text if wanted else text

    def _passed_on(self, path: str) -> str:
        names = _EXPORT.findall(self._source(path))
        variable = _variable(path)
        return _bundle_import([variable]) + f"export const {{ {', '.join(names)} }} = {variable};\n"

    def _addressed(self, path: str, text: str, constants: list[str]) -> str:
        """A text with absolute addresses; what is there already needs none."""

        def absolute(match: re.Match[str]) -> str:
            target = _resolved(path, match[2])
            if target in constants:
                return "null" if match[1] == "import.meta.resolve" else f"Promise.resolve({_variable(target)})"
            return f'"/{target}"' if match[1] == "import.meta.resolve" else f'import("/{target}")'

        return _ADDRESS.sub(absolute, text)


def _taken(path: str, match: re.Match[str], constants: list[str]) -> str:
    target = _resolved(path, match[2])
    return _constant(match[1], target) if target in constants else match[0]


def _bundle_import(variables: list[str]) -> str:
    return f'import {{ {", ".join(dict.fromkeys(variables))} }} from "/{BUNDLE}";\n'


def _constant(names: str, target: str) -> str:
    """`{ a, b as c }` or `* as a` of a module in the same file."""
    pattern = names.removeprefix("* as ") if names.startswith("*") else names.replace(" as ", ": ")
    return f"const {pattern} = {_variable(target)};"


def _variable(path: str) -> str:
    return "$" + re.sub(r"\W", "_", path)


def _resolved(path: str, address: str) -> str:
    """An address in a script as a path in the folder."""
    return (
        address[1:] if address.startswith("/") else posixpath.normpath(posixpath.join(posixpath.dirname(path), address))
    )
