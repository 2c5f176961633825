"""Files on disk are the truth; the service watches them, works out what changed, and tells every client.

    agents, scripts, people --write--> files under the workspace
                                          |
        sources   watch > settle > scan > read     hints, quiet, what really changed, parsed
                                          |
        stores    state (in memory, rebuilt from files)    history (SQLite)
                                          |
        hub       numbered ring of events: publish(event), since(seq)
                                          |
        outlets   Socket.IO /dashboard, SSE, WebSocket, REST ----> browser, clients

`follower.py` is this picture as code, `app.py` builds and joins the parts, `cli.py` is the command.
"""

__version__ = "0.1.0"
