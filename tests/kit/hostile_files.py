"""Files that agents write by mistake or with bad intent, as data: `HOSTILE`, one row per file.

Make one with `file.make(folder / file.file_name)`, read it, and compare with `expect` and `code`. A new way to
break a reader of files is one more row here; every test that loops over the table then covers it.
"""

from __future__ import annotations

import codecs
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

MIB = 1_048_576


@dataclass(frozen=True, slots=True)
class HostileFile:
    """`expect`: it parses ("document"), is read but does not parse ("problem"), or is not read ("refused")."""

    name: str
    make: Callable[[Path], None]
    expect: Literal["document", "problem", "refused"]
    code: str | None
    file_name: str = "hostile.yaml"


def _written(data: bytes | str) -> Callable[[Path], None]:
    content = data.encode() if isinstance(data, str) else data

    def make(path: Path) -> None:
        path.write_bytes(content)

    return make


def document(name: str, data: bytes | str, file_name: str = "hostile.yaml") -> HostileFile:
    """A file that parses, however odd it is."""
    return HostileFile(name, _written(data), "document", None, file_name)


def problem(name: str, data: bytes | str, code: str = "NOT_YAML") -> HostileFile:
    """A file that is read but does not parse."""
    return HostileFile(name, _written(data), "problem", code)


def refused(name: str, make: Callable[[Path], None], code: str) -> HostileFile:
    """A file that must not be read at all."""
    return HostileFile(name, make, "refused", code)


def filled(head: str, unit: str, size_bytes: int = MIB) -> str:
    """`head`, then `unit` repeated as often as fits in `size_bytes`."""
    return head + unit * ((size_bytes - len(head.encode())) // len(unit.encode()))


def laughs(levels: int, width: int = 10) -> str:
    """Lists of aliases to the previous list: width ** levels values when expanded."""
    lines = ["a0: &a0 [" + ", ".join(["lol"] * width) + "]"]
    lines += [f"a{n}: &a{n} [" + ", ".join([f"*a{n - 1}"] * width) + "]" for n in range(1, levels)]
    return "\n".join(lines) + "\n"


def merges(levels: int) -> str:
    """Mappings that merge the previous one three times: 3 ** levels pairs to copy."""
    lines = ["a0: &a0 {k: v}"]
    lines += [f"a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}, *a{n - 1}]}}" for n in range(1, levels)]
    return "\n".join(lines) + "\n"


def towers(stories: int, height: int = 50) -> str:
    """Nested lists that end in an alias to the previous tower: little text, few nodes, stories * height levels."""
    lines = [f"a0: &a0 {'[' * height}x{']' * height}"]
    lines += [f"a{n}: &a{n} {'[' * height}*a{n - 1}{']' * height}" for n in range(1, stories)]
    return "\n".join(lines) + "\n"


def long_echo(size_bytes: int = 500_000, times: int = 9_000) -> str:
    """One long text and thousands of aliases to it: few nodes, gigabytes of JSON."""
    return f"a: &a {'x' * size_bytes}\nb:\n" + "- *a\n" * times


def _sparse(size_bytes: int) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        with path.open("wb") as file:
            file.write(b"id: large\n")
            file.truncate(size_bytes)

    return make


def _device(path: Path) -> None:
    """An endless device, or a link to one where devices cannot be created."""
    try:
        os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 5))
    except PermissionError:
        path.symlink_to("/dev/zero")


def _unreadable(path: Path) -> None:
    path.write_bytes(b"id: a\n")
    path.chmod(0)


NESTING = [
    problem("200 kB of [", "[" * 200_000, "TOO_COMPLEX"),
    problem("200 kB of {", "{" * 200_000),
    problem("200 kB of [ behind a key", "a: " + "[" * 200_000, "TOO_COMPLEX"),
    problem("200 kB of [{", "[{a: " * 40_000, "TOO_COMPLEX"),
    problem("200 kB of dashes", "- " * 100_000, "TOO_COMPLEX"),
    problem("200 kB of question marks", "? " * 100_000),
    problem("indentation 1,000 deep", "".join(" " * n + "a:\n" for n in range(1_000)), "TOO_COMPLEX"),
    problem("lists in mappings, 200 deep", "".join(" " * n + "- a:\n" for n in range(0, 800, 4)), "TOO_COMPLEX"),
    document("brackets in a text", "a: '" + "[" * 200_000 + "'\n"),
]

