"""The form of events in Redis: zstandard frames with a dictionary of the observer's own events. `EventPacker`,
`unpacker_of`.

Events of one host are much alike, so that with some of them as a dictionary 900 bytes of JSON become 60 to 200, in 2 to
5 µs. A dictionary belongs to an epoch: a reader of an event can tell whether this one is for its epoch.
"""

from __future__ import annotations

from collections.abc import Iterable

MAX_DICTIONARY_BYTES = 65_536
MAX_EVENT_BYTES = 1_310_720
"""Of an event that is unpacked, whatever it says of its size: what the vocabulary admits, and some more."""
_SAMPLE_BYTES = 16_384
_LONGEST_SAMPLE = 4_096
_FRAME = b"\x28\xb5\x2f\xfd"
"""How a frame begins; JSON of an event begins otherwise."""


class NotPacked(Exception):
    """It cannot be unpacked."""


def sample_of(texts: Iterable[bytes]) -> bytes:
    """Of these texts what makes a dictionary: as many as there is room for, none of them long."""
    found, size = list[bytes](), 0
    for text in texts:
        if len(text) <= _LONGEST_SAMPLE and size + len(text) <= _SAMPLE_BYTES:
            found.append(text)
            size += len(text)
    return b"".join(found)


class EventPacker:
    """Packs the events of one epoch. Used by one thread."""

    def __init__(self, epoch: int, sample: bytes) -> None:
        """`sample`: see `sample_of`; what is most like an event stands last."""
        import zstandard  # only who is on a board pays for it

        like = zstandard.ZstdCompressionDict(sample, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
        like.precompute_compress(level=1)
        self._compressor = zstandard.ZstdCompressor(
            dict_data=like, write_content_size=True, write_checksum=False, write_dict_id=False
        )
        self.epoch = epoch
        self.dictionary = b"%d:" % epoch + sample
        """What readers need, as `unpacker_of` takes it."""

    def pack(self, text: str) -> bytes:
        """The event as a frame."""
        return self._compressor.compress(text.encode())


class EventUnpacker:
    """Unpacks the events of one epoch. Used by one thread."""

    def __init__(self, epoch: int, sample: bytes) -> None:
        import zstandard

        self.epoch = epoch
        like = zstandard.ZstdCompressionDict(sample, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
        self._decompressor = zstandard.ZstdDecompressor(dict_data=like)
        self._size_of, self._error = zstandard.frame_content_size, zstandard.ZstdError

    def unpack(self, data: bytes) -> bytes:
        """The event that a frame has. Raises NotPacked."""
        try:
            # A frame says its size, which is allocated before anything is read.
            if not 0 < self._size_of(data) <= MAX_EVENT_BYTES:
                raise NotPacked("an event whose packed form says no size that an event has")
            return self._decompressor.decompress(data)
        except self._error as problem:
            raise NotPacked("an event that cannot be unpacked") from problem


def is_packed(data: bytes) -> bool:
    """True for a frame, False for JSON."""
    return data.startswith(_FRAME)


def unpacker_of(dictionary: bytes | None) -> EventUnpacker | None:
    """What unpacks the events of the epoch that a dictionary is for; None for what is no dictionary."""
    if dictionary is None or len(dictionary) > MAX_DICTIONARY_BYTES:
        return None
    epoch, colon, sample = dictionary.partition(b":")
    return EventUnpacker(int(epoch), sample) if colon and epoch.isdigit() and len(epoch) <= 20 else None
