import assert from "node:assert/strict";
import { test } from "node:test";
import { PAGE_SIZE, isPlain, passes, queryOf, toggled, withRow, withoutRow } from "../../static/pages/pipelines/listing.js";
import { LogText } from "../../static/pages/pipelines/log-text.js";
import { oneAtATime } from "../../static/pages/pipelines/one-at-a-time.js";
import { pagesOf, rangeText } from "../../static/pages/pipelines/paging.js";
import { nameOf, placeOf, statusOf } from "../../static/pages/pipelines/statuses.js";
import { dotsOf, stepNow } from "../../static/pages/pipelines/steps.js";
import { isStale, lengthOf, lengthText } from "../../static/pages/pipelines/times.js";
import { jobIn, withRow as treeWith } from "../../static/pages/pipelines/tree.js";
import { Pipelines } from "../../static/stores/pipelines.js";

const AT = Date.parse("2026-03-10T12:00:00Z");
const row = (number, more = {}) => ({
  id: `p${number}`, project: "quay", pipeline_type: "ticket_work", ticket_id: `T-${number}`, sprint_id: null, branch: null, triggered_by: null, status: "running", is_stale: false,
  created_at: `2026-03-10T11:${String(number).padStart(2, "0")}:00.000Z`, started_at: null, finished_at: null, updated_at: "2026-03-10T12:00:00.000Z",
  active_at: "2026-03-10T12:00:00.000Z", duration_s: null, step_statuses: { research: "running", coding: "pending" }, jobs: 1, path: "work/pipelines/p/pipeline.yaml", problem: null, ...more,
});
const listOf = (rows, more = {}) => ({ pipelines: rows, total: rows.length, page: 1, total_pages: 1, counts: { running: rows.length, failed: 0 }, projects: [], types: [], stale_after_s: 60, ...more });
const ids = ({ list }) => list.pipelines.map(({ id }) => id);
const ALL = queryOf({});

test("how long something took or has taken so far, in two units", () => {
  assert.equal(lengthOf(null, null, AT), null);
  assert.equal(lengthOf("2026-03-10T11:59:18Z", null, AT), 42_000);
  assert.equal(lengthOf("2026-03-10T11:00:00Z", "2026-03-10T11:30:00Z", AT), 1_800_000);
  assert.equal(lengthOf("2026-03-10T12:00:09Z", null, AT), 0); // the clock of the agent is ahead
  const texts = [[null, "—"], [0, "0 s"], [59_999, "59 s"], [60_000, "1 min 00 s"], [185_000, "3 min 05 s"], [3_600_000, "1 h 00 min"], [7_620_000, "2 h 07 min"], [86_400_000, "1 d 0 h"], [273_600_000, "3 d 4 h"]];
  for (const [length, text] of texts) assert.equal(lengthText(length), text);
});

test("stale is what runs without a sign of life for longer than the limit, not at it", () => {
  const quiet = (ms, status = "running") => isStale({ status, active_at: new Date(AT - ms).toISOString() }, 60, AT);
  assert.equal(quiet(60_000), false);
  assert.equal(quiet(60_001), true);
  for (const status of ["created", "success", "failed", "canceled", "broken"]) assert.equal(quiet(999_999, status), false, status);
  assert.equal(isStale({ status: "running", active_at: null }, 60, AT), false);
});

test("a dot for each step in its order, and the step that matters", () => {
  const dots = dotsOf({ research: "success", "wrap-up": "pending", odd: "not_known" });
  assert.deepEqual(dots.map(({ name, status }) => [name, status]), [["research", "success"], ["wrap-up", "pending"], ["odd", "not_known"]]);
  assert.deepEqual(dots.map(({ label }) => label), ["Research: success", "Wrap up: pending", "Odd: not known"]);
  assert.deepEqual(dotsOf({}), []);
  assert.equal(stepNow({ research: "success", coding: "running", "wrap-up": "pending" }), "coding");
  assert.equal(stepNow({ research: "running", coding: "failed" }), "coding");
  assert.equal(stepNow({ research: "success", coding: "pending" }), null);
  assert.equal(statusOf("toString").sign, "help"); // no name of an object's own
});