ALIASES = [
    problem("billion laughs", laughs(9), "TOO_COMPLEX"),
    problem("merge-key bomb", merges(12), "TOO_COMPLEX"),
    problem("merge-key bomb of 40 levels", merges(40), "TOO_COMPLEX"),
    problem("towers of aliases", towers(100), "TOO_COMPLEX"),
    problem("gigabytes of one text", long_echo(), "TOO_COMPLEX"),
    problem("20,000 anchors", "".join(f"- &a{n} x\n" for n in range(20_000)), "TOO_COMPLEX"),
    problem("alias to itself", "a: &a [*a]\n", "TOO_COMPLEX"),
    problem("alias to itself as a merge", "a: &a\n  <<: *a\n", "TOO_COMPLEX"),
    problem("undefined alias", "a: *nobody\n"),
    problem("anchor of another document", "- &a 1\n---\nb: *a\n"),
    problem("merge of a text", "a: 1\n<<: text\n"),
    problem("Markdown bold taken for an alias", "id: a\n**Goal:** see\n"),
    document("anchors as meant", "base: &base {a: 1, b: 2}\nitem:\n  <<: *base\n  b: 3\n"),
    document("the same anchor twice", "a: &x 1\nb: &x 2\nc: *x\n"),
]

TAGS = [
    problem("Python object tag", "a: !!python/object/apply:os.system ['true']\n"),
    problem("Python name tag", "a: !!python/name:os.system\n"),
    problem("application tag", "a: !Ref thing\n"),
    problem("tag of 1 MiB", "a: !" + "t" * (MIB - 10) + " x\n"),
    problem("list tagged as a set", "a: !!set [1, 2]\n"),
    problem("1 MiB of %TAG lines", "".join(f"%TAG !{n:x}! b\n" for n in range(70_000)) + "--- a\n", "TOO_COMPLEX"),
    problem("YAML 9.9", "%YAML 9.9\n---\na: 1\n"),
    document("YAML 1.2 and a tag prefix", "%YAML 1.2\n%TAG !y! tag:yaml.org,2002:\n---\na: !y!str 1\n"),
    document("!!binary", "a: !!binary aGVsbG8=\nb: !!binary '***'\n"),
    document("!!set", "a: !!set {x, y}\n"),
    document("!!omap and !!pairs", "a: !!omap [b: 1, c: 2]\nd: !!pairs [e: 1, e: 2]\n"),
    document("tags that do not fit", "a: !!int twelve\nb: !!float many\nc: !!bool perhaps\nd: !!timestamp never\n"),
]

SCALARS = [
    document("dates", "a: 2024-99-99\nb: 2026-02-06\nc: 2026-02-06T11:50:00Z\nd: 2026-02-30 25:61:61 +99:99\n"),
    document("no numbers", "a: .nan\nb: .inf\nc: -.INF\nd: [.NaN, 1.0e+999, -1.0e+999]\n"),
    document("integer of 5,000 digits", "a: " + "9" * 5_000 + "\nb: 0x" + "f" * 5_000 + "\nc: 0b" + "1" * 5_000 + "\n"),
    document("integer of 1 MiB", "a: " + "1" * (MIB - 4)),
    document("numbers that are none", "a: 0x_\nb: 0b_\nc: 089\nd: 1__2\ne: -x\nf: .\ng: +\nh: 1e5\ni: '1'\nj: ._\n"),
    document("base 60", "a: 12:30\nb: 190:20:30.15\nc: 1:1\n"),
    document("keys that are no text", "1: a\ntrue: b\nnull: c\n1.5: d\n2026-01-01: e\n.nan: f\n? ''\n: g\n"),
    problem("list as a key", "? [a, b]\n: c\n"),
    problem("template braces", "title: {{ name }}\n"),
    problem("mapping as a key through an alias", "a: &a {x: 1}\n*a : b\n"),
    document("duplicate keys", "id: a\nid: b\ntitle: c\ntitle: d\n"),
    problem("100,000 duplicate keys", "a: 1\n" * 100_000, "TOO_COMPLEX"),
    document("7,000 duplicate keys", "a: 1\n" * 7_000),
    document("one key of 900 kB, twice", f"? {'k' * 450_000}\n: 1\n? {'k' * 450_000}\n: 2\n"),
    document("halves of characters in escapes", r'{"a": "\ud83d\ude00", "b": "\ud800", "c": "\udc00 \\ud800"}'),
    problem("no character at all", r'a: "\UFFFFFFFF"'),
    document("NUL in an escape", r'a: "\0"'),
]

BYTES = [
    problem("NUL", b"id: a\x00b\n"),
    problem("only NUL", b"\x00" * 10_000),
    problem("escape character", b"id: \x1b[31mred\n"),
    problem("U+FFFE", "id: a\ufffe\n"),
    problem("U+FFFF in a later line", "id: a\ntitle: \uffff\n"),
    problem("byte order mark in the middle", "id: a\ntitle: \ufeffb\n"),
    document("UTF-8 with byte order mark", codecs.BOM_UTF8 + b"id: a\n"),
    document("UTF-16 little end first", codecs.BOM_UTF16_LE + "id: ä😀\n".encode("utf-16-le")),
    document("UTF-16 big end first", codecs.BOM_UTF16_BE + "id: ä😀\n".encode("utf-16-be")),
    document("UTF-32", codecs.BOM_UTF32_LE + "id: ä😀\n".encode("utf-32-le")),
    problem("UTF-16 cut in a character", codecs.BOM_UTF16_LE + "id: a\n".encode("utf-16-le")[:-1]),
    problem("UTF-16 without byte order mark", "id: a\n".encode("utf-16-le")),
    document("Latin-1", "id: a\ntitle: Grüße\n".encode("latin-1")),
    document("Windows-1252", "id: a\ntitle: “Grüße” – 5 €\n".encode("cp1252")),
    problem("random bytes", bytes(range(256)) * 64),
    problem("surrogates written as UTF-8", b"id: \xed\xa0\x80\x81\n"),
    document("CR LF", "id: a\r\ntitle: b\r\n"),
    document("lone CR", "id: a\rtitle: b\r"),
    document("line separators", "id: a\u2028title: b\u2029"),
    document("no final newline, emoji", "id: a\ntitle: 👩‍💻 🚀"),
    problem("tabs as indentation", "a:\n\tb: 1\n"),
    problem("1 MiB of tabs", "\t" * MIB),
]

