/** The page of sessions: figures, pages of rows, search; without a browser. */
import assert from "node:assert/strict";
import test from "node:test";
import { icon } from "../../static/lib/html.js";
import { rangesOf } from "../../static/lib/ranges.js";
import { CHART, PAGES, contextOf, costLine, stateOf, summaryOf } from "../../static/pages/sessions/figures.js";
import { RowPages } from "../../static/ui/row-pages.js";
import { todoList } from "../../static/ui/todos.js";
import { TranscriptSearch } from "../../static/pages/sessions/transcript-search.js";

const part = { kind: "result", title: "", text: "", tool: null, call: null, is_error: false, agent: null, size: 0, is_cut: false };

test("what cannot be told is said so, whatever the state", () => {
  assert.equal(stateOf({ state: "working", certainty: "derived" }).label, "Working");
  assert.equal(stateOf({ state: "working", certainty: "cannot tell" }).label, "Cannot tell");
  assert.equal(stateOf({ state: "new", certainty: "confirmed" }).label, "new");
});

test("a to-do has the sign of its state, and one of an unknown state is pending", () => {
  const { text } = todoList(["completed", "in_progress", "pending", "paused"].map((status) => ({ text: "<b>", status })), "todos");
  assert.deepEqual(text.match(/<svg.*?<\/svg>/g), ["check", "play", "dot", "dot"].map((sign) => icon(sign).text));
  assert.deepEqual([...text.matchAll(/title="([^"]+)"/g)].map(([, label]) => label), ["Done", "In progress", "Pending", "Pending"]);
  assert.ok(!text.includes("<b>"));
});

test("a context without tokens has no gauge, and an assumed window is said to be one", () => {
  assert.equal(contextOf({ context: null, window: 200_000, window_is_known: false }), null);
  const known = contextOf({ context: 68_000, window: 272_000, window_is_known: true });
  assert.deepEqual([known.share, known.text], [0.25, "68.0 k of 272 k"]);
  assert.match(contextOf({ context: 250_000, window: 200_000, window_is_known: false }).text, /assumed/);
  assert.equal(contextOf({ context: 250_000, window: 200_000, window_is_known: false }).share, 1);
});

test("the cost over time rises in steps to its end within the picture", () => {
  assert.equal(costLine([]), null);
  assert.equal(costLine([{ time: "2026-11-20T09:00:00Z", cost_usd: 0, tokens: 5 }]), null);
  const points = [0.1, 0.1, 0.4].map((usd, minute) => ({ time: `2026-11-20T09:0${minute}:00Z`, cost_usd: usd, tokens: 1 }));
  const { line, area, label } = costLine(points);
  assert.equal(line, `M0 ${CHART.height - 2}H0V32H${CHART.width / 2}V32H${CHART.width}V2H${CHART.width}`);
  assert.ok(area.endsWith("H0Z"));
  assert.match(label, /\$0\.40 in 3 steps/);
});

test("a folded part says its first line and how many there are", () => {
  assert.equal(summaryOf({ ...part, text: "\n  ok 1\nok 2\n", size: 13 }), "ok 1 · 2 lines");
  assert.equal(summaryOf({ ...part, text: "2 failed", is_error: true, size: 8 }), "Error: 2 failed");
  assert.equal(summaryOf({ ...part, kind: "tool", title: "npm test", text: "command: npm test" }), "npm test");
  assert.equal(summaryOf({ ...part, kind: "tool", text: "todos:\n[" }), "");
  assert.equal(summaryOf({ ...part, text: "" }), "nothing");
});

test("words are found whatever their case, but not where letters change their length", () => {
  assert.deepEqual(rangesOf("Berth, berth", "BERTH"), [[0, 5], [7, 12]]);
  assert.deepEqual(rangesOf("İ berth", "berth"), []);
  assert.deepEqual(rangesOf("x", ""), []);
});

/** An answer with rows of these numbers. @param {number} first @param {number} count */
const answer = (first, count) => ({ view: "all", first_row: first, rows: 500, lines: 500, bytes: 1, generation: 1, is_indexed: true, data: Array.from({ length: count }, (_, index) => ({ line: first + index + 1, time: null, parts: [] })) });

test("pages of rows are asked for once, and the oldest wanted are forgotten", async () => {
  const asked = [];
  const pages = new RowPages(PAGES, async (row, limit) => (asked.push(row), answer(row, limit)), () => {}, assert.fail);
  pages.want(50, 70);
  await new Promise(setImmediate);
  assert.deepEqual(asked, [0, PAGES.size]);
  assert.equal(pages.get(65).line, 66);
  pages.want(50, 70);
  assert.deepEqual(asked, [0, PAGES.size]);
  for (let page = 2; page < 60; page += 1) pages.put(answer(page * PAGES.size, PAGES.size));
  assert.equal(pages.size, 40);
  assert.equal(pages.get(65), undefined);
});

test("rows that are no longer wanted are not waited for", async () => {
  const signals = [];
  const pages = new RowPages(PAGES, (row, limit, signal) => (signals.push(signal), new Promise(() => {})), () => {}, assert.fail);
  pages.want(0, 10);
  pages.want(300, 310);
  assert.deepEqual(signals.map(({ aborted }) => aborted), [true, false]);
  pages.clear();
  assert.ok(signals[1].aborted);
});

test("a search asks until all is searched, and goes around its ends", async () => {
  const parts = [{ matches: [], next_before: 80 }, { matches: [{ row: 60 }, { row: 50 }], next_before: 40 }, { matches: [{ row: 7 }], next_before: null }];
  const befores = [];
  let firsts = 0;
  const search = new TranscriptSearch(async ({ before }) => (befores.push(before), parts[befores.length - 1]), () => {});
  await search.start("berth", false, () => (firsts += 1));
  assert.deepEqual([befores, firsts, search.sum, search.isDone], [[null, 80, 40], 1, "3", true]);
  assert.equal(search.go(-1).row, 60);
  assert.equal(search.sum, "3 of 3");
  assert.equal(search.go(-1).row, 50);
  assert.equal(search.go(1).row, 60);
  assert.equal(search.go(1).row, 7);
  assert.equal(search.byRow.get(50).row, 50);
  await search.start("", false);
  assert.deepEqual([search.sum, search.go(1)], ["", undefined]);
});

test("a search that fails says why", async () => {
  const search = new TranscriptSearch(() => Promise.reject(new Error("This expression cannot be used.")), () => {});
  await search.start("(", true);
  assert.deepEqual([search.sum, search.isBusy], ["This expression cannot be used.", false]);
});
