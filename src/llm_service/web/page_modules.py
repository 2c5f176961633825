"""Scripts of the page in few files: what the first card needs in two, and the imports of all others put right.

A browser needs a round trip for each level of imports, and six connections share forty files: a second at 150 ms. So
the modules that the board is made of are sent as one, each in a function of its own that returns its exports, and the
descriptions of the pages with their list as another; what “Now”, the first page, has besides the board is a third. Any
other script imports from these; an import of one of their modules by its address gets the same exports from there.
Comments on lines of their own are left out of these files.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from pathlib import Path

BUNDLE = "first.js"
NOW = "now.js"
"""The addresses of the files; there are none of these names in the folder."""
ENTRY, PAGES = "app.js", "pages/index.js"
"""What starts the page, and the list that loads pages while it is evaluated: what those import must not wait for it."""
WORKER = "live/worker.js"
FIRST = (ENTRY, PAGES, "pages/board/board-page.js")
FIRST_PAGE = ("pages/now/now-page.js", "stores/needs.js")
_IMPORT = re.compile(r'^import (\{[^}]*\}|\* as \w+) from "([./][^"]+)";$', re.M)
_AWAITED = re.compile(r'^\s*import\("(\.[^"]+)"\),$', re.M)
_AWAITS = re.compile(r"^(?:const .* = )?await ", re.M)
_EXPORT = re.compile(r"^export (?=(?:async function|function|class|const) (\w+))", re.M)
_DEFAULT = re.compile(r"^export default ", re.M)
_OTHER = re.compile(r"^(?:import|export)\b(?!\()", re.M)
_COMMENT = re.compile(r"^[ \t]*/\*\*(?:(?!\*/).)*\*/[ \t]*\n", re.M | re.S)
"""A comment on lines of its own: a fifth of what the board needs."""
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
        self._now = [
            path for path in self._closure(FIRST_PAGE) if path not in self.first and not path.startswith("vendor/")
        ]

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
        if path == NOW:
            text = self._together(self._now) + f"export {{ {', '.join(map(_variable, self._now))} }};\n"
            return self._imported(BUNDLE, self._bundled, text) + text
        if path == PAGES:
            return self._from_bundle(self._together(self._listed), path, self._listed)
        if path in self._bundled or path in self._now:
            return self._passed_on(path, BUNDLE if path in self._bundled else NOW)
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
        text = _COMMENT.sub("", self._linked(path, inside))
        names = _EXPORT.findall(text)
        if _DEFAULT.search(text):
            names.append("default: $default")
        text = _DEFAULT.sub("const $default = ", _EXPORT.sub("", text))
        return f"const {_variable(path)} = (() => {{\n{text}\nreturn {{ {', '.join(names)} }};\n}})();\n"

    def _linked(self, path: str, inside: list[str]) -> str:
        """A module with its imports of those `inside` the same file, or in the bundle, as constants."""
        is_own = path in self.first or path in self._now
        constants = inside if path.endswith("worker.js") or not is_own else [*inside, *self._bundled]

        def linked(match: re.Match[str]) -> str:
            target = _resolved(path, match[2])
            return _constant(match[1], target) if target in constants else f'import {match[1]} from "/{target}";'

        return self._addressed(path, _IMPORT.sub(linked, self._source(path)), constants)

    def _from_bundle(self, before: str, path: str, inside: list[str]) -> str:
        """A module, with others before it in the same file, and its imports of what is in the bundles from there."""
        constants = [*inside, *self._bundled, *self._now]
        text = before + self._addressed(
            path, _IMPORT.sub(lambda match: _taken(path, match, constants), self._source(path)), inside
        )
        return self._imported(BUNDLE, self._bundled, text) + self._imported(NOW, self._now, text) + text

    @staticmethod
    def _imported(bundle: str, paths: list[str], text: str) -> str:
        """The import of those of the modules in a bundle that a text needs at once."""
        used = [(_variable(path), re.escape(_variable(path))) for path in paths]
        wanted = [name for name, text_of in used if re.search(rf"(?:= {text_of};$|\({text_of}\))", text, re.M)]
        return _bundle_import(bundle, wanted) if wanted else ""

    def _passed_on(self, path: str, bundle: str) -> str:
        names = _EXPORT.findall(self._source(path))
        variable = _variable(path)
        return _bundle_import(bundle, [variable]) + f"export const {{ {', '.join(names)} }} = {variable};\n"

    def _addressed(self, path: str, text: str, constants: list[str]) -> str:
        """A text with absolute addresses; what is there already needs none."""

        def absolute(match: re.Match[str]) -> str:
            target = _resolved(path, match[2])
            if target in constants:
                return "null" if match[1] == "import.meta.resolve" else f"Promise.resolve({_variable(target)})"
            if target in self._now:  # it need not have come yet
                is_address = match[1] == "import.meta.resolve"
                return f'"/{NOW}"' if is_address else f'import("/{NOW}").then((all) => all.{_variable(target)})'
            return f'"/{target}"' if match[1] == "import.meta.resolve" else f'import("/{target}")'

        return _ADDRESS.sub(absolute, text)


def _taken(path: str, match: re.Match[str], constants: list[str]) -> str:
    target = _resolved(path, match[2])
    return _constant(match[1], target) if target in constants else match[0]


def _bundle_import(bundle: str, variables: list[str]) -> str:
    return f'import {{ {", ".join(dict.fromkeys(variables))} }} from "/{bundle}";\n'


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
