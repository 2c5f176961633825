import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { Refused, eventParser, pauseAfter } from "../../static/lib/event-stream.js";
import { isOld, useEventSource } from "../../static/lib/use-event-source.js";

const message = (seq, more = {}, epoch = "e") =>
  `id: ${epoch}.${seq}\nevent: ${more.type ?? "insight.created"}\ndata: ${JSON.stringify({ seq, epoch, ...more })}\n\n`;

/** A service whose answers each test sets: functions that take (request, response), one for each connection. */
let server;
let base;
let answers;
let requests;

before(async () => {
  server = createServer((request, response) => {
    requests.push(request);
    (answers.length > 1 ? answers.shift() : answers[0])(request, response);
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  base = `http://127.0.0.1:${server.address().port}`;
});

after(() => {
  server.closeAllConnections();
  server.close();
});

/** @param {...((request: any, response: any) => void)} list */
function answering(...list) {
  answers = list;
  requests = [];
}

const says = (text, isEnd = false) => (_, response) => {
  response.writeHead(200, { "Content-Type": "text/event-stream" });
  response.write(text);
  if (isEnd) response.end();
};
const refuses = (status) => (_, response) => response.writeHead(status).end();

/** Follow until so many events have come, or the state is one of these; what came, and the states. */
function following(options, isEnough) {
  return new Promise((done) => {
    const seen = { events: [], states: [], problems: [], stream: null };
    const check = () => {
      if (isEnough(seen)) {
        seen.stream.close();
        done(seen);
      }
    };
    seen.stream = useEventSource(
      "insights",
      { "*": (event) => { seen.events.push(event); queueMicrotask(check); } },
      { base, least_ms: 1, most_ms: 5, onState: (state, problem) => { seen.states.push(state); seen.problems.push(problem); queueMicrotask(check); }, ...options },
    );
  });
}

test("an event stream is parsed in pieces of any size, whatever its line ends", () => {
  const text = ": comment\nretry: 1000\n\nid: e.1\nevent: a\ndata: {\ndata: }\n\nid: e.2\r\ndata:x\r\n\r\nevent: none\n\ndata\n\nid: a\0b\ndata: y\n\n";
  for (const size of [1, 2, 7, 1_000]) {
    const found = [];
    const parse = eventParser((one) => found.push([one.name, one.id, one.data]));
    for (let start = 0; start < text.length; start += size) parse(text.slice(start, start + size));
    assert.deepEqual(found, [["a", "e.1", "{\n}"], ["message", "e.2", "x"], ["message", "e.2", ""], ["message", "e.2", "y"]]);
  }
});

test("what was given before is known by its number, in the same run of the service", () => {
  for (const [id, position, old] of [
    ["e.1", null, false], ["e.1", "e.1", true], ["e.2", "e.1", false], ["e.10", "e.9", false], ["e.9", "e.10", true],
    ["f.1", "e.5", false], ["17.0.3", "17.0.3", true],
  ]) assert.equal(isOld(id, position), old, `${id} after ${position}`);
});

test("pauses grow to a limit, and differ from client to client", () => {
  for (const [failures, most] of [[0, 500], [1, 1_000], [3, 4_000], [10, 30_000], [2_000, 30_000]])
    for (let time = 0; time < 50; time++) {
      const pause = pauseAfter(failures, 500, 30_000);
      assert.ok(pause >= most / 2 && pause <= most, `${pause} after ${failures}`);
    }
});

test("each event goes to its handler, and a handler that fails stops none", async () => {
  answering(says(message(1, { type: "snapshot", insights: [] }) + message(2, { text: "a" }) + message(3, { type: "other" }) + message(4, { text: "b" })));
  const error = console.error;
  const failures = [];
  console.error = (...words) => failures.push(words[0]);
  try {
    const seen = await new Promise((done) => {
      const found = [];
      const stream = useEventSource("insights", {
        snapshot: (state) => { found.push(["snapshot", state.insights]); throw new Error("a defect of the page"); },
        "insight.created": (event) => {
          found.push(["insight", event.text, stream.position]);
          if (event.text === "b") { stream.close(); done(found); }
        },
      }, { base });
    });
    assert.deepEqual(seen, [["snapshot", []], ["insight", "a", "e.2"], ["insight", "b", "e.4"]]);
    assert.deepEqual(failures, ["a handler of snapshot failed"]);
  } finally {
    console.error = error;
  }
});

test("it comes back after an end, an error and a dead connection, from where it was, and gives nothing twice", async () => {
  answering(
    says(message(1), true),
    refuses(503),
    (request) => request.socket.destroy(),
    says(message(1) + message(2)), // says nothing more: taken for dead
    says(message(3)),
  );
  const seen = await following({ silence_ms: 1_000 }, ({ events }) => events.length === 3);
  assert.deepEqual(seen.events.map((event) => event.seq), [1, 2, 3]);
  assert.deepEqual(requests.map((request) => request.headers["last-event-id"]), [undefined, "e.1", "e.1", "e.1", "e.2"]);
  assert.deepEqual(seen.states.filter((state, at, all) => state !== all[at - 1]), ["open", "waiting", "open", "waiting", "open", "closed"]);
});

test("after a restart of the service the snapshot is given though its number is lower", async () => {
  answering(says(message(9), true), says(message(2, { type: "snapshot" }, "f") + message(3, {}, "f")));
  const seen = await following({}, ({ events }) => events.length === 3);
  assert.deepEqual(seen.events.map(({ epoch, seq }) => [epoch, seq]), [["e", 9], ["f", 2], ["f", 3]]);
});

for (const status of [401, 403, 404])
  test(`a refusal that stays is final: ${status}`, async () => {
    answering(refuses(status));
    const seen = await following({ token: "wrong" }, ({ states }) => states.includes("failed"));
    assert.deepEqual([seen.problems[0] instanceof Refused, seen.problems[0].status], [true, status]);
    assert.deepEqual([requests.length, requests[0].headers.authorization], [1, "Bearer wrong"]);
  });

test("a caller that has something already begins after it", async () => {
  answering(says(message(5)));
  const seen = await following({ since: "e.4" }, ({ events }) => events.length === 1);
  assert.equal(requests[0].headers["last-event-id"], "e.4");
  assert.equal(requests[0].url, "/streams/insights");
  assert.equal(seen.stream.position, "e.5");
});

test("a stream that was closed gives nothing more, and asks for nothing", async () => {
  answering(says(message(1) + message(2), true));
  const found = [];
  await new Promise((done) => {
    const stream = useEventSource("insights", { "*": (event) => { found.push(event.seq); stream.close(); done(null); } }, { base, least_ms: 1 });
  });
  assert.deepEqual(found, [1]);
  await following({}, ({ events, states }) => events.length >= 2 && states.filter((state) => state === "waiting").length >= 3);
  const first = requests.filter((request) => request.headers["last-event-id"] === "e.1");
  assert.equal(first.length, 0, "the closed stream has asked again");
});
