import assert from "node:assert/strict";
import { test } from "node:test";
import { Connection } from "../../static/live/connection.js";
import { readPreview, readSnapshot } from "../../static/live/opening.js";

/** Answer what is asked with these bytes, in pieces of so many. */
function answering(text, size, status = 200) {
  const bytes = new TextEncoder().encode(text);
  globalThis.fetch = async () => {
    const pieces = [];
    for (let start = 0; start < bytes.length; start += size) pieces.push(bytes.slice(start, start + size));
    return new Response(ReadableStream.from(pieces), { status });
  };
}

const line = (part, of, more) => `${JSON.stringify({ type: "snapshot", epoch: "e", seq: 7, part, of, ...more })}\n`;
const LINES = [
  line(1, 3, { tasks: [{ id: "ä" }], counts: { inbox: 1 } }),
  line(2, 3, { tasks: [{ id: "b" }], evidence: { a: { missing: 1 } }, artifacts: { projects: [1], loading: null } }),
  line(3, 3, { evidence: { b: { missing: 2 } }, artifacts: { projects: [2], loading: { files: 1 } } }),
];

for (const size of [1, 7, 100, 10_000])
  test(`a snapshot is put together from its lines, in pieces of ${size} bytes`, async () => {
    answering(LINES.join(""), size);
    const positions = [];
    const { whole, portions } = await readSnapshot((position) => positions.push(position));
    assert.deepEqual(positions, [{ epoch: "e", seq: 7 }]);
    assert.deepEqual(portions, [[{ id: "ä" }], [{ id: "b" }]]);
    assert.deepEqual(whole, {
      epoch: "e",
      seq: 7,
      counts: { inbox: 1 },
      evidence: { a: { missing: 1 }, b: { missing: 2 } },
      artifacts: { projects: [1, 2], loading: { files: 1 } },
    });
  });

test("a snapshot that ends too early, is refused or does not come is none", async () => {
  for (const [text, status] of [[LINES.slice(0, 2).join(""), 200], ["", 200], [LINES.join(""), 503]]) {
    answering(text, 100, status);
    await assert.rejects(readSnapshot(() => {}));
  }
  globalThis.fetch = async () => { throw new TypeError("Failed to fetch"); };
  await assert.rejects(readSnapshot(() => {}));
  assert.equal(await readPreview(), null);
  answering("{}", 10, 503);
  assert.equal(await readPreview(), null);
});

test("when too much of another host is different to be said by events, the connection takes a snapshot, as after a gap", () => {
  const handlers = {};
  const listeners = [];
  const socket = {
    connected: true,
    on: (name, handler) => (handlers[name] = handler),
    onAny: (handler) => listeners.push(handler),
    connect() {},
    emit() {},
    io: { on() {}, engine: { on() {}, transport: { name: "websocket" } } },
    timeout: () => socket,
    disconnect() {},
  };
  globalThis.addEventListener ??= () => {};
  globalThis.navigator ??= { onLine: true };
  const passed = [];
  const timers = [];
  const { setInterval: every } = globalThis;
  globalThis.setInterval = (...args) => timers.push(every(...args)) && timers.at(-1);
  try {
    let auth = () => ({});
    const io = (_, options) => {
      auth = () => {
        let said;
        options.auth((found) => (said = found));
        return said;
      };
      return socket;
    };
    const connection = new Connection(io, "http://x", (message) => message.type === "event" && passed.push(message.event));
    connection.start({ epoch: "e", seq: 0 });
    handlers.connection_ack({ epoch: "e", seq: 4, server_version: "0", loading: null, observer: "mine" });
    const event = (seq, type, more) => listeners.forEach((listener) => listener(type, { epoch: "e", seq, type, ...more }));
    event(1, "task.created", { origin: { observer: "other", id: "1-1" } });
    event(2, "host.reset", { observer: "other" });
    event(3, "task.created", {});
    assert.deepEqual(passed.map(({ seq }) => seq), [1], "what comes after it waits for the snapshot");
    assert.equal(auth().since, undefined);
    handlers.snapshot({ epoch: "e", seq: 3 });
    event(4, "task.created", {});
    assert.deepEqual(passed.map(({ seq }) => seq), [1, 4]);
  } finally {
    globalThis.setInterval = every;
    for (const timer of timers) clearInterval(timer);
  }
});
