"""For doctor: reads all files of facts once, without following them."""

from __future__ import annotations

from ..errors import FileRefused
from ..files import printable, read_file
from ..times import iso_time
from ..watch.scan import walk
from .clean import Cleaner
from .fact_follow import FILTER
from .fact_reader import MAX_FILE_BYTES, read_fact


def check_facts(folder: str, cleaner: Cleaner) -> tuple[int, list[str]]:
    """How many files of the folder say a fact, and why each of the others says none."""
    count, refused = 0, []
    for path, signature in sorted(walk(folder, FILTER).files.items()):
        try:
            data = read_file(folder, path, MAX_FILE_BYTES).data
            read_fact(path, data, iso_time(signature.mtime_ns / 1e9), cleaner)
            count += 1
        except FileRefused as problem:
            refused.append(f"{printable(path)}: {problem.message}")
        except ValueError as problem:
            refused.append(f"{printable(path)}: {problem}")
    return count, refused
