"""A live dashboard of AI agents' work: watches their files, works out what changed, and sends events to all clients.

    agents, scripts, people --write--> files in the workspace
                                          |
        watch      hint > settle > scan > read       which paths may have changed, which did
                                          |
        features   tasks, artifacts, evidence, calls, costs
                   state in memory, rebuilt from files       `database`: what files do not hold (SQLite)
                                          |
        hub        numbered ring of events: publish(event), since(seq)
                                          |
        web        REST, Socket.IO, SSE, WebSocket, behind one guard ----> browser, clients

`app.py` builds the kernel and the list of features, `server` runs it, `cli` is the command `llm-service`. Below them
are `settings`, `files` (safe reading of files that agents wrote) and the modules at this level, which know no feature.
"""

__version__ = "0.1.0"
