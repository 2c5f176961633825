import assert from "node:assert/strict";
import { test } from "node:test";
import { goesOn } from "../../static/pages/jobs/statuses.js";
import { MOST_PX, RowWindow } from "../../static/lib/row-window.js";
import { rangesOf } from "../../static/lib/ranges.js";
import { piecesOf, unitsOf } from "../../static/pages/jobs/log/line-text.js";
import { LogModel, PAGES } from "../../static/pages/jobs/log/log-model.js";
import { RowPages } from "../../static/ui/row-pages.js";
import { queryOf } from "../../static/pages/jobs/log/log-query.js";
import { LogSearch } from "../../static/pages/jobs/log/log-search.js";
import { LogTail } from "../../static/pages/jobs/log/log-tail.js";
import { comparedRows } from "../../static/pages/jobs/compared-rows.js";
import { stepsOf, timeIn } from "../../static/pages/jobs/phases.js";
import { exitText } from "../../static/pages/jobs/statuses.js";
import { Jobs } from "../../static/stores/jobs.js";

const job = (id, more = {}) => ({
  id, project: "quay", user: null, specification: "Do it.", profile: "demo", status: "in_progress", current_phase: "plan", lines_written: 1, error_message: null,
  queue_reason: null, created_at: `2026-01-01T00:00:0${id}Z`, started_at: null, finished_at: null, runs: ["r1"], log_lines: 1, lines_per_hour: null,
  phases: [{ phase: "plan", started_at: "2026-01-01T00:00:00Z", finished_at: null }], exit_code: null, exit_signal: null, exit_reason: null, waiting_for_input: null, ...more,
});
const line = (seq, more = {}) => ({ run: "r1", job: "1", seq, time: null, level: "info", phase: "plan", message: `line ${seq}`, raw: "", spans: [], is_shown: true, is_folded: false, ...more });
const lines = (from, to) => Array.from({ length: to - from + 1 }, (_, index) => line(from + index));
const EVERYTHING = { run: null, view: "all", levels: [], phase: null };
const turn = () => new Promise((done) => setTimeout(done));

function filled(...jobs) {
  const store = new Jobs();
  store.take(jobs);
  return store;
}

test("the store has jobs by snapshot and events, the latest first", () => {
  const store = filled(job("1"), job("2"));
  store.apply({ type: "job.updated", job: job("3", { status: "pending" }) });
  store.apply({ type: "job.removed", id: "1" });
  const before = store.revision.peek();
  store.flush();
  assert.equal(store.revision.peek(), before + 1);
  store.flush(); // nothing has changed since
  assert.equal(store.revision.peek(), before + 1);
  assert.deepEqual(store.list().map(({ id }) => id), ["3", "2"]);
  store.take(undefined);
  assert.equal(store.isKnown, false);
  assert.equal(store.isAsked, true);
});

test("filters: a column's name stands for all its statuses", () => {
  const store = filled(job("1", { status: "failed" }), job("2", { status: "cancelled", user: "ada" }), job("3", { project: "yard" }));
  assert.deepEqual(store.list({ status: "failed" }).map(({ id }) => id), ["2", "1"]);
  assert.deepEqual(store.list({ status: "cancelled" }).map(({ id }) => id), ["2"]);
  assert.deepEqual(store.list({ user: "ada", project: "quay" }).map(({ id }) => id), ["2"]);
  assert.deepEqual(store.list({ project: "yard" }).map(({ id }) => id), ["3"]);
});

test("a phase is shown as soon as it is announced, and only once", () => {
  const store = filled(job("1"));
  const event = { type: "job.phase", job: "1", phase: "test", previous: "plan", time: "2026-01-01T00:01:00Z" };
  store.apply(event);
  store.apply(event);
  const { current_phase: phase, phases } = store.jobs.get("1");
  assert.equal(phase, "test");
  assert.deepEqual(phases.map(({ phase: name, finished_at: end }) => [name, end]), [["plan", "2026-01-01T00:01:00Z"], ["test", null]]);
});

