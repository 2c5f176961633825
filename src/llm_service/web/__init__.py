"""How clients are served: REST, Socket.IO, SSE, WebSocket, metrics, and the guard before them."""