test("pages: the ends, those around, and a gap only where it says less", () => {
  assert.deepEqual(pagesOf(1, 1), [1]);
  assert.deepEqual(pagesOf(1, 3), [1, 2, 3]);
  assert.deepEqual(pagesOf(1, 9), [1, 2, null, 9]);
  assert.deepEqual(pagesOf(4, 9), [1, 2, 3, 4, 5, null, 9]);
  assert.deepEqual(pagesOf(5, 9), [1, null, 4, 5, 6, null, 9]);
  assert.deepEqual(pagesOf(6, 9), [1, null, 5, 6, 7, 8, 9]);
  assert.deepEqual(pagesOf(9, 9), [1, null, 8, 9]);
  assert.equal(rangeText({ page: 2, total_pages: 3, total: 57, shown: 20, page_size: 20 }), "21–40 of 57");
  assert.equal(rangeText({ page: 1, total_pages: 1, total: 5, shown: 5, page_size: 20 }), "");
});

test("what an address asks for, whatever is in it", () => {
  assert.deepEqual(queryOf({}), { status: [], type: [], project: null, page: 1 });
  assert.deepEqual(queryOf({ status: "failed,,failed,running", type: "x", project: "a,b", page: "3" }), { status: ["failed", "running"], type: ["x"], project: "a,b", page: 3 });
  for (const page of ["0", "-1", "1.5", "x", "1e99", ""]) assert.equal(queryOf({ page }).page, 1, page);
  assert.equal(toggled(["failed"], "running"), "failed,running");
  assert.equal(toggled(["failed"], "failed"), null);
  assert.equal(isPlain(queryOf({ page: "2" })), true);
  assert.equal(isPlain(queryOf({ project: "quay" })), false);
});

test("a report changes a row in its place, and the counts", () => {
  const list = listOf([row(3), row(2), row(1)]);
  const changed = withRow(list, ALL, row(2, { status: "failed" }));
  assert.equal(changed.isSure, true);
  assert.deepEqual(ids(changed), ["p3", "p2", "p1"]);
  assert.equal(changed.list.pipelines[1].status, "failed");
  assert.deepEqual(changed.list.counts, { running: 2, failed: 1 });
  assert.equal(list.pipelines[1].status, "running"); // nothing was changed in place
});

test("a new pipeline comes first, on the first page only; nothing is on two pages", () => {
  const full = listOf(Array.from({ length: PAGE_SIZE }, (_, index) => row(20 - index)), { total: 20 });
  const first = withRow(full, ALL, row(30));
  assert.equal(first.isSure, false);
  assert.equal(first.list.pipelines.length, PAGE_SIZE);
  assert.deepEqual([ids(first)[0], ids(first).at(-1), first.list.total, first.list.total_pages], ["p30", "p2", 21, 2]);
  assert.equal(first.list.counts.running, PAGE_SIZE + 1);
  const second = withRow(listOf([row(1)], { page: 2 }), queryOf({ page: "2" }), row(30));
  assert.deepEqual([ids(second), second.isSure], [["p1"], false]);
  const older = withRow(listOf([row(9)]), ALL, row(1)); // it may be on a later page
  assert.deepEqual([ids(older), older.isSure], [["p9"], false]);
});

test("what does not pass the filters any more goes, what never did does not come", () => {
  const query = queryOf({ status: "running", project: "quay" });
  const list = listOf([row(2), row(1)]);
  const gone = withRow(list, query, row(2, { status: "success" }));
  assert.deepEqual([ids(gone), gone.list.total, gone.isSure], [["p1"], 1, false]);
  assert.deepEqual(gone.list.counts, { running: 1, failed: 0, success: 1 });
  assert.deepEqual(ids(withRow(list, query, row(9, { status: "failed" }))), ["p2", "p1"]);
  assert.deepEqual(ids(withRow(list, query, row(9, { project: "yard" }))), ["p2", "p1"]);
  assert.equal(passes(queryOf({ type: "sprint_close" }), row(1)), false);
  assert.equal(passes(queryOf({ type: "sprint_close" }), row(1, { pipeline_type: null })), false);
  const removed = withoutRow(list, "p1");
  assert.deepEqual([ids(removed), removed.list.total, removed.list.counts.running], [["p2"], 1, 1]);
  assert.deepEqual(withoutRow(list, "p7"), { list, isSure: false });
});