test("progress changes figures; who waits for input is known only while it runs", () => {
  const store = filled(job("1", { waiting_for_input: "" }), job("2", { waiting_for_input: "May I?", status: "failed" }));
  store.apply({ type: "job.progress", job: "1", lines_written: 50, lines_per_hour: 9, log_lines: 70, current_phase: "plan" });
  store.apply({ type: "job.progress", job: "none", lines_written: 50, lines_per_hour: 9, log_lines: 70, current_phase: "plan" });
  assert.equal(store.jobs.get("1").lines_written, 50);
  assert.equal(store.jobs.get("1").log_lines, 70);
  assert.deepEqual(store.waiting.map(({ id }) => id), ["1"]);
});

test("phases: gone through, present, to come; times of all spans together", () => {
  const spans = (...pairs) => pairs.map(([phase, from, to]) => ({ phase, started_at: `2026-01-01T00:0${from}:00Z`, finished_at: to === null ? null : `2026-01-01T00:0${to}:00Z` }));
  const phases = spans(["plan", 0, 1], ["test", 1, 2], ["plan", 2, null]);
  const states = (more) => Object.fromEntries(stepsOf(job("1", { phases, ...more })).map(({ phase, state }) => [phase, state]));
  assert.deepEqual(states({}), { idle: "done", specify: "next", plan: "now", implement: "next", test: "done", review: "next" });
  assert.equal(states({ status: "failed" }).plan, "ended");
  assert.equal(states({ status: "completed" }).plan, "done");
  assert.deepEqual(timeIn(phases.filter(({ phase }) => phase === "plan")), { total_ms: 60_000, since: "2026-01-01T00:02:00Z" });
});

test("a job that waits to be run again is in no phase", () => {
  const again = job("1", { status: "pending", started_at: "2026-01-01T00:00:00Z", finished_at: "2026-01-01T00:00:08Z" });
  assert.equal(stepsOf(again).find(({ phase }) => phase === "plan").state, "ended");
  assert.equal(stepsOf(job("1", { status: "pending", current_phase: "idle", phases: [] }))[0].state, "now");
});

test("two runs are compared by what each has, and by how much the second has more", () => {
  const run = (more) => ({
    exit: { code: 0, signal: null, reason: "exited" }, status: "finished", started_at: "2026-01-01T00:00:00Z", duration_s: 21, lines_written: 169, log_lines: 25,
    levels: {}, cost_usd: null, profile: "demo", phase_s: { plan: 5.1, specify: 6.06 }, ...more,
  });
  const rows = comparedRows(run({}), run({ duration_s: 7.7, lines_written: null, log_lines: 1_025, levels: { error: 2 }, phase_s: { plan: 5.13, specify: 6.04, test: 3 } }));
  const of = (name) => rows.find(({ label }) => label === name);
  assert.deepEqual(of("Time"), { label: "Time", one: "21.0 s", other: "7.7 s", difference: "−13.3 s" });
  assert.deepEqual([of("Log lines").difference, of("Errors").difference, of("Warnings").difference], ["+1,000", "+2", ""]);
  assert.deepEqual([of("Lines written").difference, of("Phase Plan").difference, of("Phase Test").difference], ["", "", ""]); // not known, equal, only one has it
  assert.deepEqual([of("Phase Test").one, of("Phase Specify").one, of("Phase Specify").difference], ["—", "6.1 s", "−0.1 s"]);
});

test("how it ended is said by code, signal and reason", () => {
  assert.equal(exitText({ exit_code: 0, exit_signal: null, exit_reason: "exited" }), "exit code 0");
  assert.equal(exitText({ exit_code: null, exit_signal: 9, exit_reason: "timeout" }), "signal 9, timeout");
  assert.equal(exitText({ exit_code: null, exit_signal: null, exit_reason: null }), null);
});

function windowOf(rows, { view = 100, base = 20 } = {}) {
  const window = new RowWindow(base);
  Object.assign(window, { rows, view });
  return window;
}

test("small steps move by pixels, over rows of any height", () => {
  const window = windowOf(1_000);
  window.measured(0, [20, 60, 20, 20, 20, 20]);
  window.scrolled(0, 30);
  assert.deepEqual([window.row, window.offset], [1, 10]);
  window.move(55);
  assert.deepEqual([window.row, window.offset], [2, 5]);
  window.move(-1_000);
  assert.deepEqual([window.row, window.offset], [0, 0]);
});

