import assert from "node:assert/strict";
import { test } from "node:test";
import { reasonsOf } from "../../static/pages/plans/control.js";
import { NODE, coneOf, drawingOf, neighbour } from "../../static/pages/plans/graph-layout.js";
import { graphSvg, placesIn } from "../../static/pages/plans/graph-svg.js";
import { LogLines, MOST_LINES, levelOf } from "../../static/pages/plans/log-lines.js";
import { lengthOf, tasksIn, withTask, withoutId } from "../../static/pages/plans/plan-model.js";
import { Replay, cellPaths, progressOf } from "../../static/pages/plans/replay.js";
import { sharesOf } from "../../static/pages/plans/statuses.js";
import { TimeScale, spansOf } from "../../static/pages/plans/time-scale.js";
import { Feed } from "../../static/stores/feed.js";
import { Plans } from "../../static/stores/plans.js";

const row = (name, more = {}) => ({
  name, path: `docs/plans/${name}.md`, title: name, status: "pending", progress: null, currentPhase: null, currentTask: null, worktree: null, orchestrator: null,
  lastUpdatedAt: null, project: "", findings: 0, disagreements: 0, problems: 0, ...more,
});
const task = (id, status = "pending", more = {}) => ({ id, phase: id.split(".")[0], description: `Task ${id}`, status, dependencies: [], duration: null, startedAt: null, completedAt: null, ...more });
const phase = (key) => ({ key, number: Number(key), name: key, total: 2, completed: 0, percentage: 0, progress: null });
const plan = (...tasks) => ({ ...row("tide"), phases: [phase("1"), phase("2")], tasks });
const names = (rows) => rows.map(({ name }) => name);

test("the store has plans by snapshot and events; what runs comes first, then what has something to do", () => {
  const store = new Plans();
  store.take([row("a", { status: "completed" }), row("b", { lastUpdatedAt: "2026-01-01T00:00:00Z" }), row("c", { lastUpdatedAt: "2026-01-02T00:00:00Z" })]);
  store.apply({ type: "plan.updated", plan: "d", data: row("d", { status: "in_progress" }) });
  store.apply({ type: "plan.started", plan: "a", orchestrator: { pid: 7 } });
  const before = store.revision.peek();
  store.flush();
  store.flush(); // nothing has changed since
  assert.equal(store.revision.peek(), before + 1);
  assert.deepEqual(names(store.list()), ["a", "d", "c", "b"]);
  assert.deepEqual(store.plans.get("a").orchestrator, { running: true, pid: 7 });
  assert.deepEqual(names(store.list("running")), ["a"]);
  assert.deepEqual(names(store.list("pending")), ["c", "b"]);
  assert.deepEqual(store.counts, { all: 4, running: 1, in_progress: 1, pending: 2, failed: 0, completed: 1 });
  store.apply({ type: "plan.stopped", plan: "a", orchestrator: null });
  store.apply({ type: "plan.removed", plan: "b" });
  assert.deepEqual(names(store.list()), ["d", "c", "a"]);
  assert.equal(store.plans.get("a").orchestrator.running, false);
  store.take(undefined);
  assert.deepEqual([store.isAsked, store.isKnown, store.plans.size], [true, false, 0]);
});

test("the store says which plan was read anew, and which task has changed", () => {
  const store = new Plans();
  const heard = [];
  for (const name of ["plan", "task"]) store.addEventListener(name, ({ detail }) => heard.push([name, detail.task ?? detail]));
  store.apply({ type: "plan.updated", plan: "tide", data: row("tide") });
  store.apply({ type: "plan.task_changed", plan: "tide", task: "1.1", detail: null });
  store.apply({ type: "task.created", task: {} });
  assert.deepEqual(heard, [["plan", "tide"], ["task", "1.1"]]);
});

test("events of plans are in the activity as what they are, not as tasks", () => {
  const feed = new Feed();
  feed.addAll([{ type: "plan.task_changed", plan: "tide", task: "1.1", seq: 1, epoch: "e", time: "2026-01-01T00:00:00Z" }]);
  assert.deepEqual([feed.list(["tasks"]).length, feed.list(["plans"]).length], [0, 1]);
});

