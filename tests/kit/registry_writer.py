"""`python -m kit.registry_writer PLACE NAME TIMES`: adds 1 to its own entry of the registry, until it is at TIMES."""

from __future__ import annotations

import sys

from llm_service.errors import Busy
from llm_service.orchestrators.registry import Instances, update_registry

PATH = ".claude/orchestrator-registry.json"


def main() -> None:
    """Count on; one that was killed is started again, and continues where it was."""
    place, name, times = sys.argv[1], sys.argv[2], int(sys.argv[3])
    count = 0

    def add(instances: Instances) -> bool:
        nonlocal count
        own = next((one for one in instances if one["id"] == name), None)
        if own is None:
            own = {"id": name, "plan": name, "status": "running", "count": 0, "kept": name * 50}
            instances.append(own)
        count = own["count"]
        if count == times:  # killed after its last change
            return False
        own["count"] = count = count + 1
        return True

    while count < times:
        try:
            update_registry(place, PATH, add)
        except Busy:  # nothing was written
            count = 0


if __name__ == "__main__":
    main()
