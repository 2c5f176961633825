"""Which paths a claim may mean, and whether it is nothing but a path: `reading_of(text, workspace)`. Pure functions.

A path is searched as it is written, and below the workspace also without what stands before it on another machine: the
start of an absolute path, a home folder, a drive, a variable, the address of a repository, the `a/` and `b/` of a diff.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, product

from ..tasks.claims import PLAIN_PATH
from .texts import KNOWN_NAMES, parts_of, without_marks

_MOST_PATHS, _MOST_ALTERNATIVES, _MOST_TAILS = 100, 40, 6
_PATTERN = re.compile(r"[*?]|\[[^\]/]{1,50}\]")
_BRACES = re.compile(r"\{([^{}]*,[^{}]*)\}")
_SCHEME = re.compile(r"^([a-zA-Z][a-zA-Z0-9+.-]*):/+")
_FILE_SCHEMES = frozenset(("file", "vscode", "vscode-insiders", "cursor", "zed", "windsurf", "idea"))
_BLOB = re.compile(
    r"(?:/(?:blob|tree|raw|blame|edit|src|-/blob|-/tree|-/raw)/|//raw\.githubusercontent\.com/[^/]+/[^/]+/)"
    r"[^/]+/([^?#]+)"
)
_DRIVE = re.compile(r"^(?:[a-zA-Z]:|//)/?")
_VARIABLE = re.compile(r"^(?:\$\w+|\$?\{\{?[^{}/]+\}?\}|%\w+%|<[^<>/]+>|\[[A-Z][\w -]*\])/")
_ABBREVIATED = re.compile(r"^(?:\.\.\.|…)/")
_PREFIXES = frozenset("abciow")
"""`git diff` writes these before paths; `b/src/a.py`."""
_PLACEHOLDER = re.compile(
    r"\$|%\w+%|\{\{|\}\}|[<>]|…|\.\.\.|\bpath/to\b|\byour[-_]|X{3,}|\bxxx+|\bN{3,}\b|#{2,}|YYYY|\bMM-DD\b|\bfoo/bar\b",
    re.IGNORECASE,
)
_PLAIN = re.compile(r"[\w@.+\-*?()\[\]{},~/]+")
_EXTENSION = re.compile(r"\.[^\W\d_][\w-]{0,11}$")
_SUFFIX = re.compile(r"[\w\])}?*-]\.[^\W\d_]\w{0,11}$|\.\{[\w,]+\}$|\.\*$")
_CLEAN_END = re.compile(r"/[\w.-]*\w\.[A-Za-z][A-Za-z0-9]{0,11}$", re.ASCII)
_MODULE = re.compile(r"[^\W\d]\w*(?:\.\w+){2,}")
"""`src.sub.c` may be `src/sub/c.py`."""
_DOMAIN = re.compile(
    r"^(?:[\w-]+\.)+(?:com|org|net|io|dev|ai|co|app|cloud|sh|me|gov|edu|info|eu|de|fr|uk|cn|jp|ch|us|local|localhost)(?::\d+)?$"
)
_ADDRESS = re.compile(r"^(?:[a-zA-Z][a-zA-Z0-9+.-]*://|mailto:|urn:|git@)")
_BRANCHES = frozenset(("feature", "feat", "bugfix", "hotfix", "release", "fix", "chore", "origin", "refs", "copilot",
                       "claude", "codex", "dependabot", "renovate"))  # fmt: skip
_PRODUCTS = frozenset((
    "node.js", "next.js", "vue.js", "nuxt.js", "express.js", "d3.js", "three.js", "chart.js", "react.js", "angular.js",
    "ember.js", "alpine.js", "discord.js", "moment.js", "p5.js", "socket.io", "asp.net", "require.js", "backbone.js",
))  # fmt: skip
_KNOWN_EXTENSIONS = frozenset((
    "adoc", "astro", "avif", "bash", "bat", "bib", "bicep", "bmp", "c", "cc", "cfg", "clj", "cmake", "cmd", "conf",
    "cpp", "cs", "css", "csv", "cts", "cu", "cue", "cxx", "dart", "db", "diff", "docx", "dot", "drawio",
    "editorconfig", "ejs", "elm", "env", "erb", "ex", "exs", "feature", "fish", "fs", "ftl", "gif", "gleam", "go",
    "gql", "gradle", "graphql", "groovy", "h", "hbs", "hcl", "hpp", "hs", "htm", "html", "ico", "in", "ini", "ipynb",
    "j2", "java", "jinja", "jl", "jpeg", "jpg", "js", "json", "json5", "jsonl", "jsx", "kt", "kts", "less", "lock",
    "log", "lua", "m", "make", "map", "md", "mdx", "mjs", "mk", "ml", "mmd", "mp4", "mts", "nim", "nix", "odt", "org",
    "parquet", "patch", "pdf", "php", "pl", "plantuml", "plist", "png", "po", "pptx", "prisma", "properties", "proto",
    "ps1", "puml", "py", "pyi", "pyx", "r", "rb", "rego", "rkt", "robot", "rs", "rst", "sass", "scala", "scss", "sh",
    "sol", "sql", "sqlite", "svelte", "svg", "swift", "tex", "tf", "tfvars", "toml", "ts", "tsv", "tsx", "twig",
    "txt", "typ", "v", "vb", "vue", "wasm", "webp", "xlsx", "xml", "yaml", "yml", "zig", "zsh",
))  # fmt: skip
"""A single word with one of these is a file's name; `example.com`, `v1.2.x` and `e.g` are none."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a claim may mean.

    `paths` are relative to one of several folders, the likeliest first; `files` those that count only if a file is
    there. Of a text with braces `alternatives` has all that it names. `is_path`: it is nothing but a path, so it is
    missing if there is nothing; `in_folder`: only if this folder is known, as it may be something else.
    `reason`: why it cannot be told where nothing is found. `is_outside`: because it lies elsewhere. `plain`: the path
    that all of it is, without marks.
    """

    paths: tuple[str, ...]
    files: tuple[str, ...] = ()
    alternatives: tuple[str, ...] = ()
    is_path: bool = False
    in_folder: str | None = None
    reason: str = ""
    is_outside: bool = False
    plain: str = ""

    @property
    def name(self) -> str | None:
        """The name of the file that it most likely means."""
        likely = next((path for path in (*self.paths, *self.files) if _SUFFIX.search(path)), None)
        return None if likely is None or is_pattern(likely) else likely.rpartition("/")[2]


def is_pattern(path: str) -> bool:
    """True if a path has wildcards."""
    return ("*" in path or "?" in path or "[" in path) and _PATTERN.search(path) is not None


def first_path(text: str) -> str | None:
    """The path with which a text begins that goes on with a remark: most of those that are not only a path."""
    word, space, _ = text.partition(" ")
    return word if space and PLAIN_PATH.fullmatch(word) and _CLEAN_END.search(word) else None


def reading_of(text: str, workspace: str) -> Reading:
    """What a claim may mean; `workspace` is an absolute path."""
    if PLAIN_PATH.fullmatch(text) and _CLEAN_END.search(text) and not _has_prefix(text, workspace):
        return _read_plain(text)
    return _read(text, workspace)


@lru_cache(2_048)
def _read_plain(text: str) -> Reading:
    """Most claims. Few of them are stored, as there may be many: a task's are read for its index, then for its
    evidence."""
    reason = _why_not(text, False)
    return Reading((text,), is_path=not reason and _is_path(text)[0], reason=reason, plain=text)


@lru_cache(4_096)
def _read(text: str, workspace: str) -> Reading:
    parts = parts_of(text)
    core = without_marks(text)
    alternatives = _alternatives(core, workspace)
    paths: dict[str, None] = {}
    files: dict[str, None] = {}
    for part in parts.whole:
        paths.update(dict.fromkeys(_relative(part, workspace)))
    for part in parts.cut:
        files.update(dict.fromkeys(path for path in _relative(part, workspace) if path not in paths))
    for path in list(paths):
        if _MODULE.fullmatch(path):
            files.update(dict.fromkeys(f"{path.replace('.', '/')}{ending}" for ending in (".py", "/__init__.py")))
    is_outside = _is_outside(core, workspace)
    reason = _why_not(core, is_outside)
    is_path, in_folder = (False, None) if reason else _is_path(core)
    return Reading(
        tuple(islice(paths, _MOST_PATHS)),
        tuple(islice(files, _MOST_PATHS)),
        alternatives,
        is_path,
        in_folder,
        reason or ("" if is_path else "it is not only a path, and no file that it names was found"),
        is_outside,
        next(_normal(core), core),
    )


def expanded(path: str) -> list[str]:
    """`src/{a,b}.py` as two paths; one that would become more than 40 stays as it is."""
    pieces, end, number = [], 0, 1
    for hit in _BRACES.finditer(path):
        choices = [choice.strip() for choice in hit[1].split(",")]
        number *= len(choices)
        pieces += [[path[end : hit.start()]], choices]
        end = hit.end()
    if number > _MOST_ALTERNATIVES:
        return [path]
    found = ["".join(choice) for choice in product(*pieces, [path[end:]])]
    return [inner for each in found for inner in (expanded(each) if pieces and _BRACES.search(each) else [each])]


def _alternatives(core: str, workspace: str) -> tuple[str, ...]:
    texts = expanded(core) if "{" in core and '"' not in core else ()
    if len(texts) < 2:
        return ()
    found = [next(_relative(text, workspace), None) for text in texts if " " not in text]
    return tuple(dict.fromkeys(path for path in found if path is not None))


def _relative(part: str, workspace: str) -> Iterator[str]:
    """The paths, relative and without `.` and `..`, that a part may mean, the likeliest first."""
    part = part.strip()
    scheme = _SCHEME.match(part)
    if scheme is not None and len(scheme[1]) > 1:
        if scheme[1].lower() in _FILE_SCHEMES:
            path = "/" + part[scheme.end() :].removeprefix("file/")
            yield from _tails(path.removeprefix(workspace.rstrip("/") + "/"))
        elif blob := _BLOB.search(part):
            yield from _tails(blob[1])
        return
    for known in (part, part.replace("\\", "/")):
        if known.startswith(workspace.rstrip("/") + "/"):
            yield from _normal(known[len(workspace.rstrip("/")) + 1 :])
            return
    yield from _normal(part)
    foreign = _DRIVE.match(part) or _VARIABLE.match(part) or _ABBREVIATED.match(part)
    if foreign is not None:
        yield from _tails(part[foreign.end() :])
    elif part.startswith(("/", "~", "../")):
        yield from _tails(part)
    elif part.startswith("@"):
        yield from _normal(part[1:].lstrip("/"))
        yield from _normal(f"src/{part[1:].lstrip('/')}")
    elif _has_prefix(part.removeprefix("./"), workspace):
        yield from _normal(part.removeprefix("./").partition("/")[2])


def _has_prefix(path: str, workspace: str) -> bool:
    """True if the first name of a path may be no part of it: that of the workspace, or one that a diff adds."""
    first, slash, _ = path.partition("/")
    return bool(slash) and (first in _PREFIXES or first[:1] in "@+" or first == workspace.rpartition("/")[2])


def _tails(path: str) -> Iterator[str]:
    """The path and its ends, of two names at least: what is before them is on another machine."""
    names = [name for name in path.split("/") if name not in ("", ".", "..") and not name.startswith("~")]
    for start in range(max(0, len(names) - 1))[-_MOST_TAILS:]:
        yield "/".join(names[start:])


def _normal(path: str) -> Iterator[str]:
    """The path without empty names, `.` and `..`; nothing if it climbs out or is the folder itself."""
    if "\x00" in path or path.startswith(("~", "//")):
        return
    names: list[str] = []
    for name in path.split("/"):
        if name == "..":
            if not names:
                return
            names.pop()
        elif name.strip() not in ("", "."):
            names.append(name)
    if names:
        yield "/".join(names)


def _is_outside(core: str, workspace: str) -> bool:
    path = core.replace("\\", "/")
    scheme = _SCHEME.match(path)
    if scheme is not None and scheme[1].lower() in _FILE_SCHEMES:
        path = "/" + path[scheme.end() :]
    if " " in path and not path.startswith(("/", "~", "..")):
        return False
    if path.startswith("/"):
        inside = path == workspace or path.startswith(workspace.rstrip("/") + "/")
        return not inside or not any(_normal(path[len(workspace) :].lstrip("/") or "."))
    depth = 0
    for name in path.split("/"):
        depth += -1 if name == ".." else name not in ("", ".")
        if depth < 0:
            return True
    return path.startswith("~") or re.match(r"^[a-zA-Z]:/", path) is not None


def _why_not(core: str, is_outside: bool) -> str:
    """Why a text is not a path of which can be said that it is missing; "" if it may be one."""
    if _ADDRESS.match(core) and not core.startswith("file:"):
        return "it is a URL"
    if is_outside:
        return "it is outside the workspace"
    if _PLACEHOLDER.search(core):
        return "it stands for another path"
    if not core or core in (".", ".."):
        return "it is not a path"
    return "" if _PLAIN.fullmatch(core) else "it is not only a path, and no file that it names was found"


def _is_path(core: str) -> tuple[bool, str | None]:
    """(True if a text of plain names is a path, the folder that has to be known for that)."""
    names = [name for name in core.split("/") if name not in ("", ".")]
    last = names[-1] if names else ""
    is_query = "?" in core and re.search(r"\.\w+\?", core) is not None
    if not last or is_query or names[0].startswith("@") or _DOMAIN.match(names[0]) or last.endswith(".git"):
        return False, None
    if len(names) == 1:
        extension = last.rpartition(".")[2].lower()
        is_file = extension in _KNOWN_EXTENSIONS and "." in last[:-1] and last.lower() not in _PRODUCTS
        is_file = is_file or re.fullmatch(r"\.[a-z][\w.-]+", last) is not None
        return is_file or last in KNOWN_NAMES or is_pattern(last) or core.endswith("/"), None
    if core.endswith("/") or last in KNOWN_NAMES or (_SUFFIX.search(last) and not _is_version(last)):
        return True, None
    if is_pattern(last) or re.fullmatch(r"\.[a-z][\w.-]*", last):
        return True, None
    if re.fullmatch(r"[^\W\d]\w*(?:-\w+)*", last) and names[0] not in _BRANCHES:
        return True, names[0]
    return False, None


def _is_version(name: str) -> bool:
    return re.search(r"\d+\.\d+", name) is not None and not _EXTENSION.search(name)