test("a large step goes to a share of the whole, the last of it to the end", () => {
  const window = windowOf(10_000_000);
  assert.equal(window.height, MOST_PX);
  window.scrolled(0, window.range / 2);
  assert.ok(Math.abs(window.row - 5_000_000) < 5, String(window.row));
  window.scrolled(0, window.range);
  assert.ok(window.isAtEnd);
  assert.deepEqual([window.row, window.offset], [9_999_995, 0]);
  assert.equal(window.position, window.range);
});

test("the scroll bar is where the place is, at both ends exactly", () => {
  const window = windowOf(1_000);
  for (const row of [0, 1, 500, 994]) {
    window.to(row);
    assert.equal(Math.round(window.position), Math.max(row * 20, 0));
  }
  window.toEnd();
  assert.equal(window.position, 1_000 * 20 - 100);
  const few = windowOf(3);
  few.toEnd();
  assert.deepEqual([few.row, few.offset, few.position, few.isAtEnd], [0, 0, 0, true]);
});

test("few rows that are high are reached to the pixel, though they would fit in if they were as high as usual", () => {
  const window = windowOf(4);
  window.measured(0, [60, 20, 200, 80]);
  assert.deepEqual([window.height, window.range], [360, 260]);
  window.scrolled(0, 90);
  assert.deepEqual([window.row, window.offset, window.position], [2, 10, 90]);
  window.jump(0.5);
  assert.deepEqual([window.row, window.offset, window.position], [2, 50, 130]);
  window.toEnd();
  assert.deepEqual([window.row, window.offset, window.position], [2, 180, 260]);
  window.rows = 5; // one came, and nobody knows how high it is
  assert.equal(window.height, 100);
});

test("at the end the last row is seen whole, however high the rows are", () => {
  const window = windowOf(100);
  window.measured(95, [20, 20, 20, 50, 70]);
  window.toEnd();
  assert.deepEqual([window.row, window.offset], [98, 20]); // 30 of 50 px, then 70
  window.move(1_000);
  assert.deepEqual([window.row, window.offset], [98, 20]);
});

test("what is shown of a flood and what is declared as skipped is what was written", () => {
  const tail = new LogTail(EVERYTHING);
  let written = 0;
  const send = (size, shown) => {
    const from = written + 1;
    written += size;
    tail.take({ lines: lines(written - shown + 1, written), from_seq: from, to_seq: written });
  };
  const declared = () => tail.items.reduce((sum, { line: one, skipped }) => sum + (one ? 1 : skipped), 0);
  for (const [size, shown] of [[1, 1], [900, 500], [400, 0], [30, 30], [7, 0]]) {
    send(size, shown);
    assert.equal(declared(), written);
  }
  assert.ok(tail.hasGaps);
  tail.take({ lines: lines(2, 3), to_seq: 3 }); // it came before
  assert.equal(declared(), written);
  tail.counted(100); // in the middle of what was skipped
  assert.equal(declared(), written - 100);
  tail.counted(written);
  assert.deepEqual(tail.items, []);
});

test("the tail shows what passes the filters", () => {
  const tail = new LogTail({ view: "user", levels: ["error"], phase: "plan" });
  const added = tail.take({
    lines: [line(1), line(2, { level: "error" }), line(3, { level: "error", is_shown: false }), line(4, { level: "error", phase: "test" })],
    to_seq: 4,
  });
  assert.equal(added, 1);
  assert.deepEqual(tail.items.map((item) => item.line.seq), [2]);
  assert.equal(tail.hasGaps, false);
});

test("rows are asked for in pages, once, and a bounded number is remembered", async () => {
  const asked = [];
  const pages = new RowPages(PAGES, async (row, limit) => {
    asked.push([row, limit]);
    return { first_row: row, lines: lines(row + 1, row + limit) };
  }, () => {}, assert.fail);
  pages.want(150, 250);
  pages.want(150, 250);
  await turn();
  assert.deepEqual(asked, [[0, PAGES.size], [PAGES.size, PAGES.size]]);
  assert.equal(pages.get(249).seq, 250);
  assert.equal(pages.get(400), undefined);
  pages.want(0, 400);
  assert.equal(asked.length, 2);
  for (let page = 0; page < 100; page += 1) {
    pages.want(page * PAGES.size, page * PAGES.size + 10);
    await turn();
  }
  assert.equal(pages.size, 60);
  assert.equal(pages.get(0), undefined);
});

