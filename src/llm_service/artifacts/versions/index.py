"""`VersionIndex` knows which file had which content when, built from the journal of `store`. No I/O."""

from __future__ import annotations

import math
import re
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Key = tuple[str, str]
"""Project and path."""

_MAX_MOVED = 10_000
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Version:
    """A content that a file was seen with. `seen_at` is Unix time, `size_bytes` of the content itself."""

    sha256: str
    size_bytes: int
    seen_at: float


class VersionIndex:
    """Versions of each file, oldest first, and what was viewed; `objects` are the contents with their disk size."""

    def __init__(self) -> None:
        self.versions: dict[Key, list[Version]] = {}
        self.looked: dict[Key, tuple[str, float]] = {}
        self.objects: dict[str, int] = {}
        self.total_bytes = 0
        self.count = 0
        self._moved: OrderedDict[Key, Key] = OrderedDict()
        self._uses: dict[str, int] = {}
        self._oldest = math.inf

    def __len__(self) -> int:
        """How many facts there are to write down."""
        return self.count + len(self.looked) + len(self._moved)

    def apply(self, fact: Any, sizes: Mapping[str, int] | None = None) -> list[str]:
        """Apply a fact of the journal: `{v: version}`, `{l: looked}`, `{d: dropped}` or `{m: moved}`; returns the
        contents that nothing uses any more. What is no such fact, or names a content that is not in `sizes`, is passed
        over."""
        match fact:
            case {"v": [str(project), str(path), str(digest), int(size), int(time) | float(time)]}:
                if sizes is not None and digest in sizes and digest not in self.objects:
                    self.objects[digest] = sizes[digest]
                    self.total_bytes += sizes[digest]
                if _DIGEST.fullmatch(digest) and digest in self.objects and math.isfinite(time):
                    self._add((project, path), Version(digest, size, float(time)))
            case {"l": [str(project), str(path), str(digest), int(time) | float(time)]}:
                if self.has((project, path), digest) and math.isfinite(time):
                    self.looked[(project, path)] = (digest, float(time))
            case {"d": [str(project), str(path), str(digest)]}:
                return self._drop((project, path), digest)
            case {"m": [str(project), str(path), str(new_project), str(new_path)]}:
                self._move((project, path), (new_project, new_path))
        return []

    def facts(self) -> Iterator[dict[str, Any]]:
        """What has to be in a journal from which this index can be built."""
        for old, new in self._moved.items():
            yield {"m": [*old, *new]}
        for key, versions in self.versions.items():
            for version in versions:
                yield {"v": [*key, version.sha256, version.size_bytes, version.seen_at]}
        for key, looked in self.looked.items():
            yield {"l": [*key, *looked]}

    def newest(self, key: Key) -> Version | None:
        """The last version of a file."""
        versions = self.versions.get(key)
        return versions[-1] if versions else None

    def has(self, key: Key, digest: str) -> bool:
        """True if the file was seen with that content and it is stored."""
        return any(version.sha256 == digest for version in self.versions.get(key, ()))

    def with_object(self, digest: str) -> Iterator[tuple[Key, Version]]:
        """Every version with that content."""
        for key, versions in self.versions.items():
            for version in versions:
                if version.sha256 == digest:
                    yield key, version

    def surplus(self, key: Key, most: int) -> Version | None:
        """The version to drop when a file has more than so many: the oldest one that was not viewed last."""
        versions = self.versions.get(key, [])
        if len(versions) <= most:
            return None
        looked = self.looked.get(key, ("", 0.0))[0]
        return next((version for version in versions[:-1] if version.sha256 != looked), None)

    def age_of(self, key: Key, version: Version) -> float:
        """When a version last mattered: it was seen, or viewed."""
        digest, at = self.looked.get(key, ("", 0.0))
        return max(version.seen_at, at) if digest == version.sha256 else version.seen_at

    def older_than(self, time: float) -> bool:
        """True if there may be a version that last mattered before `time`."""
        return self._oldest < time

    def find_oldest(self) -> None:
        """Look up for `older_than` what the oldest time is."""
        ages = (self.age_of(key, version) for key, versions in self.versions.items() for version in versions)
        self._oldest = min(ages, default=math.inf)

    def by_worth(self) -> list[tuple[Key, Version]]:
        """All versions, the first to go first: those between, oldest first; at last what was viewed, and what a
        file has now. So what was viewed never goes before what is older."""
        entries: list[tuple[bool, float, Key, Version]] = []
        for key, versions in self.versions.items():
            looked = self.looked.get(key, ("", 0.0))[0]
            for version in versions:
                matters = version is versions[-1] or version.sha256 == looked
                entries.append((matters, self.age_of(key, version) if matters else version.seen_at, key, version))
        entries.sort(key=lambda entry: entry[:2])
        return [(key, version) for _, _, key, version in entries]

    def moved_to(self, key: Key) -> Key | None:
        """Where the file that was there is now, after any number of moves."""
        found, seen = self._moved.get(key), {key}
        while found is not None and found not in seen and (further := self._moved.get(found)) is not None:
            seen.add(found)
            found = further
        return found

    def _move(self, old: Key, new: Key) -> None:
        if old == new:
            return
        self._moved.pop(new, None)
        self._moved[old] = new
        while len(self._moved) > _MAX_MOVED:
            self._moved.popitem(last=False)
        versions = self.versions.pop(old, [])
        if versions:
            there = self.versions.pop(new, [])
            self.versions[new] = []
            # What was at the new place before is older than the move, or is the file itself, seen there already.
            for version in sorted([*there, *versions], key=lambda version: version.seen_at):
                self.count -= 1
                self._uses[version.sha256] -= 1
                self._add(new, version)
        if (looked := self.looked.pop(old, None)) is not None:
            self.looked[new] = max(looked, self.looked.get(new, looked), key=lambda seen: seen[1])

    def _add(self, key: Key, version: Version) -> None:
        versions = self.versions.setdefault(key, [])
        for index, known in enumerate(versions):
            if known.sha256 == version.sha256:  # it is as it was before: that content becomes the newest again
                del versions[index]
                self._uses[version.sha256] -= 1
                self.count -= 1
                break
        versions.append(version)
        self._uses[version.sha256] = self._uses.get(version.sha256, 0) + 1
        self.count += 1
        self._oldest = min(self._oldest, version.seen_at)

    def _drop(self, key: Key, digest: str) -> list[str]:
        versions = self.versions.get(key, [])
        remaining = [version for version in versions if version.sha256 != digest]
        if len(remaining) == len(versions):
            return []
        self.count -= 1
        if remaining:
            self.versions[key] = remaining
        else:
            del self.versions[key]
        if self.looked.get(key, ("",))[0] == digest:
            del self.looked[key]
        self._uses[digest] -= 1
        if self._uses[digest]:
            return []
        del self._uses[digest]
        self.total_bytes -= self.objects.pop(digest)
        return [digest]
