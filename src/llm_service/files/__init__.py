"""Reading files of authors that are not trusted: within limits, following no link, every failure a FileRefused.

`read_file` gives bytes, `open_file` and `SafeRoot` descriptors, `parse_mapping` and `parse_yaml` a document of plain
JSON, which `yaml_value` writes, `decode` and `kind_of` text and its encoding, `printable` a path that can be shown.
`fence` says which roots must not leave a folder by a link.
"""

from .fence import fence, real_place, require_inside, way_out
from .hidden_characters import printable, terminal_text
from .reading import FileContent, Signature, read_file, write_atomic
from .safe_open import Entry, SafeRoot, file_error, open_file, scan_folder
from .salvage import salvage
from .text import HEAD_BYTES, ContentKind, DecodedText, context_lines, decode, kind_of
from .yaml_builder import line_of, place_of
from .yaml_document import Document, parse_mapping, parse_yaml
from .yaml_limits import Limits, Problem
from .yaml_scalars import JSON, TypedText
from .yaml_text import yaml_key, yaml_value

__all__ = [
    "HEAD_BYTES",
    "JSON",
    "ContentKind",
    "DecodedText",
    "Document",
    "Entry",
    "FileContent",
    "Limits",
    "Problem",
    "SafeRoot",
    "Signature",
    "TypedText",
    "context_lines",
    "decode",
    "fence",
    "file_error",
    "kind_of",
    "line_of",
    "open_file",
    "parse_mapping",
    "parse_yaml",
    "place_of",
    "printable",
    "read_file",
    "real_place",
    "require_inside",
    "salvage",
    "scan_folder",
    "terminal_text",
    "way_out",
    "write_atomic",
    "yaml_key",
    "yaml_value",
]