test("rows that may have changed are shown until they are here anew", async () => {
  let text = "running";
  let asked = 0;
  const pages = new RowPages(PAGES, async (row, limit) => {
    asked += 1;
    return { first_row: row, lines: lines(row + 1, row + limit).map((each) => ({ ...each, text })) };
  }, () => {}, assert.fail);
  pages.want(0, PAGES.size + 10);
  await turn();
  text = "done";
  pages.expire(PAGES.size + 3);
  assert.equal(pages.get(PAGES.size + 3).text, "running");
  pages.want(0, PAGES.size + 10);
  await turn();
  assert.equal(asked, 3); // the first page is not asked for again
  assert.deepEqual([pages.get(3).text, pages.get(PAGES.size + 3).text], ["running", "done"]);
  pages.want(0, PAGES.size + 10);
  await turn();
  assert.equal(asked, 3);
});

test("an answer that was asked for before rows changed does not stand for them", async () => {
  const answers = [];
  const pages = new RowPages(PAGES, (row, _limit, signal) => new Promise((done, failed) => {
    signal.addEventListener("abort", () => failed(new Error("aborted")));
    answers.push((text) => done({ first_row: row, lines: lines(row + 1, row + PAGES.size).map((each) => ({ ...each, text })) }));
  }), () => {}, assert.fail);
  pages.want(0, 10);
  answers[0]("old");
  await turn();
  pages.expire(0);
  pages.want(0, 10);
  pages.expire(0);
  await turn();
  answers[1]("older than the change");
  answers.at(-1)("new");
  await turn();
  assert.equal(pages.get(0).text, "new");
});

test("a page that was not whole is asked for again when more of it is wanted", async () => {
  let total = 50;
  let asked = 0;
  const pages = new RowPages(PAGES, async (row, limit) => {
    asked += 1;
    return { first_row: row, lines: lines(row + 1, Math.min(total, row + limit)) };
  }, () => {}, assert.fail);
  pages.want(0, 50);
  await turn();
  total = 120;
  pages.want(0, 50);
  assert.equal(asked, 1);
  pages.want(40, 120);
  await turn();
  assert.equal(asked, 2);
  assert.equal(pages.get(119).seq, 120);
});

test("what one has scrolled past is not waited for", async () => {
  const aborted = [];
  const asked = [];
  const pages = new RowPages(PAGES, (row, _, signal) => new Promise((_done, failed) => {
    asked.push(row);
    signal.addEventListener("abort", () => {
      aborted.push(row);
      failed(new DOMException("", "AbortError"));
    });
  }), () => {}, assert.fail);
  pages.want(0, 10);
  pages.want(PAGES.size * 50, PAGES.size * 50 + 10);
  await turn();
  assert.deepEqual(aborted, [0]);
  assert.deepEqual(asked, [0, PAGES.size * 50]);
});

function model({ total, query = EVERYTHING, onChange = () => {} }) {
  const log = { total, asked: 0 };
  const made = new LogModel(query, async ({ row, limit }) => {
    log.asked += 1;
    const first = row ?? Math.max(0, log.total - limit);
    const head = { run: "r1", view: "all", generation: 1, rows: log.total, lines_total: log.total, counts: { info: log.total }, phases: [], is_complete: false };
    return { ...head, first_row: first, lines: lines(first + 1, Math.min(log.total, first + limit)) };
  }, onChange);
  return [made, log];
}

test("a log opens at its end; rows before that come when they are wanted", async () => {
  const [log] = model({ total: 1_000 });
  await log.count();
  assert.equal(log.rows, 1_000);
  assert.equal(log.at(999).line.seq, 1_000);
  assert.equal(log.at(5), undefined);
  log.want(0, 10, false);
  await turn();
  assert.equal(log.at(5).line.seq, 6);
});

test("lines that come one after another are rows at once; after a gap they are counted", async () => {
  const [log, service] = model({ total: 10 });
  await log.count();
  assert.equal(log.take({ lines: lines(11, 12), from_seq: 11, to_seq: 12 }), 2);
  assert.equal(log.rows, 12);
  assert.equal(log.at(11).line.seq, 12);
  assert.equal(service.asked, 1);
  service.total = 900;
  log.take({ lines: lines(900, 900), from_seq: 13, to_seq: 900 });
  assert.deepEqual(log.at(12), { line: null, skipped: 887, seq: 899 });
  assert.equal(log.at(13).line.seq, 900);
  assert.deepEqual(log.sum, { shown: 13, total: 900 }); // what was skipped is not shown yet
  while (log.rows !== 900) await turn();
  assert.equal(log.at(899).line.seq, 900);
});