test("a task of an event replaces its own, and its phase is counted again", () => {
  const before = plan(task("1.1", "completed"), task("1.2"), task("2.1"));
  const after = withTask(before, "1.2", task("1.2", "skipped"));
  assert.deepEqual(after.tasks.map(({ status }) => status), ["completed", "skipped", "pending"]);
  assert.deepEqual([after.phases[0].completed, after.phases[0].percentage, after.phases[0].progress.skipped], [2, 100, 1]);
  assert.equal(after.phases[1], before.phases[1]); // nothing of it has changed
  assert.equal(withTask(before, "2.1", null).tasks.length, 2);
  assert.equal(withTask(before, "2.1", null).phases[1].total, 0);
  assert.deepEqual(withTask(before, "2.2", task("2.2", "failed")).phases[1].progress.failed, 1);
  const third = withTask(plan(task("1.1", "completed"), task("1.2", "completed"), task("1.3")), "1.3", task("1.3", "failed"));
  assert.equal(third.phases[0].percentage, 66); // never more than is finished
});

test("tasks by phase and status; how long one took", () => {
  const tasks = [task("1.1", "completed"), task("1.2"), task("2.1")];
  assert.deepEqual(tasksIn(tasks, { phase: "1", status: "pending" }).map(({ id }) => id), ["1.2"]);
  assert.equal(tasksIn(tasks, {}).length, 3);
  const [startedAt, completedAt] = ["2026-01-01T00:00:00Z", "2026-01-01T00:01:00Z"];
  assert.equal(lengthOf(task("1", "completed", { startedAt, completedAt })), 60_000);
  assert.equal(lengthOf(task("1", "completed", { startedAt, completedAt, duration: 5 })), 5);
  assert.equal(lengthOf(task("1", "completed", { startedAt: completedAt, completedAt: startedAt })), null);
  assert.equal(lengthOf(task("1", "completed", { startedAt: "soon", completedAt })), null);
});

test("a text does not say its id again", () => {
  assert.deepEqual([withoutId("1.1", "1.1 Read it"), withoutId("1.1", "1.10 Read it"), withoutId("1.1", "Read 1.1")], ["Read it", "1.10 Read it", "Read 1.1"]);
});

test("the parts of a bar follow each other", () => {
  const parts = sharesOf({ total: 8, completed: 2, skipped: 1, failed: 0, in_progress: 1, pending: 4, percentage: 37 });
  assert.deepEqual(parts, [{ status: "completed", from: 0, size: 25 }, { status: "skipped", from: 25, size: 12.5 }, { status: "in_progress", from: 37.5, size: 12.5 }]);
  assert.deepEqual(sharesOf({ total: 0, completed: 0, skipped: 0, failed: 0, in_progress: 0, pending: 0, percentage: 0 }), []);
});

const edge = (from, to) => ({ from, to, kind: "dependency" });
function graphOf(layers, edges) {
  const nodes = layers.flatMap((ids, layer) => ids.map((id, index) => ({ id, description: id, status: "pending", phase: String(layer), layer, row: index, onCriticalPath: false })));
  return { nodes, edges, layers: layers.map((ids, layer) => ({ phase: String(layer), name: `Phase ${layer}`, nodes: ids })), criticalPath: { tasks: [], duration: null }, cycles: [], missing: [] };
}

test("the cone of a task is all that it waits for and all that waits for it, also in a cycle", () => {
  const edges = [edge("a", "b"), edge("b", "c"), edge("x", "c"), edge("b", "y"), edge("q", "q")];
  assert.deepEqual([...coneOf(edges, "b")].sort(), ["a", "b", "c", "y"]);
  assert.deepEqual([...coneOf(edges, "alone")], ["alone"]);
  assert.deepEqual([...coneOf([edge("a", "b"), edge("b", "a")], "a")].sort(), ["a", "b"]);
});

test("layers are columns, a long one several; nothing lies upon another", () => {
  const many = Array.from({ length: 60 }, (_, index) => `m${index}`);
  const drawing = drawingOf(graphOf([["a", "b"], many, ["z"]], [edge("a", "m1"), edge("m1", "m2"), edge("gone", "z")]));
  assert.equal(drawing.layers.length, 3);
  assert.equal(drawing.edges.length, 2);
  const boxes = [...drawing.places.values()];
  assert.equal(new Set(boxes.map(({ x }) => x)).size, 5); // one, three, one
  for (const one of boxes) {
    assert.ok(one.x + NODE.width <= drawing.width && one.y + NODE.height <= drawing.height);
    for (const other of boxes) assert.ok(one === other || Math.abs(one.x - other.x) >= NODE.width || Math.abs(one.y - other.y) >= NODE.height);
  }
  const part = drawingOf(graphOf([["a", "b"], many, ["z"]], []), new Set(["b", "z"]));
  assert.deepEqual([part.layers.map(({ name }) => name), [...part.places.keys()]], [["Phase 0", "Phase 2"], ["b", "z"]]);
  assert.equal(drawingOf(graphOf([], [])).places.size, 0);
});

