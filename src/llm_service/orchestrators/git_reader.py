"""The git reader: `python -m llm_service.orchestrators.git_reader` answers lines of JSON with lines of JSON.

A request is `{"places": [...], "limit_s": n}`; what takes longer ends the process, also where it waits in the system,
as SIGALRM does without Python. It ends with its input. It starts no program and writes nothing.
"""

from __future__ import annotations

import json
import signal
import sys

from .worktrees import Place


def main() -> int:
    """0 when the input has ended, 2 without pygit2."""
    try:
        from .git_state import GitReader
    except ImportError:
        return 2
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    reader = GitReader()
    print("{}", flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        signal.setitimer(signal.ITIMER_REAL, request["limit_s"])
        answer = json.dumps(reader.read([Place(**place) for place in request["places"]]))
        signal.setitimer(signal.ITIMER_REAL, 0)
        print(answer, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