test("applying a report twice changes nothing more", () => {
  const once = withRow(listOf([row(1)]), ALL, row(2));
  const twice = withRow(once.list, ALL, row(2));
  assert.deepEqual(twice.list, once.list);
  assert.equal(twice.isSure, true);
});

test("a report changes the head of a tree and its steps at once; a broken file has none", () => {
  const jobs = [{ id: "j1" }];
  const answer = { pipeline: { ...row(1), meta: {}, steps: [{ name: "research", status: "running", jobs }, { name: "coding", status: "pending", jobs: [] }] }, links: {}, stale_after_s: 60 };
  const { pipeline } = treeWith(answer, row(1, { status: "failed", step_statuses: { research: "failed" } }));
  assert.deepEqual([pipeline.status, pipeline.steps.map(({ status }) => status)], ["failed", ["failed", "pending"]]);
  assert.equal(jobIn(pipeline, "j1"), jobs[0]);
  assert.equal(jobIn(pipeline, "j2"), undefined);
  const broken = treeWith(answer, row(1, { status: "broken", step_statuses: {}, problem: { message: "x", line: 2, column: null, code: "YAML" } })).pipeline;
  assert.equal(broken.steps, null);
  assert.equal(jobIn(broken, "j1"), undefined);
  assert.equal(placeOf(broken.problem), "line 2");
  assert.equal(placeOf({ line: 2, column: 7 }), "line 2, column 7");
  assert.equal(placeOf({ line: null, column: null }), "");
});

test("a pipeline is called by its ticket, its sprint, or the beginning of its id", () => {
  assert.equal(nameOf(row(1)), "T-1");
  assert.equal(nameOf(row(1, { ticket_id: null, sprint_id: "S-1" })), "S-1");
  assert.equal(nameOf(row(1, { id: "0123456789", ticket_id: null })), "01234567");
});

test("the store keeps the first page as long as it is known", () => {
  const store = new Pipelines();
  const heard = [];
  store.addEventListener("row", ({ detail }) => heard.push(detail.id));
  store.addEventListener("removed", ({ detail }) => heard.push(`- ${detail}`));
  assert.equal(store.isAsked, false);
  store.take({ rows: [row(2), row(1)], total: 2, counts: {}, stale_after_s: 60 });
  store.apply({ type: "pipeline.updated", pipeline: row(1, { jobs: 5 }) });
  assert.equal(store.first.rows[1].jobs, 5);
  store.apply({ type: "task.created", task: {} });
  store.apply({ type: "pipeline.finished", pipeline: row(1, { status: "success" }) });
  assert.equal(store.first, null); // the counts are not known any more
  store.apply({ type: "pipeline.removed", id: "p2", project: null });
  assert.deepEqual(heard, ["p1", "p1", "- p2"]);
  store.take(undefined);
  assert.deepEqual([store.isAsked, store.isKnown], [true, false]);
});

const added = (minute, text) => `\n\n---\n\n**[2026-03-10 12:${String(minute).padStart(2, "0")} UTC]**\n\n${text}`;
const answer = (content, start = 0, more = {}) => ({ job_id: "j", content, start, end: start + content.length, size_bytes: start + content.length, truncated: start > 0, changed_at: "2026-03-10T12:00:00Z", ...more });
const texts = (log) => log.entries.map(({ text }) => text);

test("a log is read as its entries, whatever rules are in them", () => {
  const log = new LogText();
  assert.deepEqual([log.isEmpty, log.entries], [true, []]);
  log.takeEnd(answer(`# First\n\n---\n\nstill first${added(5, "second")}${added(7, "third\n\n**[no time]**")}`));
  assert.deepEqual(log.entries.map(({ time, text }) => [time, text]), [
    [null, "# First\n\n---\n\nstill first"],
    ["2026-03-10T12:05:00Z", "second"],
    ["2026-03-10T12:07:00Z", "third\n\n**[no time]**"],
  ]);
  log.takeEnd(answer(""));
  assert.deepEqual(log.entries, []);
});

