"""Every language that a file can have has a grammar on the page, so that it gets its colours."""

from __future__ import annotations

import json
import re

from kit.paths import ROOT

from llm_service.artifacts.contents import languages

LIBRARY = {
    "bash", "c", "cpp", "csharp", "css", "diff", "go", "graphql", "ini", "java", "javascript", "json", "kotlin", "less",
    "lua", "makefile", "markdown", "objectivec", "perl", "php", "plaintext", "python", "r", "ruby", "rust", "scss",
    "shell", "sql", "swift", "typescript", "vbnet", "wasm", "xml", "yaml",
}  # fmt: skip
"""What `hljs.listLanguages()` gives in the library that is vendored, 11.12.0."""


def test_every_language_has_a_grammar() -> None:
    entries = json.loads((ROOT / "static/vendor/manifest.json").read_text(encoding="utf-8"))["files"]
    files = {entry["file"] for entry in entries}
    worker = (ROOT / "static/lib/highlight-worker.js").read_text(encoding="utf-8")
    others = dict(re.findall(r'(\w+): "/vendor/([^"]+)"', worker))
    used = {kind[1] for kind in (*languages._BY_ENDING.values(), *languages._BY_NAME.values()) if kind[1]}
    for language in used - LIBRARY:
        file = others.get(language, f"@highlightjs/cdn-assets/{language}.min.js")
        assert file in files, language
        assert language in others or re.search(rf"\b{language}\b", worker), language


def test_no_ending_is_of_two_kinds() -> None:
    endings = [ending for value in languages._LANGUAGES.values() for ending in value.split()]
    assert len(endings) == len(set(endings))
