import assert from "node:assert/strict";
import { test } from "node:test";
import { escaped, flag, html } from "../../static/lib/html.js";
import { jsonLines } from "../../static/lib/json-lines.js";
import { gridLayout, indexFor, lowerBound, rowLayout } from "../../static/lib/layout.js";
import { depthOf, isAbove, parentOf, prefixes } from "../../static/lib/paths.js";
import { START, address, parse } from "../../static/lib/router.js";
import { atMostEvery, effect, signal } from "../../static/lib/signals.js";
import { bucketName, dayIn, timeIn } from "../../static/lib/zone.js";
import { flagName } from "../../static/pages/board/marks.js";
import { HttpError, getJson, request, urlOf } from "../../static/live/http.js";
import { connectionState, isSilent } from "../../static/live/socket.js";

const PAGES = ["board", "costs", "artifacts"];

test("an address is parsed to the route it was made from", () => {
  const routes = [
    START,
    { ...START, filters: { q: "a b&c", agent: "ada" } },
    { ...START, page: "artifacts", item: "a/b c", query: { path: "x?y#z" } },
    { ...START, page: "costs", query: { by: "agent" } },
    { ...START, task: "2026/1 é", path: "inbox/x.yaml", filters: { q: "x" } },
    { ...START, there: { observer: "0123456789abcdef", kind: "jobs", id: "2026/1 é?#", path: "a/b" }, filters: { q: "x" } },
  ];
  for (const route of routes) assert.deepEqual(parse(address(route), PAGES), route);
});

test("unknown addresses are the board, unknown parameters are no filters", () => {
  assert.deepEqual(parse("", PAGES), START);
  assert.deepEqual(parse("#/nowhere/x?q=1&evil=2", PAGES), { ...START, filters: { q: "1" } });
  assert.deepEqual(parse("#/costs", ["board"]), START);
  for (const bad of ["", "/", "/0123456789abcdef", "/0123456789abcdef/jobs", "/../jobs/x", "/0123456789abcdef/jobs/a/b"]) assert.deepEqual(parse(`#/host${bad}`, PAGES), START);
  assert.deepEqual(parse("", ["costs", "board"]).page, "costs"); // the first page
  assert.deepEqual(parse("#/", ["costs", "board"]).page, "costs");
  assert.deepEqual(parse("#/before/x?a=1", PAGES, START, { before: "costs" }), { ...START, page: "costs", item: "x", query: { a: "1" } });
  assert.deepEqual(parse("#/constructor", PAGES, START, {}), START);
  assert.equal(parse("#/tasks/%E0%A4%A", PAGES).task, "%E0%A4%A");
});

test("a flag that only an address names has words of its own", () => {
  assert.equal(flagName("not_utf8"), "Not UTF-8");
  for (const odd of ["__proto__", "constructor", "toString"]) assert.equal(flagName(odd).toLowerCase(), odd.toLowerCase());
});

test("a task is shown over the page on which it was opened, and other pages keep the board's filters", () => {
  const before = { ...START, page: "costs", query: { by: "agent" }, filters: { q: "x" } };
  const over = parse("#/tasks/t1?q=x", PAGES, before);
  assert.deepEqual([over.page, over.task, over.query], ["costs", "t1", { by: "agent" }]);
  assert.deepEqual(parse("#/artifacts/shop", PAGES, before).filters, { q: "x" });
});

test("an effect runs again for what it read last, and no more once it is ended", () => {
  const [a, b, first] = [signal(1), signal(10), signal(true)];
  const seen = [];
  const end = effect(() => seen.push(first.value ? a.value : b.value));
  b.value = 11;
  a.value = 2;
  a.value = 2;
  first.value = false;
  a.value = 3;
  b.value = 12;
  end();
  b.value = 13;
  assert.deepEqual(seen, [1, 2, 11, 12]);
});

test("peek does not subscribe", () => {
  const [a, b] = [signal(1), signal(1)];
  let runs = 0;
  effect(() => (runs += a.value && b.peek()));
  b.value = 5;
  assert.equal(runs, 1);
});

test("at most every interval, and the last call is never dropped", async () => {
  let runs = 0;
  const last = new Promise((done) => {
    const schedule = atMostEvery(20, () => (runs += 1) === 2 && done());
    for (let call = 0; call < 5; call += 1) schedule();
  });
  assert.equal(runs, 1);
  await last;
  assert.equal(runs, 2);
});

test("whatever is put into markup is escaped, but for markup", () => {
  const evil = `<img src=x onerror="a('b')">&`;
  assert.equal(escaped(evil), "&lt;img src=x onerror=&quot;a(&#39;b&#39;)&quot;&gt;&amp;");
  assert.equal(html`<p>${evil}</p>`.text, `<p>${escaped(evil)}</p>`);
  assert.equal(html`${[html`<b>${1}</b>`, null, undefined, false, 0]}`.text, "<b>1</b>0");
  assert.equal(html`${{ text: "<i>" }}`.text, "[object Object]");
  assert.equal(html`<a ${flag(true, "hidden")}${flag(false, "open")}>`.text, "<a hidden>");
});

