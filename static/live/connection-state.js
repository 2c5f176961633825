/** The state of a connection, never better than is known. */

// A pong is due every 5 s; when two are missing, what we show may be old.
const SILENCE_MS = 10_000;

/** True if the service has said nothing for so long that the connection may be lost. */
export function isSilent(heard_at, now_ms) {
  return now_ms - heard_at > SILENCE_MS;
}

/**
 * "in_sync" only with a position that has reached what the service had when it let us in, and a sign of life; else
 * "connecting", "reconnecting", "offline", "loading" or "catching_up".
 */
export function connectionState({ connected, online, wasConnected, loading, position, target, heard_at }, now_ms) {
  if (!connected) return !online ? "offline" : wasConnected ? "reconnecting" : "connecting";
  if (loading) return "loading";
  if (position === null || position.seq < target) return "catching_up";
  return isSilent(heard_at, now_ms) ? "reconnecting" : "in_sync";
}
