"""Fetch the browser libraries we ship, byte for byte as published on npm, with their licences.

    python scripts/vendor.py            fetch, verify, extract, write the manifests
    python scripts/vendor.py --check    compare the files with the manifests; fetches nothing

`static/vendor/` holds what the page loads, `tests/browser/vendor/` what only the browser tests load. Each has a
`manifest.json`: per file its package, version, licence, path in the package and sha256, and per package the
`integrity` that the registry announced and the tarball was verified against. Exit code 1 if anything differs.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import io
import json
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "static" / "vendor"
TESTS = ROOT / "tests" / "browser" / "vendor"


class VendorError(Exception):
    """A file differs from what was published or recorded; the message names file and reason."""


@dataclass(frozen=True, slots=True)
class Package:
    """One npm package: where it goes, and which of its files (paths inside the tarball) are taken."""

    folder: Path
    name: str
    version: str
    licence: str
    files: tuple[str, ...]
    licence_files: tuple[str, ...] = ("LICENSE",)


MORE_LANGUAGES = (
    "ada", "apache", "applescript", "arduino", "armasm", "asciidoc", "autohotkey", "awk", "bnf", "capnproto",
    "clojure", "cmake", "coffeescript", "coq", "crystal", "d", "dart", "delphi", "django", "dockerfile", "dos",
    "dts", "ebnf", "elixir", "elm", "erb", "erlang", "excel", "fortran", "fsharp", "gherkin", "glsl", "gradle",
    "groovy", "haml", "handlebars", "haskell", "haxe", "http", "julia", "latex", "lisp", "llvm", "matlab",
    "nginx", "nim", "nix", "nsis", "ocaml", "openscad", "powershell", "processing", "prolog", "properties",
    "protobuf", "puppet", "qml", "reasonml", "sas", "scala", "scheme", "smali", "smalltalk", "sml", "stata",
    "stylus", "tcl", "thrift", "twig", "vala", "vbscript", "verilog", "vhdl", "vim", "x86asm", "xquery",
)  # fmt: skip
PACKAGES = (
    Package(PAGE, "socket.io-client", "4.8.4", "MIT", ("dist/socket.io.esm.min.js",)),
    Package(PAGE, "marked", "18.2.1", "MIT", ("lib/marked.esm.js",)),
    # Of the two licences that DOMPurify offers, this one is taken.
    Package(PAGE, "dompurify", "3.5.0", "Apache-2.0", ("dist/purify.es.mjs",)),
    # The UMD build: the ES modules import another package by its bare name, which a page without a build step cannot.
    Package(PAGE, "chart.js", "4.6.1", "MIT", ("dist/chart.umd.min.js",), ("LICENSE.md",)),
    # 40 languages in one file, and further ones that agents write.
    Package(
        PAGE,
        "@highlightjs/cdn-assets",
        "11.12.0",
        "BSD-3-Clause",
        ("es/highlight.min.js", *(f"es/languages/{name}.min.js" for name in MORE_LANGUAGES)),
    ),
    Package(PAGE, "highlightjs-zig", "1.0.2", "MIT", ("dist/zig.min.js",)),
    Package(PAGE, "highlightjs-solidity", "2.0.6", "MIT", ("dist/solidity.es.min.js",)),
    Package(PAGE, "@taga3s/highlightjs-terraform", "1.0.7", "MIT", ("dist/index.js",)),
    # Packages without a licence file name licence and author in their package.json.
    Package(PAGE, "marked-footnote", "1.4.0", "MIT", ("dist/index.js",), ("package.json",)),
    Package(PAGE, "marked-alert", "2.1.2", "MIT", ("dist/index.js",), ("package.json",)),
    Package(PAGE, "github-slugger", "2.0.0", "ISC", ("index.js", "regex.js")),
    Package(PAGE, "ansi-sequence-parser", "1.1.3", "MIT", ("dist/index.js",), ("package.json",)),
    Package(TESTS, "axe-core", "4.14.1", "MPL-2.0", ("axe.min.js",), ("LICENSE", "LICENSE-3RD-PARTY.txt")),
)


def main() -> int:
    """Returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="verify only")
    try:
        check() if parser.parse_args().check else fetch()
    except VendorError as error:
        print(f"vendor: {error}", file=sys.stderr)
        return 1
    return 0


def fetch() -> None:
    """Fetch every package and write one manifest per folder."""
    for folder in dict.fromkeys(package.folder for package in PACKAGES):
        entries = [entry for package in PACKAGES if package.folder == folder for entry in fetch_package(package)]
        text = json.dumps({"made_by": "scripts/vendor.py", "files": entries}, indent=2)
        (folder / "manifest.json").write_text(text + "\n", encoding="utf-8")
    check()


def fetch_package(package: Package) -> list[dict[str, Any]]:
    """Fetch one package, extract the files named, return their manifest entries."""
    integrity, tarball = download(package)
    verify(package, integrity, tarball)
    entries = []
    with tarfile.open(fileobj=io.BytesIO(tarball), mode="r:gz") as archive:
        for inside in (*package.files, *package.licence_files):
            member = archive.extractfile(f"package/{inside}")
            if member is None:
                raise VendorError(f"{package.name}@{package.version} has no file {inside}")
            data = member.read()
            target = package.folder / package.name / Path(inside).name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
            entries.append(
                {
                    "file": target.relative_to(package.folder).as_posix(),
                    "name": package.name,
                    "version": package.version,
                    "licence": package.licence,
                    "source": f"{package.name}@{package.version}:{inside}",
                    "sha256": hashlib.sha256(data).hexdigest(),
                    "package_integrity": integrity,
                }
            )
    return entries


def download(package: Package) -> tuple[str, bytes]:
    """(the integrity hash from the registry, the tarball)."""
    wanted = f"{package.name}@{package.version}"
    integrity = npm("view", wanted, "dist.integrity").strip()
    with TemporaryDirectory() as folder:
        npm("pack", wanted, "--pack-destination", folder)
        return integrity, next(Path(folder).glob("*.tgz")).read_bytes()


def npm(*arguments: str) -> str:
    """Standard output of one npm command."""
    done = subprocess.run(["npm", "--silent", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise VendorError(f"npm {' '.join(arguments)} failed: {done.stderr.strip()}")
    return done.stdout


def verify(package: Package, integrity: str, tarball: bytes) -> None:
    """Raise VendorError unless the tarball has the hash of the registry."""
    algorithm, _, expected = integrity.partition("-")
    if algorithm != "sha512" or base64.b64encode(hashlib.sha512(tarball).digest()).decode() != expected:
        raise VendorError(f"{package.name}@{package.version}: the tarball does not match {integrity!r}")


def check() -> None:
    """Raise VendorError unless the folder has exactly the files of its manifest, unchanged."""
    for folder in dict.fromkeys(package.folder for package in PACKAGES):
        try:
            entries = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["files"]
        except FileNotFoundError as missing:
            raise VendorError(f"{folder} has no manifest.json: run scripts/vendor.py") from missing
        recorded = {entry["file"]: entry for entry in entries}
        found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
        strange = sorted(found - recorded.keys() - {"manifest.json"})
        if strange:
            raise VendorError(f"{folder / strange[0]} is in no manifest")
        for name, entry in recorded.items():
            path = folder / name
            if not path.is_file():
                raise VendorError(f"{path} is missing")
            if hashlib.sha256(path.read_bytes()).hexdigest() != entry["sha256"]:
                raise VendorError(f"{path} is not what {entry['source']} published")
        print(f"{folder.relative_to(ROOT)}: {len(recorded)} files as published")


if __name__ == "__main__":
    sys.exit(main())
