"""`WrittenLines` gives how many lines were written into each project, whatever names its files had meanwhile.

The last seconds are compared as a whole, so that it does not matter which of the states in between were seen, nor in
which order (see `recent_files`). Between the first and the last of them

- a file grew by the lines that it has more. It is the same file if it has the same inode: to rename, move or link it
  writes nothing;
- a new file counts whole, less the lines of a file that had its name and is gone: it was written beside it and renamed,
  or the other was deleted and written again;
- a file that is gone counts nothing;
- all of it counts in the project in which the file is.

Afterwards it is final: what gets shorter, leaves or is deleted later takes nothing away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from . import records
from .all_names import AllNames
from .folder import Folder
from .line_rate import LineRates
from .recent_files import NO_FILE, UNKNOWN_BASE, Name, RecentFile, RecentFiles, base_of


class WrittenLines:
    """Counts written lines. The tree calls it, with its lock held, for everything that it takes after the first look.

    `birth_ns(path, inode)` says when a file was made, None if that is not known. `folders()` gives those of the tree.
    """

    def __init__(
        self,
        clock_ns: Callable[[], int],
        birth_ns: Callable[[str, int], int | None],
        folders: Callable[[], Iterable[Folder]],
    ) -> None:
        self._clock_ns = clock_ns
        self._birth_ns = birth_ns
        self._births_are_known = False
        self._started_ns = 0
        self.files = RecentFiles(clock_ns)
        self._reused: dict[tuple[Folder, str], RecentFile] = {}
        self._all_names = AllNames(folders)
        self._rates = LineRates()

    def start(self) -> None:
        """What is written from now on counts."""
        self._started_ns = self._clock_ns()
        self.files.clear()

    def of(self, project: str) -> tuple[int, int]:
        """(lines written into a project, those of the last 60 minutes)."""
        return self._rates.of(project, self._clock_ns())

    def appear(self, folder: Folder, name: str, record: bytes, known: bytes | None = None) -> bytes:
        """A file is where there was none of its inode, but perhaps `known`, which left. Its record, with the lines it
        is known to have."""
        if not records.is_file(record):
            return record
        inode = records.inode(record)
        path = f"{folder.path()}/{name}"
        file = self.files.at(inode)
        place: Name = folder, name, NO_FILE
        if file is not None:
            is_same = self._is_same(file, record, path)
            if is_same is None:
                file.unchecked = (*file.unchecked, place)
            elif is_same:
                file.unchecked = ()
            else:
                file = self._split(file, record, path, folder)
        if file is None:
            file = self._found(record, path) or self._new(record, folder)
            self.files.put(inode, file)
        typed, before = record, file.record
        if before is not record:
            lines = max(records.lines(before), records.UNKNOWN)
            if records.same_content(before, record):
                again = records.UNCOUNTED if records.is_young(before) and records.is_uncounted(record) else 0
                record = records.with_lines(record, records.lines(before), records.count_flags(before) | again)
            elif records.is_uncounted(record):
                record = self._uncounted(record, lines)
        else:
            record = self._uncounted(record, max(records.lines(known), records.UNKNOWN) if known else 0)
        file.record = record = records.with_type(record, records.type_of(typed))
        had_it = self.files.had(path)
        if had_it is not None and had_it is not NO_FILE:
            if had_it is not file:
                had_it.heirs.append(file)
            place = folder, name, None if had_it is file else had_it
        file.names = (*file.names, place)
        self._credit(file)
        return record

    def change(self, folder: Folder, name: str, known: bytes, record: bytes) -> bytes:
        """The file has other contents, or may have. Its record, with the lines that it had."""
        if not (records.is_file(record) and records.is_file(known)):
            self.leave(folder, name, known)
            return self.appear(folder, name, record)
        file = self.files.at(records.inode(record))
        if (folder, name) in self._reused or (file is not None and file.has_moved and self._is_another(file, record)):
            self.leave(folder, name, known)
            return self.appear(folder, name, record, known)
        if file is None:
            file = self._old(known, folder)
            self.files.put(records.inode(record), file)
            file.names = ((folder, name, None),)
            if records.is_linked(record):
                self._count_once(file, record)
        elif not file.has_name(folder, name):
            self._was_there(file, known)
            file.names = (*file.names, (folder, name, None))
        if records.is_uncounted(record) and not records.same_content(known, record):
            record = self._uncounted(record, max(records.lines(known), records.UNKNOWN))
        file.record = record
        return record

    def leave(self, folder: Folder, name: str, record: bytes) -> None:
        """A file is no longer where it was."""
        path = f"{folder.path()}/{name}"
        if not records.is_file(record):
            self.files.leave(path, self._old(record, folder))
            return
        inode = records.inode(record)
        file = self._reused.pop((folder, name), None) or self.files.at(inode)
        first: RecentFile | None = None
        if file is None:
            file = self._old(record, folder)
            file.has_moved = True
            file.names = self._other_names(folder, name, record)
            self.files.put(inode, file)
        elif file.has_name(folder, name):
            file.base, file.has_moved = file.base_now(), True
            first = next(before for place, entry, before in file.names if place is folder and entry == name)
            file.names = tuple(entry for entry in file.names if entry[0] is not folder or entry[1] != name)
        elif self._is_the_one_of(record, file):
            self._was_there(file, record)
        else:
            file = self._old(record, folder)
        self.files.leave(path, first or file)
        self._credit(file)

    def count(self, folder: Folder, name: str, record: bytes, lines: int, project: str) -> None:
        """The lines of a file were counted; `record` is what it was before that."""
        file = self._reused.get((folder, name)) or self.files.at(records.inode(record))
        if file is None:
            if records.is_written(record) and records.lines(record) >= 0:
                self._rates.add(project, max(0, lines - records.lines(record)), self._clock_ns())
            return
        file.lines = lines
        file.record = records.with_lines(record, lines, 0)
        if records.mtime_ns(record) < self._started_ns:  # it was brought here, and written before
            file.is_new, file.base, file.final = False, lines - file.credited, 0
        self._credit(file)

    def settle(self, pending_ns: int, files: int) -> None:
        """Make final what was counted some seconds ago: see `RecentFiles.forget`."""
        if self.files.forget(pending_ns, files, _is_needed):
            self._all_names.clear()

    def settle_all(self) -> None:
        """Make final what was counted until now."""
        for each in (self.files, self._reused, self._all_names):
            each.clear()

    # How.

    def _split(self, file: RecentFile, record: bytes, path: str, folder: Folder) -> RecentFile:
        """The file that got the inode of another, which is gone: where it was, the tree has not seen that yet."""
        unchecked = {(place, name) for place, name, _ in file.unchecked}
        names = tuple(name for name in file.names if name[:2] in unchecked)
        file.names = tuple(name for name in file.names if name[:2] not in unchecked)
        file.unchecked = ()
        for place, name, _ in file.names:
            self._reused[place, name] = file
        other = self._found(record, path) or self._new(record, folder)
        if names:
            other.names, other.lines, other.record = names, file.lines, file.record
        self.files.put(records.inode(record), other)
        self._credit(file)
        return other

    def _new(self, record: bytes, folder: Folder) -> RecentFile:
        is_new = records.mtime_ns(record) >= self._started_ns
        base, born_by_ns = (0, self._started_ns) if is_new else (UNKNOWN_BASE, self.files.complete_since_ns)
        return self._recent(record, base, is_new, folder, born_by_ns)

    def _old(self, record: bytes, folder: Folder) -> RecentFile:
        file = self._recent(record, base_of(record), False, folder, self.files.complete_since_ns)
        file.lines = None if file.base == UNKNOWN_BASE else file.base
        return file

    def _recent(self, record: bytes, base: int, is_new: bool, folder: Folder, born_by_ns: int) -> RecentFile:
        now_ns = self._clock_ns()
        born_by_ns = max(self._started_ns, born_by_ns, min(records.mtime_ns(record), now_ns))
        return RecentFile(record, base, is_new, folder.project(), born_by_ns, now_ns)

    def _found(self, record: bytes, path: str) -> RecentFile | None:
        """The file under another name that it has had for long, searched only if it has several."""
        if not records.is_linked(record):
            return None
        places = self._all_names.of(records.inode(record))
        if not places:
            return None
        place = max(places, key=lambda place: records.mtime_ns(place[0].files[place[1]]))
        packed = place[0].files[place[1]]
        file = self._old(packed, place[0])
        file.names = ((*place, None),)
        return None if self._is_same(file, record, path) is False else file

    def _other_names(self, folder: Folder, name: str, record: bytes) -> tuple[Name, ...]:
        """The names of a file besides one, that it has had for long."""
        if not records.is_linked(record):
            return ()
        places = self._all_names.of(records.inode(record))
        return tuple((place, entry, None) for place, entry in places if place is not folder or entry != name)

    def _count_once(self, file: RecentFile, record: bytes) -> None:
        """If its lines were counted under another name after they changed, they do not count again."""
        found = self._found(record, "")
        if found is not None and records.same_content(found.record, record):
            file.base = found.base

    def _was_there(self, file: RecentFile, record: bytes) -> None:
        """It was also seen under a name that it had before the first of those remembered."""
        file.has_moved = True
        if file.is_new or file.base == UNKNOWN_BASE:
            file.is_new, file.base, file.final = False, base_of(record), 0
            file.born_by_ns = max(self.files.complete_since_ns, min(records.mtime_ns(record), self._clock_ns()))

    def _is_same(self, file: RecentFile, record: bytes, path: str) -> bool | None:
        """True if a file of the same inode is the same, False if it was made after that was deleted, None if it is not
        known."""
        if not file.unchecked and records.same_content(file.record, record):
            return True
        birth_ns = self._born_ns(path, records.inode(record))
        return None if birth_ns is None else birth_ns <= file.born_by_ns

    def _born_ns(self, path: str, inode: int) -> int | None:
        birth_ns = self._birth_ns(path, inode)
        self._births_are_known |= birth_ns is not None
        return birth_ns

    def _is_another(self, file: RecentFile, record: bytes) -> bool:
        """True if the file, of which only the content seems to be another, was made anew under the name it went to."""
        if file.is_new or not file.names:
            return False
        folder, name, _ = file.names[0]
        return self._is_same(file, record, f"{folder.path()}/{name}") is False

    def _is_the_one_of(self, record: bytes, file: RecentFile) -> bool:
        """True if the file is the one that had this record under another name."""
        if records.same_content(file.record, record) or not file.names:
            return True
        folder, name, _ = file.names[0]
        birth_ns = self._born_ns(f"{folder.path()}/{name}", records.inode(record))
        if birth_ns is None:  # its name was a temporary one, of a new file that got the inode of a replaced one
            return not self._births_are_known
        return birth_ns <= max(self.files.complete_since_ns, records.mtime_ns(record))

    def _uncounted(self, record: bytes, lines: int) -> bytes:
        """The record of a file whose lines are to be counted, with those it had; what is more was written."""
        if not records.is_uncounted(record) or records.mtime_ns(record) < self._started_ns:
            return record
        return records.with_lines(record, lines, records.UNCOUNTED | records.WRITTEN)

    def _credit(self, file: RecentFile) -> None:
        """Count what was written into a file, and into those that have its names now."""
        self._credit_one(file)
        for heir in file.heirs:
            self._credit_one(heir)

    def _credit_one(self, file: RecentFile) -> None:
        if not file.names:
            lines = file.final
        elif file.lines is None:
            lines = file.credited
        else:
            base = file.base_now()
            lines = max(0, file.lines - base)
            if not base:
                lines = max(lines, file.final)
        project = file.names[0][0].project() if file.names else file.project
        self._rates.add(
            file.project, -file.credited if project != file.project else lines - file.credited, self._clock_ns()
        )
        if project != file.project:
            self._rates.add(project, lines, self._clock_ns())
        file.project, file.credited = project, lines


def _is_needed(file: RecentFile) -> bool:
    """True if its lines are still to be counted, and what they count from is not in its record."""
    return (
        bool(file.names)
        and records.is_uncounted(file.record)
        and (file.credited > 0 or file.names[0][2] not in (None, NO_FILE))
    )
