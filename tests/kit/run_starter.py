"""Another dashboard that starts runs: `python -m kit.run_starter WORKSPACE THREADS CODE [ARGUMENT ...]`.

It prints a line when it is ready; at the next line on its input as many threads start a run of the same owner, and it
prints what became of each: the id of the run, or the code of the error. It ends at the end of its input.
"""

from __future__ import annotations

import sys
import threading

from llm_service.errors import ServiceError
from llm_service.feature import build_kernel
from llm_service.processes.feature import Processes
from llm_service.processes.model import Profile
from llm_service.processes.settings import ProcessSettings
from llm_service.settings.table import make_settings


def main(workspace: str, threads: str, code: str, *arguments: str) -> None:
    """See above."""
    argv = (sys.executable, "-I", "-S", "-c", code, *arguments)
    profile = Profile(name="program", argv=argv, origin="user", grace_s=0.2)
    values = {"control": True, "min_disk_space_mb": 0, "profiles": [profile], "workspace": workspace, "history": False}
    kernel = build_kernel(make_settings((ProcessSettings,), values))
    processes = Processes(kernel)
    processes.start()
    print("ready", flush=True)
    sys.stdin.readline()
    results: list[str] = []

    def start() -> None:
        try:
            results.append(processes.start_run("job:1", profile, {}).run_id)
        except ServiceError as problem:
            results.append(problem.code)

    starting = [threading.Thread(target=start) for _ in range(int(threads))]
    for thread in starting:
        thread.start()
    for thread in starting:
        thread.join()
    print(*results, flush=True)
    sys.stdin.read()
    processes.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
