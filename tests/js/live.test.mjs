import assert from "node:assert/strict";
import { test } from "node:test";
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