test("rows of one height", () => {
  const layout = rowLayout(100, 28);
  assert.equal(layout.height, 2_800);
  assert.deepEqual(layout.place(3), { left: 0, top: 84, height: 28 });
  assert.deepEqual(layout.windowOf(30, 60), [1, 3]);
  assert.deepEqual(layout.windowOf(-500, 1), [0, 1]);
  assert.deepEqual(layout.windowOf(2_790, 9_999), [99, 100]);
  assert.equal(layout.indexAt(28), 1);
  assert.deepEqual(rowLayout(0, 28).windowOf(-100, 100), [0, 0]);
});

test("cells side by side; a wide item has a row by itself; a row is as high as its highest", () => {
  const items = [{ h: 10 }, { h: 30 }, { h: 20, wide: true }, { h: 10 }];
  const layout = gridLayout(items, { width: 208, gap: 8, minCellWidth: 100, heightOf: ({ h }) => h, isWide: ({ wide }) => wide });
  assert.deepEqual([layout.perRow, layout.cellWidth, layout.height], [2, 100, 30 + 8 + 20 + 8 + 10]);
  assert.deepEqual(items.map((_, index) => layout.place(index)), [
    { left: 0, top: 0, height: 10 },
    { left: 108, top: 0, height: 30 },
    { left: 0, top: 38, height: 20 },
    { left: 0, top: 66, height: 10 },
  ]);
  assert.deepEqual(layout.windowOf(60, 66), [0, 3]);
  assert.equal(layout.indexAt(39), 3);
});

test("the window of a long list holds all that is in view and little more", () => {
  const items = Array.from({ length: 10_000 }, (_, index) => ({ h: 70 + (index % 3) * 20 }));
  const layout = gridLayout(items, { width: 330, gap: 8, minCellWidth: 330, heightOf: ({ h }) => h, isWide: () => false });
  const [first, end] = layout.windowOf(50_000, 51_000);
  for (let index = 0; index < items.length; index += 1) {
    const { top, height } = layout.place(index);
    if (top < 51_000 && top + height > 50_000) assert.ok(index >= first && index < end, String(index));
  }
  assert.ok(end - first < 16);
});

test("lower bound and keys in a list", () => {
  assert.deepEqual([0, 1, 2, 3, 9].map((least) => lowerBound([1, 2, 2, 4], least)), [0, 0, 1, 3, 4]);
  const list = { length: 50, page: 10 };
  assert.equal(indexFor("ArrowDown", 49, list), 49);
  assert.equal(indexFor("ArrowUp", 0, list), 0);
  assert.equal(indexFor("Home", 7, list), 0);
  assert.equal(indexFor("End", 7, list), 49);
  assert.equal(indexFor("PageDown", 7, list), 17);
  assert.equal(indexFor("PageUp", 7, list), 0);
  assert.equal(indexFor("toString", 7, list), undefined);
});

test("paths", () => {
  assert.deepEqual([parentOf("a/b/c"), parentOf("a"), parentOf("")], ["a/b", "", ""]);
  assert.deepEqual([prefixes("a/b"), prefixes("")], [["a", "a/b"], []]);
  assert.deepEqual([depthOf(""), depthOf("a/b")], [0, 2]);
  assert.deepEqual([isAbove("a", ["a/b"]), isAbove("a", ["ab/c", "a"]), isAbove("", [""]), isAbove("", ["x"])], [true, false, false, true]);
});

test("days begin where the service's zone says", () => {
  assert.equal(timeIn("Asia/Tokyo", "2026-02-11T20:00:00Z"), "2026-02-12 05:00:00");
  assert.equal(timeIn("No/Zone", "no time"), "no time");
  assert.equal(dayIn("Asia/Tokyo", 1, Date.parse("2026-02-28T20:00:00Z")), "2026-02-28");
  assert.equal(bucketName("hour", "2026-02-11T14:00:00+01:00"), "14:00");
  assert.equal(bucketName("day", "2026-02-11T00:00:00+01:00", true), "2026-02-11");
  assert.equal(bucketName("day", "2026-02-11T00:00:00+01:00"), "02-11");
  assert.equal(bucketName("hour", "2026-02-11T14:00:00+01:00", true), "2026-02-11 14:00");
  assert.equal(bucketName("month", "2026-02-01T00:00:00+01:00"), "2026-02");
});

