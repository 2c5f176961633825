/** A Socket.IO client as we want it: WebSocket first, polling where that is refused, back soon after a loss. */

/** Not yet connected. `auth()` is asked at each connection, the first and every further one. */
export function makeSocket(io, origin, auth) {
  return io(`${origin}/dashboard`, {
    transports: ["websocket", "polling"],
    tryAllTransports: true,
    auth: (answer) => answer(auth()),
    reconnectionDelay: 300,
    reconnectionDelayMax: 3_000,
    randomizationFactor: 0.3,
    timeout: 5_000,
    autoConnect: false,
  });
}
