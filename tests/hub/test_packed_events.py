"""The form of events in Redis: packed with a dictionary, and unpacked within bounds whatever they are."""

from __future__ import annotations

import json

import pytest
import zstandard

from llm_service.hub.packed_events import (
    MAX_DICTIONARY_BYTES,
    MAX_EVENT_BYTES,
    EventPacker,
    EventUnpacker,
    NotPacked,
    is_packed,
    sample_of,
    unpacker_of,
)


def event(number: int) -> str:
    return json.dumps({"seq": number, "type": "task.updated", "task": {"id": f"t{number}", "title": f"Größe {number}"}})


@pytest.mark.parametrize("sample", [b"", b"a", sample_of(event(number).encode() for number in range(3)), b"x" * 65_000])
def test_what_was_packed_is_unpacked(sample: bytes) -> None:
    packer = EventPacker(7, sample)
    unpacker = unpacker_of(packer.dictionary)
    assert unpacker is not None and unpacker.epoch == packer.epoch == 7
    for number in range(10):
        packed = packer.pack(event(number))
        assert is_packed(packed) and not is_packed(event(number).encode())
        assert unpacker.unpack(packed).decode() == event(number)


def test_an_event_that_is_like_the_sample_becomes_a_fraction_of_it() -> None:
    alone, like = EventPacker(1, b""), EventPacker(1, sample_of([event(1).encode()]))
    assert len(like.pack(event(2))) < len(alone.pack(event(2))) / 2


def test_a_sample_has_no_more_than_there_is_room_for_and_nothing_long() -> None:
    assert sample_of([b"a" * 4_097, b"b", b"c"]) == b"bc"
    assert len(sample_of([b"x" * 4_000] * 100)) == 16_000


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"\x28\xb5\x2f\xfd",
        b"\x28\xb5\x2f\xfd" + b"\xff" * 20,
        EventPacker(1, b"").pack(event(1))[:-1],
        EventPacker(1, b"").pack("0" * (MAX_EVENT_BYTES + 1)),
        EventPacker(1, b"").pack(""),
        zstandard.ZstdCompressor(write_content_size=False).compress(b"a" * 100),
    ],
)
def test_what_cannot_be_unpacked_is_refused(data: bytes) -> None:
    with pytest.raises(NotPacked):
        EventUnpacker(1, b"").unpack(data)


@pytest.mark.parametrize(
    "text", [None, b"", b":", b"x:", b"-1:", b"1", b"9" * 21 + b":", b"1:" + b"x" * MAX_DICTIONARY_BYTES]
)
def test_what_is_no_dictionary(text: bytes | None) -> None:
    assert unpacker_of(text) is None