test("JSON lines are read across the edges of what arrives", async () => {
  const pieces = ['{"a":1}\n{"b"', ":2}\n\n", '{"c":"é"}'].map((text) => new TextEncoder().encode(text));
  const body = new ReadableStream({ start: (stream) => (pieces.forEach((piece) => stream.enqueue(piece)), stream.close()) });
  const values = [];
  for await (const value of jsonLines(new Response(body))) values.push(value);
  assert.deepEqual(values, [{ a: 1 }, { b: 2 }, { c: "é" }]);
});

test("there is one error for whatever goes wrong over HTTP", async (context) => {
  const reply = (...values) => context.mock.method(globalThis, "fetch", async () => new Response(...values));
  assert.equal(urlOf("/a", { q: "x y", n: 0, none: null, empty: "", not: undefined }), "/a?q=x+y&n=0");
  assert.equal(urlOf("/a"), "/a");
  reply('{"ok":1}');
  assert.deepEqual(await getJson("/a"), { ok: 1 });
  reply('{"error":"No such task","code":"NOT_FOUND"}', { status: 404 });
  await assert.rejects(getJson("/a"), (error) => error instanceof HttpError && error.status === 404 && error.code === "NOT_FOUND" && error.message === "No such task");
  reply("<html>", { status: 502, statusText: "Bad Gateway" });
  await assert.rejects(request("/a"), { name: "HttpError", code: "NO_JSON", message: "The service answered 502 Bad Gateway." });
  reply("no json");
  await assert.rejects(getJson("/a"), { code: "NO_JSON", status: 200 });
  context.mock.method(globalThis, "fetch", async () => { throw new TypeError("refused"); });
  await assert.rejects(getJson("/a"), { code: "UNREACHABLE", status: 0 });
  context.mock.method(globalThis, "fetch", async () => { throw new DOMException("", "AbortError"); });
  await assert.rejects(getJson("/a"), { name: "AbortError" });
});

test("a connection is in sync only with proof", () => {
  const line = { connected: true, online: true, wasConnected: true, loading: null, position: { seq: 5 }, target: 5, heard_at: 0 };
  const state = (changes, now = 1_000) => connectionState({ ...line, ...changes }, now);
  assert.equal(state({}), "in_sync");
  assert.equal(state({ target: 6 }), "catching_up");
  assert.equal(state({ position: null }), "catching_up");
  assert.equal(state({ loading: { done: 1, total: 2 } }), "loading");
  assert.equal(state({}, 10_001), "reconnecting");
  assert.equal(state({ connected: false }), "reconnecting");
  assert.equal(state({ connected: false, wasConnected: false }), "connecting");
  assert.equal(state({ connected: false, online: false }), "offline");
  assert.deepEqual([isSilent(0, 10_000), isSilent(0, 10_001)], [false, true]);
});

test("the time of a helper counts from when it is there, and a time in which the machine held the page up counts once", async (context) => {
  const workers = [];
  class FakeWorker extends EventTarget {
    isEnded = false;
    constructor() {
      super();
      workers.push(this);
    }
    postMessage() {}
    terminate() {
      this.isEnded = true;
    }
    say(data) {
      this.dispatchEvent(Object.assign(new Event("message"), { data }));
    }
  }
  const before = { Worker: globalThis.Worker, location: globalThis.location };
  Object.assign(globalThis, { Worker: FakeWorker, location: { origin: "http://x" } });
  try {
    const { Helper } = await import("../../static/lib/helper.js");
    context.mock.timers.enable({ apis: ["setTimeout"] });
    const goOn = (time_ms) => Array.from({ length: time_ms / 100 }, () => context.mock.timers.tick(100));
    const helper = new Helper("/lib/helped.js", 4_000);
    const slow = helper.ask({ text: "a" });
    goOn(30_000); // its script is still on the way
    assert.equal(workers[0].isEnded, false);
    workers[0].say({ number: 0 });
    goOn(3_900);
    workers[0].say({ number: 1, result: "A" });
    assert.equal(await slow, "A");
    const never = helper.ask({ text: "b" });
    goOn(4_000);
    assert.equal(await never, null);
    assert.equal(workers[0].isEnded, true);
    const again = helper.ask({ text: "c" });
    workers[1].say({ number: 0 });
    // One part is over late, as if all had stood still meanwhile.
    const { setTimeout: later } = globalThis;
    let parts = 0;
    context.mock.method(globalThis, "setTimeout", (act, wait_ms) => later(act, (parts += 1) === 1 ? 9_000 : wait_ms));
    helper.ask({ text: "d" });
    workers[1].say({ number: 3, result: "C" });
    assert.equal(await again, "C");
    goOn(9_000);
    assert.equal(workers[1].isEnded, false);
    goOn(3_500);
    assert.equal(workers[1].isEnded, true);
  } finally {
    Object.assign(globalThis, before);
  }
});