SHAPES = [
    problem("a pair of nothing in a list", "id: h1\nx: [a, ?]\n"),
    document("a pair of nothing in a mapping", "id: h1\nx: {?}\n"),
    problem("empty", b"", "EMPTY"),
    problem("white space", " \n\n   \n", "EMPTY"),
    problem("1 MiB of line ends", "\n" * MIB, "EMPTY"),
    problem("comments", "# nothing\n# here\n", "EMPTY"),
    problem("1 MiB of comments", filled("", "# x\n"), "EMPTY"),
    problem("null", "~\n", "EMPTY"),
    problem("document marks only", "---\n---\n...\n", "EMPTY"),
    problem("a text", "just words\n", "NOT_A_MAPPING"),
    problem("a number", "42\n", "NOT_A_MAPPING"),
    problem("a list", "- id: a\n- id: b\n", "NOT_A_MAPPING"),
    problem("100,000 documents", "---\n" * 100_000, "TOO_COMPLEX"),
    document("a task and 100,000 documents", "id: a\n" + "---\n" * 100_000),
    document("a task and Markdown", "id: a\n---\n# Title\n\n**Bold** and `code`: [x](y)\n* item\n"),
    document("a task and a broken task", "id: a\n---\nid: [b\n"),
    document("a task and binary rubbish", b"id: a\n---\nnotes: \x00\x01\n"),
    document("a list and a task", "- 1\n---\nid: a\n"),
    problem("a mapping and more on its line", "{id: a} rest\n"),
    problem("unclosed quote", 'id: a\ntitle: "b\nstatus: new\n'),
    problem("unclosed quote of 1 MiB", filled('a: "', "x")),
    problem("unclosed quote of 1 MiB of lines", filled("a: '", "x\n")),
    problem("1 MiB of quotes", '"' * MIB),
    problem("unclosed list", "a: [1, 2\n"),
    document("1 MiB in one word", filled("a: ", "x")),
    document("1 MiB in one block", filled("a: |\n", "  line\n")),
    document("1 MiB in one folded text", filled("a: >\n", "  w\n\n")),
    document("1 MiB in one plain text of many lines", filled("a: x\n", "  x\n")),
    document("1 MiB of escapes", filled('a: "', r"\x41", MIB - 1) + '"'),
    problem("1 MiB of pairs", filled("", "a: b\n"), "TOO_COMPLEX"),
    problem("1 MiB in one list", filled("a: [", "1,"), "TOO_COMPLEX"),
    problem("1 MiB of empty mappings", filled("", "- {}\n"), "TOO_COMPLEX"),
]

PLACES = [
    refused("20 MB", _sparse(20_000_000), "TOO_LARGE"),
    refused("one byte over the cap", _sparse(MIB + 1), "TOO_LARGE"),
    refused("FIFO", os.mkfifo, "NOT_REGULAR"),
    refused("socket", lambda path: os.mknod(path, stat.S_IFSOCK | 0o600), "NOT_REGULAR"),
    refused("device", _device, "NOT_REGULAR"),
    refused("folder named like a task", Path.mkdir, "NOT_REGULAR"),
    refused("link out of the tree", lambda path: path.symlink_to("/etc/passwd"), "NOT_REGULAR"),
    refused("link to nothing", lambda path: path.symlink_to("nothing"), "NOT_REGULAR"),
    refused("link to itself", lambda path: path.symlink_to(path.name), "NOT_REGULAR"),
    # root can read everything.
    document("unreadable mode", b"id: a\n")
    if os.geteuid() == 0
    else refused("unreadable mode", _unreadable, "UNREADABLE"),
    document("name that is not UTF-8", b"id: a\n", os.fsdecode(b"\xff\xfe-task.yaml")),
    document("name with control characters", b"id: a\n", "a\n\x1b[31m\u202etask.yaml"),
    document("name with markup", b"id: a\n", "<img src=x onerror=alert(1)>.yaml"),
]

HOSTILE: list[HostileFile] = [*NESTING, *ALIASES, *TAGS, *SCALARS, *BYTES, *SHAPES, *PLACES]
