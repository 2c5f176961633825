"""What a file is, by its name: type and language. Languages are named as highlight.js names them."""

from __future__ import annotations

TYPES = ("documentation", "code", "data", "image", "other")
_DOCUMENTATION, _CODE, _DATA, _IMAGE, OTHER = range(len(TYPES))

_LANGUAGES: dict[str, str] = {
    "python": "py pyi pyw", "javascript": "js mjs cjs jsx", "typescript": "ts mts cts tsx", "java": "java",
    "kotlin": "kt kts", "go": "go", "rust": "rs", "c": "c h", "cpp": "cc cpp cxx hh hpp hxx", "csharp": "cs",
    "swift": "swift", "objectivec": "m mm", "ruby": "rb rake gemspec", "php": "php", "perl": "pl pm", "lua": "lua",
    "r": "r", "julia": "jl", "scala": "scala sc", "clojure": "clj cljs edn", "elixir": "ex exs", "erlang": "erl hrl",
    "haskell": "hs", "ocaml": "ml mli", "fsharp": "fs fsx", "dart": "dart", "groovy": "groovy gradle",
    "powershell": "ps1 psm1", "bash": "sh bash zsh fish", "dos": "bat cmd", "sql": "sql", "css": "css", "scss": "scss",
    "less": "less", "xml": "vue svelte xsl xslt", "handlebars": "hbs handlebars", "twig": "twig j2 jinja jinja2",
    "graphql": "graphql gql", "protobuf": "proto", "cmake": "cmake", "makefile": "mk mak", "nix": "nix", "vim": "vim",
    "latex": "tex sty cls", "x86asm": "asm s", "wasm": "wat", "diff": "diff patch", "awk": "awk", "tcl": "tcl",
    "verilog": "v sv", "vhdl": "vhd vhdl", "haxe": "hx", "elm": "elm", "zig": "zig", "nim": "nim", "d": "d",
    "terraform": "tf tfvars", "dockerfile": "dockerfile", "applescript": "applescript", "coffeescript": "coffee",
}  # fmt: skip
_DATA_LANGUAGES: dict[str, str | None] = {
    "json": "json", "jsonl": "json", "ndjson": "json", "json5": "json", "geojson": "json", "ipynb": "json",
    "yaml": "yaml", "yml": "yaml", "toml": "ini", "ini": "ini", "cfg": "ini", "conf": "ini", "env": "ini",
    "properties": "properties", "xml": "xml", "lock": None, "csv": None, "tsv": None, "log": None, "parquet": None,
    "db": None, "sqlite": None, "sqlite3": None, "npy": None, "npz": None, "pkl": None, "xls": None, "xlsx": None,
    "ods": None, "avro": None, "arrow": None, "feather": None, "h5": None, "hdf5": None, "rdf": "xml", "plist": "xml",
    "po": None, "ics": None, "har": "json", "map": "json",
}  # fmt: skip
_DOCUMENT_LANGUAGES: dict[str, str | None] = {
    "md": "markdown", "markdown": "markdown", "mdx": "markdown", "rst": None, "adoc": "asciidoc",
    "asciidoc": "asciidoc", "txt": "plaintext", "text": "plaintext", "pdf": None, "org": None, "rtf": None,
    "doc": None, "docx": None, "odt": None, "epub": None, "textile": None,
}  # fmt: skip
_IMAGES = "png jpg jpeg jfif gif webp bmp ico avif tif tiff heic"

_BY_NAME: dict[str, tuple[int, str | None]] = {
    "makefile": (_CODE, "makefile"), "gnumakefile": (_CODE, "makefile"), "dockerfile": (_CODE, "dockerfile"),
    "containerfile": (_CODE, "dockerfile"), "jenkinsfile": (_CODE, "groovy"), "rakefile": (_CODE, "ruby"),
    "gemfile": (_CODE, "ruby"), "vagrantfile": (_CODE, "ruby"), "procfile": (_CODE, "yaml"),
    "cmakelists.txt": (_CODE, "cmake"), "requirements.txt": (_CODE, "plaintext"), "package.json": (_CODE, "json"),
    "tsconfig.json": (_CODE, "json"), "jsconfig.json": (_CODE, "json"), "composer.json": (_CODE, "json"),
    "pyproject.toml": (_CODE, "ini"), "setup.cfg": (_CODE, "ini"), "tox.ini": (_CODE, "ini"),
    "cargo.toml": (_CODE, "ini"), "go.mod": (_CODE, "go"), "go.sum": (_DATA, None), "pom.xml": (_CODE, "xml"),
    "docker-compose.yml": (_CODE, "yaml"), "docker-compose.yaml": (_CODE, "yaml"), "compose.yaml": (_CODE, "yaml"),
    ".gitlab-ci.yml": (_CODE, "yaml"), ".gitignore": (_CODE, "plaintext"), ".dockerignore": (_CODE, "plaintext"),
    ".gitattributes": (_CODE, "plaintext"), ".editorconfig": (_CODE, "ini"), ".env": (_DATA, "ini"),
    "license": (_DOCUMENTATION, "plaintext"), "licence": (_DOCUMENTATION, "plaintext"),
    "copying": (_DOCUMENTATION, "plaintext"), "readme": (_DOCUMENTATION, "plaintext"),
    "changelog": (_DOCUMENTATION, "plaintext"), "authors": (_DOCUMENTATION, "plaintext"),
    "notice": (_DOCUMENTATION, "plaintext"), "contributing": (_DOCUMENTATION, "plaintext"),
}  # fmt: skip
_BY_ENDING: dict[str, tuple[int, str | None]] = {
    **{ending: (_CODE, language) for language, endings in _LANGUAGES.items() for ending in endings.split()},
    **{ending: (_DATA, language) for ending, language in _DATA_LANGUAGES.items()},
    **{ending: (_DOCUMENTATION, language) for ending, language in _DOCUMENT_LANGUAGES.items()},
    **dict.fromkeys(_IMAGES.split(), (_IMAGE, None)),
    "svg": (_IMAGE, "xml"),
    "html": (_CODE, "xml"),
    "htm": (_CODE, "xml"),
    "xhtml": (_CODE, "xml"),
}
_PAGES = ("html", "htm", "xhtml")
_DOCUMENT_FOLDERS = frozenset({"doc", "docs", "documentation", "manual"})
_UNKNOWN: tuple[int, str | None] = (OTHER, None)

_WORKFLOW = {"spec.md": "spec", "plan.md": "plan", "tasks.md": "tasks"}


def sort_of(name: str, among_documents: bool = False) -> tuple[int, str | None]:
    """(index in TYPES, language or None) of a file's name. A page of HTML is documentation if it is in such a
    folder, else code."""
    name = name.lower()
    found = _BY_NAME.get(name)
    if found is None:
        dot = name.rfind(".")
        if dot < 0:
            return _UNKNOWN
        ending = name[dot + 1 :]
        found = _BY_ENDING.get(ending, _UNKNOWN)
        if among_documents and ending in _PAGES:
            return _DOCUMENTATION, "xml"
    return found


def holds_documents(folder_name: str) -> bool:
    """True for the name of a folder that holds documentation."""
    return folder_name.lower() in _DOCUMENT_FOLDERS


def workflow_of(name: str) -> str | None:
    """ "spec", "plan" or "tasks" for the files that a project is made by."""
    return _WORKFLOW.get(name.lower())
