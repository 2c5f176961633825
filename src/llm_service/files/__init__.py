"""Reading files of authors that are not trusted: within limits, following no link, every failure a FileRefused.

`read_file` gives bytes, `open_file` and `Beneath` descriptors, `parse_mapping` and `parse_yaml` a document of plain
JSON, `decode` and `kind_of` text and its encoding, `printable` a path that can be shown.
"""

from .reading import FileContent, Signature, read_file, write_atomic
from .safe_open import Beneath, Entry, open_file, printable, refusal, scan_folder
from .text import HEAD_BYTES, ContentKind, DecodedText, context_lines, decode, kind_of, salvage
from .yaml_builder import Limits, Problem, line_of
from .yaml_document import Document, parse_mapping, parse_yaml
from .yaml_scalars import JSON

__all__ = [
    "HEAD_BYTES",
    "JSON",
    "Beneath",
    "ContentKind",
    "DecodedText",
    "Document",
    "Entry",
    "FileContent",
    "Limits",
    "Problem",
    "Signature",
    "context_lines",
    "decode",
    "kind_of",
    "line_of",
    "open_file",
    "parse_mapping",
    "parse_yaml",
    "printable",
    "read_file",
    "refusal",
    "salvage",
    "scan_folder",
    "write_atomic",
]