test("what is appended adds entries; those before stay the same", () => {
  const log = new LogText();
  log.takeEnd(answer("one"));
  const before = log.entries;
  log.takeEnd(answer(`one${added(1, "two")}`));
  assert.deepEqual(log.entries.slice(0, 1), before);
  assert.deepEqual(texts(log), ["one", "two"]);
  log.takeEnd(answer("other")); // shorter: it is another file
  assert.deepEqual(texts(log), ["other"]);
});

test("earlier parts are put before the end, and the end goes on where its window moves", () => {
  const whole = `begin${added(1, "a".repeat(900))}${added(2, "b".repeat(900))}${added(3, "c")}`;
  const cut = whole.indexOf("\n\n---\n\n**[2026-03-10 12:02");
  const log = new LogText();
  log.takeEnd(answer(whole.slice(cut), cut));
  assert.equal(log.before, cut);
  assert.equal(log.takeEarlier(answer(whole.slice(0, cut), 0)), true);
  assert.equal(log.before, null);
  assert.deepEqual(texts(log).map((text) => text[0]), ["b", "a", "b", "c"]);
  assert.equal(log.takeEarlier(answer("x", 0)), false); // there is nothing before
  const keys = log.entries.map(({ key }) => key);
  const longer = `${whole}${added(4, "d")}`;
  const later = longer.indexOf("b".repeat(200));
  log.takeEnd(answer(longer.slice(later), later));
  assert.deepEqual(log.entries.slice(0, 4).map(({ key }) => key), keys);
  assert.equal(texts(log).at(-1), "d");
  assert.equal(log.entries.length, 5);
  log.takeEnd(answer("far away from there, it has grown by more than the window", 9_000_000)); // they do not meet
  assert.equal(log.entries.length, 1);
  assert.equal(log.before, 9_000_000);
});

test("a log that grows is asked for from its last entry on, which may have grown too", () => {
  const log = new LogText();
  assert.equal(log.after, null);
  const begun = `one${added(1, "two, begun")}`;
  log.takeEnd(answer(begun, 60, { last_entry: 63 }));
  assert.equal(log.after, 63);
  const keys = log.entries.map(({ key }) => key);
  const rest = `${added(1, "two, begun and ended")}${added(2, "three")}`;
  log.takeEnd(answer(rest, 63, { last_entry: 120 }), 63);
  assert.deepEqual(texts(log), ["one", "two, begun and ended", "three"]);
  assert.deepEqual(log.entries.slice(0, 2).map(({ key }) => key), keys); // they stay the same elements
  assert.equal(log.after, 120);
  log.takeEnd(answer(added(2, "three"), 120, { last_entry: 120, size_bytes: 999 }), 120); // nothing came
  assert.deepEqual(texts(log), ["one", "two, begun and ended", "three"]);
  log.takeEnd(answer("another text", 400, { last_entry: null, size_bytes: 2_000 }), 120); // it was rewritten: its end
  assert.deepEqual([texts(log), log.after], [["another text"], null]);
});

test("of a page with one entry all is asked for again, and of one that is too long its end", () => {
  const log = new LogText();
  log.takeEnd(answer("begun", 60, { last_entry: 60 }));
  log.takeEnd(answer("begun, ended", 60, { last_entry: 60 }), 60);
  assert.deepEqual([texts(log), log.after], [["begun, ended"], 60]);
  log.takeEnd(answer("x".repeat(1_048_577), 60, { last_entry: 60 }), 60);
  assert.equal(log.after, null);
});

test("the service is asked one question at a time, and once more for all that came meanwhile", async () => {
  const answers = [];
  const ask = oneAtATime(() => new Promise((done) => answers.push(done)));
  const first = ask();
  ask();
  ask();
  assert.equal(answers.length, 1);
  answers[0]();
  await new Promise((done) => setTimeout(done));
  assert.equal(answers.length, 2);
  answers[1]();
  await first;
  ask();
  assert.equal(answers.length, 3);
});
