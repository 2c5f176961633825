"""Encodings that a reader may choose where the guess was wrong, by the names that browsers use.

Source of the names: encoding.spec.whatwg.org. Two of DOS are added, which browsers do not know. `kind_as` gives what
`files.kind_of` would have found.
"""

from __future__ import annotations

import codecs

from ... import files

_CODECS = {
    "utf-8": "utf-8", "utf-16le": "utf-16-le", "utf-16be": "utf-16-be", "windows-1252": "cp1252",
    "windows-1250": "cp1250", "windows-1251": "cp1251", "windows-1253": "cp1253", "windows-1254": "cp1254",
    "windows-1255": "cp1255", "windows-1256": "cp1256", "windows-1257": "cp1257", "windows-1258": "cp1258",
    "windows-874": "cp874", "iso-8859-2": "iso8859-2", "iso-8859-3": "iso8859-3", "iso-8859-4": "iso8859-4",
    "iso-8859-5": "iso8859-5", "iso-8859-6": "iso8859-6", "iso-8859-7": "iso8859-7", "iso-8859-8": "iso8859-8",
    "iso-8859-10": "iso8859-10", "iso-8859-13": "iso8859-13", "iso-8859-14": "iso8859-14",
    "iso-8859-15": "iso8859-15", "iso-8859-16": "iso8859-16", "koi8-r": "koi8-r", "koi8-u": "koi8-u",
    "macintosh": "mac-roman", "x-mac-cyrillic": "mac-cyrillic", "ibm866": "cp866", "ibm437": "cp437",
    "ibm850": "cp850", "shift_jis": "cp932", "euc-jp": "euc-jp", "iso-2022-jp": "iso2022-jp", "gb18030": "gb18030",
    "big5": "big5hkscs", "euc-kr": "cp949",
}  # fmt: skip
ENCODINGS = tuple(_CODECS)
_MARKS = {"utf-8": codecs.BOM_UTF8, "utf-16le": codecs.BOM_UTF16_LE, "utf-16be": codecs.BOM_UTF16_BE}


def kind_as(encoding: str, head: bytes) -> files.ContentKind:
    """The kind of a file that begins with `head` and is to be read in one of `ENCODINGS`."""
    mark = _MARKS.get(encoding, b"")
    return files.ContentKind(_CODECS[encoding], encoding, len(mark) if mark and head.startswith(mark) else 0)