test("lines that came while it was counted for the first time are counted too", async () => {
  const [log, service] = model({ total: 0 });
  const counted = log.count();
  service.total = 3;
  log.doubt();
  await counted;
  while (log.rows !== 3) await turn();
  assert.equal(service.asked, 2);
});

test("a log that cannot be read says why, and keeps what it has", async () => {
  let fails = false;
  const log = new LogModel(EVERYTHING, async () => {
    if (fails) throw new Error("gone");
    return { run: "r1", view: "all", generation: 1, rows: 1, lines_total: 1, counts: {}, phases: [], first_row: 0, lines: lines(1, 1), is_complete: false };
  }, () => {});
  await log.count();
  fails = true;
  await log.count();
  assert.equal(log.error.message, "gone");
  assert.equal(log.at(0).line.seq, 1);
});

test("a search goes from the latest match up, over pages that may be empty, and down again", async () => {
  const match = (seq) => ({ row: seq, seq, line: line(seq), ranges: [], before: [], after: [] });
  const answers = [
    { matches: [match(9), match(7)], count: null, is_exact: false, next_before: 7 },
    { matches: [], count: null, is_exact: false, next_before: 5 },
    { matches: [match(2)], count: null, is_exact: false, next_before: null },
  ];
  const asked = [];
  const search = new LogSearch(async ({ before }) => {
    asked.push(before);
    return answers[asked.length - 1];
  }, async () => ({ count: 3, is_exact: true, searched_lines: 9 }), () => {});
  await search.start("x", false);
  await turn();
  assert.equal(search.count, 3);
  assert.equal((await search.go(-1)).seq, 9);
  assert.equal((await search.go(-1)).seq, 7);
  assert.equal((await search.go(-1)).seq, 2);
  assert.deepEqual(asked, [null, 7, 5]);
  assert.equal(await search.go(-1), undefined);
  assert.equal((await search.go(1)).seq, 7);
  await search.start("", false);
  assert.deepEqual(search.matches, []);
});

test("colours and matches share a line: ranges of code points, of characters, and what is in both", () => {
  assert.deepEqual(unitsOf("a😀b", [[1, 2], [2, 3]]), [[1, 3], [3, 4]]);
  assert.deepEqual(unitsOf("abc", [[1, 9]]), [[1, 9]]);
  const pieces = piecesOf("a😀bc", [[2, 4, "ansi-red ansi-bold"]], [[3, 4]]);
  assert.deepEqual(pieces, [
    { style: "", isFound: false, text: "a😀" },
    { style: "ansi-red ansi-bold", isFound: true, text: "b" },
    { style: "ansi-red ansi-bold", isFound: false, text: "c" },
  ]);
  assert.deepEqual(piecesOf("ab", [[0, 2, "red\" onclick"]], []), [{ style: "ansi-onclick", isFound: false, text: "ab" }]);
  assert.deepEqual(rangesOf("Error: no error", "ERROR"), [[0, 5], [10, 15]]);
  assert.deepEqual(rangesOf("İx", "x"), []); // lower case has another length
});

test("the address of a log names only what there is", () => {
  assert.deepEqual(queryOf({}), { run: null, view: "user", levels: [], phase: null });
  assert.deepEqual(queryOf({ view: "all", level: "error,nonsense,debug", phase: "plan", run: "r2" }), { run: "r2", view: "all", levels: ["error", "debug"], phase: "plan" });
});

test("a job can be stopped while it waits or runs, and while something is left of a run whose shim was killed", () => {
  for (const [status, survivors, expected] of [
    ["pending", 0, true],
    ["in_progress", 0, true],
    ["unknown", 2, true],
    ["unknown", 0, false],
    ["unknown", undefined, false],
    ["completed", 0, false],
  ]) {
    assert.equal(goesOn({ status, survivors }), expected, `${status} ${survivors}`);
  }
});