test("arrow keys lead to the task beside", () => {
  const drawing = drawingOf(graphOf([["a", "b", "c"], ["d"]], []));
  const to = (id, key) => neighbour(drawing, id, key)?.node.id;
  assert.deepEqual([to("a", "ArrowDown"), to("b", "ArrowUp"), to("c", "ArrowRight"), to("d", "ArrowLeft")], ["b", "a", "d", "a"]);
  assert.deepEqual([to("a", "ArrowUp"), to("d", "ArrowRight"), to("a", "Enter"), to("gone", "ArrowDown")], [undefined, undefined, undefined, undefined]);
});

const overviewOf = (orchestrators = [], more = {}) => ({ orchestrators, control: true, start: { allowed: true, reason: null, profile: "orchestrator", needsApproval: false }, problem: null, ...more });
const alive = (more = {}) => ({ id: "o", plan: "tide", pid: 7, is_alive: true, can_stop: true, why_not: null, ...more });

test("what cannot be done says why", () => {
  const tide = row("tide");
  const stopped = { start: null, stop: "It does not run.", force: "It does not run." };
  assert.deepEqual(reasonsOf(tide, overviewOf(), false), stopped);
  assert.equal(reasonsOf(tide, null, false).start, "It is not known yet whether programs may be started.");
  const off = reasonsOf(tide, overviewOf([alive()], { control: false }), false);
  assert.equal(new Set(Object.values(off)).size, 1);
  assert.match(off.stop, /Control is off/);
  const refused = { allowed: false, reason: "There is no profile.", profile: "orchestrator", needsApproval: false };
  assert.equal(reasonsOf(tide, overviewOf([], { start: refused }), false).start, "There is no profile.");
  assert.equal(reasonsOf(tide, overviewOf([], { start: { ...refused, needsApproval: true } }), false).start, null); // the dialog shows it to be approved
  assert.deepEqual(reasonsOf(tide, overviewOf([alive()]), false), { start: "It runs already, as process 7.", stop: null, force: null });
  assert.deepEqual(reasonsOf(tide, overviewOf([alive()]), true), { start: "It runs already, as process 7.", stop: "It was asked to stop.", force: null });
  const stranger = alive({ can_stop: false, why_not: "It was not started from here." });
  assert.equal(reasonsOf(tide, overviewOf([stranger]), false).force, "It was not started from here.");
  assert.equal(reasonsOf(tide, overviewOf([stranger, alive()]), false).stop, null); // one of them may be stopped
  assert.deepEqual(reasonsOf(tide, overviewOf([alive({ plan: "other" }), alive({ is_alive: false })]), false), stopped);
});

test("lines of a log have their level; of very many the last are held", () => {
  assert.deepEqual(["12:00:01 [ERROR] no", "12:00:01 [WARNING] hm", "12:00:01 [INFO] well", "ERROR: no", "no [ERROR] here", "Traceback (most recent call last):"].map(levelOf), ["error", "warning", "", "error", "", "error"]);
  const log = new LogLines();
  log.add(["12:00:01 [INFO] one", "12:00:02 [ERROR] two"]);
  assert.deepEqual(log.shown("ONE", false).map(({ key }) => key), ["0"]);
  assert.deepEqual(log.shown("", true).map(({ key }) => key), ["1"]);
  log.add(Array.from({ length: MOST_LINES }, (_, index) => `line ${index}`));
  assert.equal(log.lines.length, MOST_LINES);
  assert.deepEqual([log.lines[0].key, log.lines.at(-1).key], ["2", String(MOST_LINES + 1)]);
  log.clear();
  assert.deepEqual([log.lines.length, log.count], [0, 0]);
});

const at = (minutes) => new Date(Date.UTC(2026, 0, 1) + minutes * 60_000).toISOString();
const ran = (id, from, to, status = "completed") => task(id, status, { startedAt: at(from), completedAt: to === null ? null : at(to) });

test("tasks that ran are on a line in the order of their begin", () => {
  const spans = spansOf([ran("b", 10, 20), ran("a", 0, 5), ran("c", 12, null, "in_progress"), task("d"), task("e", "completed"), task("f", "completed", { completedAt: at(30), duration: 60_000 })]);
  assert.deepEqual(spans.map(({ key }) => key), ["a", "b", "c", "f"]);
  assert.equal(spans[2].to, null);
  assert.equal(spans[3].from, Date.parse(at(29)));
});

