"""The number of heaps of the C library, as glibc itself reports it."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

# Threads that allocate at the same time get heaps of their own; `malloc_info` writes one element for each heap.
SCRIPT = """
import ctypes, os, threading
from llm_service.server.allocator import limit_arenas
{call}
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.fdopen.restype = ctypes.c_void_p, ctypes.c_void_p
together = threading.Barrier(12)
def allocate():
    together.wait()
    for _ in range(1000):
        libc.malloc(ctypes.c_size_t(100))
    together.wait()
threads = [threading.Thread(target=allocate) for _ in range(12)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
stream = ctypes.c_void_p(libc.fdopen(1, b"w"))
libc.malloc_info(0, stream)
libc.fflush(stream)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has such heaps")
def test_threads_share_two_heaps() -> None:
    def heaps(call: str) -> int:
        script = SCRIPT.format(call=call)
        return subprocess.run([sys.executable, "-c", script], capture_output=True, check=True).stdout.count(b"<heap nr")

    assert heaps("limit_arenas()") == 2
    assert heaps("") > 2
