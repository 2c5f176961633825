"""A completed write or rename until a plain Socket.IO client has the event; floor and ours in the same run."""

from __future__ import annotations

import os
import time
from pathlib import Path

from kit.arrivals import ArrivalTimes
from kit.processes import Server, dashboard, floor
from kit.tables import spread, table
from kit.workspaces import full_task_text, workspace


def changes(server: Server, count: int) -> tuple[list[float], int]:
    """(latencies in ms, events lost) of `count` tasks written, assigned and completed by rename."""
    listener = ArrivalTimes(server)
    outside = server.root.parent
    latencies, lost = [], 0
    for number in range(count):
        name = f"latency-{number:04d}"
        temporary = Path(outside, f".{name}.tmp")
        temporary.write_text(full_task_text(name))
        steps = [
            (temporary, server.root / f"inbox/{name}.yaml", "task.created"),
            (server.root / f"inbox/{name}.yaml", server.root / f"assigned/agent-00/{name}.yaml", "task.assigned"),
            (
                server.root / f"assigned/agent-00/{name}.yaml",
                server.root / f"done/agent-00/{name}.yaml",
                "task.completed",
            ),
        ]
        for source, target, event in steps:
            time.sleep(0.03)
            since = time.perf_counter()
            os.rename(source, target)
            at = listener.wait(event, name, since, limit_s=2)
            if at is None:
                lost += 1
            else:
                latencies.append((at - since) * 1000)
        listener.arrived.clear()
        (server.root / f"done/agent-00/{name}.yaml").unlink()
    listener.close()
    return latencies, lost


def main(count: int = 200) -> None:
    """Print the table."""
    rows = []
    for name, serve in (
        ("floor: watchdog -> emit", floor),
        ("ours", dashboard),
        ("floor again", floor),
        ("ours again", dashboard),
    ):
        with workspace(117) as root, serve(root) as server:
            latencies, lost = changes(server, count)
            rows.append([name, len(latencies), *spread(latencies), lost])
    table("Rename → Socket.IO client, 117 tasks (ms)", ["", "n", "median", "p95", "p99", "lost"], rows)
    ratio = (rows[1][2] + rows[3][2]) / (rows[0][2] + rows[2][2])
    print(f"\nours / floor (medians): {ratio:.2f}")