test("what a file says of years beyond 9999 is drawn until then", () => {
  const spans = spansOf([task("a", "completed", { startedAt: at(0), duration: 2 ** 53 }), task("b", "completed", { completedAt: at(0), duration: 2 ** 53 }), task("c", "failed", { startedAt: "0001-01-01T00:00:00+23:00" })]);
  for (const { from, to } of spans) for (const time of [from, to]) assert.match(new Date(time).toISOString(), /^\d{4}-/);
  for (const { time } of new TimeScale(spans, 0).ticks(6)) assert.match(new Date(time).toISOString(), /^\d{4}-/);
});

test("long pauses are cut short, and places and times belong together", () => {
  const spans = spansOf([ran("a", 0, 30), ran("b", 30, 60), ran("c", 3_000, 3_060)]);
  const scale = new TimeScale(spans, 0);
  assert.deepEqual(scale.pieces.map(({ isPause }) => isPause), [false, true, false]);
  assert.ok(Math.abs(scale.pieces.reduce((sum, { size }) => sum + size, 0) - 1) < 1e-9);
  assert.ok(scale.at(Date.parse(at(60))) > 0.45 && scale.at(Date.parse(at(3_000))) < 0.55);
  assert.equal(scale.at(Date.parse(at(-5))), 0);
  assert.equal(scale.at(Date.parse(at(9_000))), 1);
  for (const minutes of [0, 15, 60, 1_000, 3_030, 3_060]) assert.ok(Math.abs(scale.timeAt(scale.at(Date.parse(at(minutes)))) - Date.parse(at(minutes))) < 1_000, `${minutes}`);
  const whole = new TimeScale(spans, 0, false);
  assert.equal(whole.pieces.length, 1);
  assert.ok(whole.at(Date.parse(at(60))) < 0.03);
  const short = new TimeScale(spansOf([ran("a", 0, 30), ran("b", 30.5, 60)]), 0); // no pause worth a word
  assert.equal(short.pieces.length, 1);
  assert.deepEqual(new TimeScale([], 0).ticks(4), []);
  assert.equal(new TimeScale(spansOf([ran("a", 0, 0)]), 0).pieces[0].size, 1); // a moment
});

test("a plan is replayed from its begin to what it is now", () => {
  const change = (name, previousStatus, status, minutes) => ({ time: at(minutes), task: name, previousStatus, status, source: "journal" });
  const changes = [change("1.1", "pending", "in_progress", 0), change("1.1", "in_progress", "completed", 1), change("1.3", null, "pending", 2), change("1.2", "failed", null, 3)];
  const replay = new Replay([task("1.1", "completed"), task("1.3"), task("1.4", "skipped")], changes);
  const texts = [0, 1, 2, 3, 4].map((step) => replay.statusesAt(step).map((each) => each.join(" ")).join(", "));
  assert.deepEqual(texts, [
    "1.1 pending, 1.4 skipped, 1.2 failed", "1.1 in_progress, 1.4 skipped, 1.2 failed", "1.1 completed, 1.4 skipped, 1.2 failed",
    "1.1 completed, 1.3 pending, 1.4 skipped, 1.2 failed", "1.1 completed, 1.3 pending, 1.4 skipped",
  ]);
  assert.deepEqual([replay.changeAt(0), replay.changeAt(1)], [null, changes[0]]);
  assert.deepEqual(progressOf(replay.statusesAt(4)).percentage, 66);
  const { width, height, paths } = cellPaths(replay.statusesAt(4), 2);
  assert.deepEqual([width, height, paths.map(({ status }) => status)], [22, 22, ["completed", "pending", "skipped"]]);
});

test("of a large graph only what is in view is drawn, from afar as squares", () => {
  const layers = Array.from({ length: 40 }, (_, layer) => Array.from({ length: 24 }, (_each, index) => `${layer}.${index}`));
  const edges = layers.slice(1).map((ids, layer) => edge(`${layer}.0`, ids[0]));
  const drawing = drawingOf(graphOf(layers, edges));
  const part = { left: 0, top: 0, right: 500, bottom: 300 };
  const options = { part, isClose: true, focus: null, stop: null };
  const close = graphSvg("tide", drawing, new Map(), options).text;
  assert.equal(close.match(/class="node"/g).length, placesIn(drawing, part).length);
  assert.equal(close.match(/tabindex="0"/g).length, 1);
  assert.equal(close.match(/data-kind/g).length, 1); // all edges of a kind are one path
  assert.ok(placesIn(drawing, part).length < 30);
  const all = { left: 0, top: 0, right: drawing.width, bottom: drawing.height };
  const far = graphSvg("tide", drawing, new Map([["0.0", "failed"]]), { ...options, part: all, isClose: false }).text;
  assert.equal(far.match(/class="squares"/g).length, 2);
  assert.equal(far.includes('class="node"'), false);
});
