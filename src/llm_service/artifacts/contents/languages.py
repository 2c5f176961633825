"""What a file is, by its name: type and language. Languages are named as highlight.js names them."""

from __future__ import annotations

TYPES = ("documentation", "code", "data", "image", "other")
_DOCUMENTATION, _CODE, _DATA, _IMAGE, OTHER = range(len(TYPES))

_LANGUAGES: dict[str, str] = {
    "python": "py pyi pyw bzl pyx", "javascript": "js mjs cjs jsx es6", "typescript": "ts mts cts tsx",
    "java": "java", "kotlin": "kt kts", "go": "go", "rust": "rs", "c": "c h",
    "cpp": "cc cpp cxx hh hpp hxx cu cuh ipp tpp metal", "csharp": "cs csx", "swift": "swift",
    "objectivec": "m mm", "ruby": "rb rake gemspec podspec ru", "php": "php phtml", "perl": "pl pm t",
    "lua": "lua luau", "r": "r", "julia": "jl", "scala": "scala sc", "clojure": "clj cljs edn",
    "elixir": "ex exs heex", "erlang": "erl hrl", "haskell": "hs", "ocaml": "ml mli", "fsharp": "fs fsx",
    "dart": "dart", "groovy": "groovy", "powershell": "ps1 psm1", "bash": "sh bash zsh fish ksh bats envrc",
    "dos": "bat cmd", "sql": "sql", "css": "css", "scss": "scss", "less": "less",
    "xml": "vue svelte xsl xslt astro xaml", "handlebars": "hbs handlebars", "twig": "twig j2 jinja jinja2",
    "graphql": "graphql gql", "protobuf": "proto", "cmake": "cmake", "makefile": "mk mak", "nix": "nix",
    "vim": "vim", "latex": "tex sty cls", "x86asm": "asm s", "wasm": "wat", "diff": "diff patch", "awk": "awk",
    "tcl": "tcl tk", "verilog": "v sv", "vhdl": "vhd vhdl", "haxe": "hx", "elm": "elm", "zig": "zig", "nim": "nim",
    "d": "d", "terraform": "tf tfvars hcl tofu", "dockerfile": "dockerfile containerfile",
    "applescript": "applescript scpt", "coffeescript": "coffee", "ada": "ada adb ads", "delphi": "pas dpr lpr",
    "crystal": "cr", "fortran": "f f77 f90 f95 f03 f08 for", "lisp": "lisp lsp el asd", "scheme": "scm ss rkt",
    "matlab": "mlx", "sas": "sas", "stata": "do ado", "thrift": "thrift", "vala": "vala vapi", "vbnet": "vb",
    "vbscript": "vbs", "glsl": "glsl vert frag geom comp wgsl hlsl", "gherkin": "feature", "gradle": "gradle",
    "coq": "coq", "prolog": "prolog plg", "smalltalk": "st", "sml": "sml sig", "reasonml": "re rei",
    "puppet": "pp", "stylus": "styl", "haml": "haml", "erb": "erb", "django": "djhtml liquid", "qml": "qml",
    "autohotkey": "ahk", "llvm": "ll", "xquery": "xq xquery", "smali": "smali", "processing": "pde",
    "arduino": "ino", "openscad": "scad", "nsis": "nsi nsh", "solidity": "sol", "bnf": "bnf", "ebnf": "ebnf",
    "capnproto": "capnp", "dts": "dts dtsi", "apache": "htaccess htpasswd", "nginx": "nginx", "http": "http rest",
}  # fmt: skip
_DATA_LANGUAGES: dict[str, str | None] = {
    "json": "json", "jsonl": "json", "ndjson": "json", "geojson": "json", "ipynb": "json",
    "yaml": "yaml", "yml": "yaml", "toml": "ini", "ini": "ini", "cfg": "ini", "conf": "ini", "env": "ini",
    "properties": "properties", "xml": "xml", "lock": None, "csv": None, "tsv": None, "log": None, "parquet": None,
    "db": None, "sqlite": None, "sqlite3": None, "npy": None, "npz": None, "pkl": None, "xls": None, "xlsx": None,
    "ods": None, "avro": None, "arrow": None, "feather": None, "h5": None, "hdf5": None, "rdf": "xml", "plist": "xml",
    "po": None, "pot": None, "ics": None, "vcf": None, "har": "json", "map": "json", "jsonc": "json", "json5": "json",
    "webmanifest": "json", "topojson": "json", "avsc": "json", "tsbuildinfo": "json", "code-workspace": "json",
    "xsd": "xml", "wsdl": "xml", "rss": "xml", "atom": "xml", "kml": "xml", "gpx": "xml", "graphml": "xml",
    "drawio": "xml",
    "resx": "xml", "xlf": "xml", "csproj": "xml", "vbproj": "xml", "fsproj": "xml", "props": "xml", "targets": "xml",
    "desktop": "ini", "service": "ini", "socket": "ini", "timer": "ini", "inf": "ini", "psv": None, "dat": None,
    "orc": None,
    "duckdb": None, "dta": None, "sav": None, "rds": None, "rdata": None, "nc": None, "onnx": None, "safetensors": None,
    "pt": None, "ckpt": None, "gguf": None, "srt": None, "vtt": None, "out": None, "err": None, "trace": None,
}  # fmt: skip
_DOCUMENT_LANGUAGES: dict[str, str | None] = {
    "md": "markdown", "markdown": "markdown", "mdx": "markdown", "rst": None, "adoc": "asciidoc",
    "asciidoc": "asciidoc", "txt": "plaintext", "text": "plaintext", "pdf": None, "org": None, "rtf": None,
    "doc": None, "docx": None, "odt": None, "epub": None, "textile": None, "ppt": None, "pptx": None, "odp": None,
    "mdown": "markdown", "mkd": "markdown", "mdc": "markdown", "qmd": "markdown", "rmd": "markdown", "typ": None,
    "pod": None, "bib": "latex", "ltx": "latex", "man": None, "eml": None,
}  # fmt: skip
_IMAGES = "png jpg jpeg jfif gif webp bmp ico icns avif jxl tif tiff heic psd eps ai"

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
    "justfile": (_CODE, "makefile"), "brewfile": (_CODE, "ruby"), "podfile": (_CODE, "ruby"),
    "build": (_CODE, "python"), "workspace": (_CODE, "python"), "build.bazel": (_CODE, "python"),
    "tiltfile": (_CODE, "python"), "earthfile": (_CODE, "dockerfile"), "caddyfile": (_CODE, "nginx"),
    "nginx.conf": (_CODE, "nginx"), "httpd.conf": (_CODE, "apache"), ".htaccess": (_CODE, "apache"),
    ".bashrc": (_CODE, "bash"), ".profile": (_CODE, "bash"), ".zshrc": (_CODE, "bash"), ".envrc": (_CODE, "bash"),
    ".npmrc": (_CODE, "ini"), ".babelrc": (_CODE, "json"), ".eslintrc": (_CODE, "json"), ".prettierrc": (_CODE, "json"),
    ".npmignore": (_CODE, "plaintext"), ".env.example": (_DATA, "ini"), ".env.local": (_DATA, "ini"),
    "codeowners": (_CODE, "plaintext"), "crontab": (_CODE, "bash"), "pipfile": (_CODE, "ini"),
    "pipfile.lock": (_DATA, "json"), "poetry.lock": (_DATA, "ini"), "uv.lock": (_DATA, "ini"),
    "cargo.lock": (_DATA, "ini"), "composer.lock": (_DATA, "json"), "flake.lock": (_DATA, "json"),
    "requirements-dev.txt": (_CODE, "plaintext"), "meson.build": (_CODE, "python"), "security": (_DOCUMENTATION,
    "plaintext"),
    "todo": (_DOCUMENTATION, "plaintext"), "news": (_DOCUMENTATION, "plaintext"), "version": (_DATA, "plaintext"),
    "robots.txt": (_CODE, "plaintext"), "humans.txt": (_DOCUMENTATION, "plaintext"), "llms.txt": (_DOCUMENTATION,
    "markdown"),
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
