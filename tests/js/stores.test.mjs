import assert from "node:assert/strict";
import { test } from "node:test";
import { Artifacts } from "../../static/stores/artifacts.js";
import { Board } from "../../static/stores/board.js";
import { Costs } from "../../static/stores/costs.js";
import { Evidence } from "../../static/stores/evidence.js";
import { Feed } from "../../static/stores/feed.js";
import { grouped } from "../../static/stores/feed-groups.js";
import { agentOf, kindOf } from "../../static/stores/feed-kinds.js";
import { subjectOf, textOf } from "../../static/shell/activity-text.js";
import { natural } from "../../static/stores/natural.js";
import { Level } from "../../static/stores/level.js";
import { ems, facetsOf, priorityRank, recordOf } from "../../static/stores/records.js";
import { Store, Stores } from "../../static/stores/stores.js";
import { View, isFiltering, isPlain, matcher } from "../../static/stores/view.js";

const task = (id, more = {}) => ({
  id, key: id, title: `Task ${id}`, lane: "inbox", agent: null, status: "new", priority: "normal", path: `inbox/${id}.yaml`, tags: [], flags: [],
  dependencies: [], duplicates: [], duplicate_count: 0, copied_by: null, error: null, created_at: "2026-01-01T00:00:00Z", modified_at: "2026-01-02T00:00:00Z", ...more,
});
const other = (id, lane, title = `Other ${id}`) => task(id, { key: `${id}\n${lane}/${id}.yaml`, lane, title, path: `${lane}/${id}.yaml`, flags: ["duplicate_id"] });
const event = (seq, type, more = {}) => ({ seq, epoch: "e", type, time: `2026-01-01T00:00:${String(seq).padStart(2, "0")}Z`, ...more });
const HEAD = { seq: 10, epoch: "e", portions: ["tasks"], counts: { inbox: 0, assigned: 0, done: 0 } };

function filled(tasks, lacking = []) {
  const board = new Board({ isLacking: ({ key }) => lacking.includes(key) });
  board.begin(HEAD);
  board.add(tasks);
  board.finish();
  return board;
}

function heard(store, ...names) {
  const all = [];
  for (const name of names) store.addEventListener(name, ({ detail }) => all.push([name, detail]));
  return all;
}

class Log extends Store {
  log = [];
  take(snapshot) { this.log.push(["take", snapshot]); }
  apply({ seq }) { this.log.push(["apply", seq]); }
  flush() { this.log.push(["flush"]); }
}

test("a card is as old as its file says, in whatever form, else as its last change", () => {
  const age = (created_at) => recordOf(task("t", { created_at })).created_at;
  assert.equal(age("Nov 5, 2026"), Date.parse("2026-11-05T00:00:00Z"));
  assert.equal(age("soon"), Date.parse("2026-01-02T00:00:00Z"));
});

test("every store gets its topic's part of a snapshot, then all events in order", async () => {
  const stores = new Stores();
  const [costs, tasks, none] = [new Log("costs"), new Log("tasks"), new Log(null)];
  for (const store of [costs, tasks, none]) stores.register(store);
  stores.begin({ ...HEAD, costs: { today: 1 } });
  stores.add("tasks", [1, 2]);
  stores.add("tasks", [3]);
  assert.deepEqual(tasks.log, []);
  assert.equal(stores.position.value.seq, null);
  stores.finish();
  await stores.ready;
  stores.apply([event(11, "x"), event(12, "y")]);
  const events = [["apply", 11], ["apply", 12], ["flush"]];
  assert.deepEqual(costs.log, [["take", { today: 1 }], ...events]);
  assert.deepEqual(tasks.log, [["take", [1, 2, 3]], ...events]);
  assert.deepEqual(none.log, events);
  assert.deepEqual(stores.position.value, { seq: 12, epoch: "e" });
  assert.equal(stores.get("costs"), costs);
  assert.equal(stores.get("nothing"), undefined);
});

test("a store that comes late asks for its snapshot and misses no event", async () => {
  let answer;
  const stores = new Stores((topic) => new Promise((done) => (answer = (seq) => done({ seq, [topic]: topic.toUpperCase() }))));
  stores.begin(HEAD);
  stores.finish();
  const late = new Log("hello");
  const registered = stores.register(late);
  stores.apply([event(11, "x"), event(12, "x")]);
  answer(11);
  stores.apply([event(13, "x")]);
  await registered;
  stores.apply([event(14, "x")]);
  assert.deepEqual(late.log, [["take", "HELLO"], ["apply", 12], ["apply", 13], ["flush"], ["apply", 14], ["flush"]]);
});

test("a snapshot of everything is newer than the one that a late store asked for", async () => {
  let answer;
  const stores = new Stores(() => new Promise((done) => (answer = done)));
  stores.begin(HEAD);
  stores.finish();
  const late = new Log("hello");
  const registered = stores.register(late);
  stores.begin({ ...HEAD, seq: 20, hello: "new" });
  stores.finish();
  answer({ seq: 12, hello: "old" });
  await registered;
  assert.deepEqual(late.log, [["take", "new"]]);
});

test("a store that fails does not hold up the others", (context) => {
  const reported = [];
  globalThis.reportError = (error) => reported.push(error.message);
  context.after(() => delete globalThis.reportError);
  const stores = new Stores();
  const broken = new Store("a");
  broken.apply = () => { throw new Error("broken"); };
  const sound = new Log("b");
  stores.register(broken);
  stores.register(sound);
  stores.apply([event(1, "x")]);
  assert.deepEqual(reported, ["broken"]);
  assert.deepEqual(sound.log, [["apply", 1], ["flush"]]);
});

test("the plain store has the snapshot and announces events", () => {
  const store = new Store("hello");
  const all = heard(store, "event");
  store.take(7);
  store.apply(event(1, "hello.said"));
  assert.deepEqual([store.snapshot, store.revision.value, all[0][1].type], [7, 1, "hello.said"]);
});

test("events move, change and remove tasks, and say what to draw again", () => {
  const board = filled([task("t1"), task("t2", { dependencies: ["t1"] })]);
  assert.ok(board.takeChanges().all);
  board.apply(event(11, "task.completed", { task: task("t1", { lane: "done" }) }));
  const revision = board.revision.value;
  board.flush();
  assert.equal(board.revision.value, revision + 1);
  const { all, changed, stale, fresh, seq } = board.takeChanges();
  assert.deepEqual([all, [...changed], [...stale], [...fresh], seq], [false, ["t1"], ["t2"], [["t1", "task.completed"]], 11]);
  assert.equal(board.tasks.get("t1").lane, "done");
  board.apply(event(12, "task.removed", { task: task("t1") }));
  assert.deepEqual([board.tasks.has("t1"), board.records.has("t1")], [false, false]);
  board.flush();
  assert.deepEqual(board.dependencyState(board.tasks.get("t2")), { total: 1, met: 0, open: 0, unknown: 1, blockers: [], missing: ["t1"] });
});

test("a task is blocked by what is open, unless it is done", () => {
  const board = filled([task("a"), task("b", { lane: "done" }), task("c", { dependencies: ["a", "b", "gone"] })]);
  assert.deepEqual(board.dependencyState(board.tasks.get("c")), { total: 3, met: 1, open: 1, unknown: 1, blockers: ["Task a"], missing: ["gone"] });
  assert.ok(board.isBlocked(board.tasks.get("c")));
  assert.ok(!board.isBlocked(task("d", { lane: "done", dependencies: ["a"] })));
  assert.ok(!board.isBlocked(task("d", { dependencies: ["gone"] })));
});

test("the present board stays until a snapshot is complete; new lanes are added", () => {
  const board = filled([task("old")]);
  board.begin({ ...HEAD, seq: 20 });
  board.add([task("new")]);
  assert.deepEqual([...board.tasks.keys()], ["old"]);
  board.finish();
  assert.deepEqual([[...board.tasks.keys()], board.seq], [["new"], 20]);
  board.apply(event(21, "task.created", { task: task("x", { lane: "review" }) }));
  assert.deepEqual(board.lanes, ["inbox", "assigned", "done", "review"]);
});

test("each file of an id is a card of its own with its own facts", () => {
  const board = filled([other("t", "done", "Old soup"), task("t", { title: "Soup" })]);
  assert.deepEqual([...board.records.values()].map(({ key, lane, isDuplicate, task: { title } }) => [key, lane, isDuplicate, title]), [
    ["t\ndone/t.yaml", "done", true, "Old soup"],
    ["t", "inbox", false, "Soup"],
  ]);
  assert.deepEqual([board.tasks.get("t").title, board.filesWith({ id: "t" }), board.filesWith({ id: "u" })], ["Soup", 2, 0]);
  board.apply(event(11, "task.updated", { task: other("t", "done", "Older soup") }));
  assert.deepEqual([board.tasks.get("t").title, board.records.get("t\ndone/t.yaml").task.title], ["Soup", "Older soup"]);
  board.apply(event(12, "task.removed", { task: other("t", "done") }));
  assert.deepEqual([[...board.records.keys()], board.filesWith({ id: "t" })], [["t"], 1]);
});

test("a card keeps its place when its key changes, and the file that leads is the task of the id", () => {
  const board = filled([other("t", "done", "Copy"), task("t", { title: "First" })]);
  const moves = heard(board, "moved");
  board.takeChanges();
  board.apply(event(11, "task.moved", { task: other("t", "assigned", "Copy"), previous_key: "t\ndone/t.yaml", previous_path: "done/t.yaml", path: "assigned/t.yaml" }));
  assert.deepEqual([...board.records.keys()].sort(), ["t", "t\nassigned/t.yaml"]);
  assert.deepEqual(moves, [["moved", { id: "t", from: "done/t.yaml", to: "assigned/t.yaml" }]]);
  assert.deepEqual([...board.takeChanges().changed].sort(), ["t\nassigned/t.yaml", "t\ndone/t.yaml"]);
  board.apply(event(12, "task.removed", { task: task("t") }));
  assert.equal(board.tasks.has("t"), false);
  board.apply(event(13, "task.updated", { task: task("t", { title: "Copy", lane: "assigned" }), previous_key: "t\nassigned/t.yaml", changed: ["duplicates"] }));
  assert.deepEqual([[...board.records.keys()], board.tasks.get("t").title, board.filesWith({ id: "t" })], [["t"], "Copy", 1]);
  assert.equal(board.takeChanges().fresh.size, 0, "nothing of the file itself has changed");
});

test("the view sorts, moves one entry per change, filters by all terms, and counts cards", () => {
  const at = (day) => `2026-01-0${day}T00:00:00Z`;
  const board = filled([
    task("a", { created_at: at(1), priority: "low", title: "Fix the API" }),
    task("b", { created_at: at(3), priority: "critical", agent: "ada", tags: ["api"] }),
    task("c", { created_at: at(2), flags: ["duplicate_id"] }),
    task("c", { created_at: at(2), flags: ["duplicate_id"], key: "c\ninbox/c2.yaml", path: "inbox/c2.yaml" }),
  ]);
  const view = new View(board);
  const keys = (filters = {}) => view.columns(filters).get("inbox").records.map(({ key }) => key);
  view.update(board.takeChanges(), "newest");
  assert.deepEqual(keys(), ["b", "c", "c\ninbox/c2.yaml", "a"]);
  assert.equal(view.columns({}).get("inbox").total, 4);
  board.apply(event(11, "task.updated", { task: task("a", { created_at: at(4) }) }));
  view.update(board.takeChanges(), "newest");
  assert.deepEqual(keys(), ["a", "b", "c", "c\ninbox/c2.yaml"]);
  view.update(board.takeChanges(), "priority");
  assert.equal(keys()[0], "b");
  for (const odd of ["", "sideways", "__proto__", "constructor"]) {
    view.update(board.takeChanges(), odd);
    assert.deepEqual(keys(), ["a", "b", "c", "c\ninbox/c2.yaml"]);
    view.update(board.takeChanges(), "priority");
  }
  assert.deepEqual(keys({ q: "API task" }), ["b"]);
  assert.deepEqual(keys({ agent: "ada" }), ["b"]);
  assert.deepEqual(keys({ flag: "duplicate_id" }), ["c", "c\ninbox/c2.yaml"]);
  assert.deepEqual([isFiltering({ sort: "title", group: "agent" }), isFiltering({ tag: "x" })], [false, true]);
});

test("facets count what is on the board; claims that are missing are a flag", () => {
  const board = filled([task("a", { lane: "done", tags: ["x", "y"] }), task("b", { tags: ["y"], dependencies: ["c"] }), task("c", { priority: "high" })], ["a"]);
  const { tag, priority, flag, status } = facetsOf(board);
  assert.deepEqual([tag, priority, flag, status], [[["y", 2], ["x", 1]], [["high", 1], ["normal", 2]], [["blocked", 1], ["evidence_missing", 1]], [["new", 3]]]);
  assert.ok(matcher({ flag: "evidence_missing" }, board)(board.records.get("a")));
  assert.ok(!matcher({ flag: "evidence_missing" }, board)(board.records.get("b")));
  assert.deepEqual(["critical", "low", "odd"].map(priorityRank), [0, 4, 5]);
  assert.ok(ems("WWWW") > ems("iiii") && ems("漢字") === 2);
});

test("evidence is announced once for events that come together", () => {
  const evidence = new Evidence();
  const all = heard(evidence, "change");
  evidence.take({ a: { missing: 1 } });
  evidence.apply(event(1, "evidence.update", { evidence: { b: { missing: 0 } } }));
  evidence.apply(event(2, "evidence.update", { evidence: { a: null } }));
  evidence.apply(event(3, "task.updated"));
  evidence.flush();
  evidence.flush();
  assert.deepEqual(all, [["change", null], ["change", new Set(["b", "a"])]]);
  assert.equal(evidence.ofTask("a"), undefined);
  evidence.take({ a: { missing: 1 } });
  assert.deepEqual([evidence.isLacking({ key: "a", lane: "done" }), evidence.isLacking({ key: "a", lane: "inbox" })], [true, false]);
});

test("costs: off, unavailable, known; what is not in an event stays", () => {
  const costs = new Costs();
  const all = heard(costs, "tasks", "incomplete", "budget", "calls");
  assert.equal(costs.state, "waiting");
  costs.take(undefined);
  assert.equal(costs.state, "off");
  costs.take(null);
  assert.equal(costs.state, "unavailable");
  costs.apply(event(1, "cost.update", { costs: { today: 1 } }));
  costs.take({ costs: { today: 2 }, calls: { total: 3 }, forecast: { month_usd: 9 }, by_task: { a: { calls: 1 } }, budgets: [{ name: "x", level: "ok" }], timezone: "UTC" });
  costs.apply(event(2, "cost.update", { costs: { today: 5 }, by_task: { b: { calls: 2 } } }));
  assert.deepEqual([costs.state, costs.costs.today, costs.calls.total, costs.forecast.month_usd, costs.ofTask("a").calls, costs.ofTask("b").calls], ["known", 5, 3, 9, 1, 2]);
  costs.apply(event(3, "cost.budget", { budget: { name: "x", level: "warn" } }));
  costs.apply(event(4, "cost.budget", { budget: { name: "y", level: "ok" } }));
  assert.deepEqual(costs.budgets.map(({ level }) => level), ["warn", "ok"]);
  costs.apply(event(5, "task.created", { task: { id: "c" } }));
  costs.apply(event(6, "task.created", { task: { id: "a" } }));
  costs.apply(event(7, "telemetry.update"));
  assert.deepEqual(all.map(([name]) => name), ["tasks", "tasks", "incomplete", "tasks", "tasks", "budget", "budget", "incomplete", "calls"]);
});

test("an answer that is older than an event is ignored", () => {
  const costs = new Costs();
  costs.take({ costs: { today: 2 }, budgets: [{ name: "x", level: "warn" }] });
  const { version } = costs;
  const answer = { costs: { today: 0 }, budgets: [{ name: "x", level: "ok" }, { name: "new", level: "ok" }] };
  costs.apply(event(1, "cost.update", { costs: { today: 3 } }));
  costs.correct(answer, version);
  assert.equal(costs.costs.today, 3);
  costs.correct(answer, costs.version);
  assert.deepEqual([costs.costs.today, costs.budgets], [0, [{ name: "x", level: "ok" }]]);
});

test("artifacts: single files and batches; windows of one flood are one entry", () => {
  const artifacts = new Artifacts();
  const all = heard(artifacts, "change", "reset");
  artifacts.take({ projects: [{ name: "shop", files: 1 }], loading: { files: 1 } });
  artifacts.apply(event(1, "artifact.created", { project: "shop", artifact: { path: "a/b.py" } }));
  const batch = { project: "shop", created: 2, updated: 1, removed: 0, folders: ["a"], more_folders: false, totals: { name: "shop", files: 9 } };
  artifacts.apply(event(2, "artifact.batch", batch));
  artifacts.apply(event(3, "artifact.batch", { ...batch, more_folders: true }));
  artifacts.apply(event(4, "artifact.ready"));
  artifacts.apply(event(5, "task.updated"));
  artifacts.flush();
  const change = all[1][1].get("shop");
  assert.deepEqual([[...change.files.keys()], [...change.folders], change.all, change.isCounted], [["a/b.py"], ["a"], true, true]);
  assert.deepEqual([artifacts.files, artifacts.loading, artifacts.recent.length, artifacts.recent[0].created], [9, null, 2, 4]);
  artifacts.apply(event(6, "artifact.batch", { ...batch, totals: null }));
  assert.equal(artifacts.projects.size, 0);
  artifacts.take(undefined);
  assert.deepEqual([artifacts.isKnown, artifacts.isAsked], [false, true]);
});

const FILE = { project: "shop", artifact: { path: "a.py" } };
const CALL = { invocation: { agent_name: "ada", model_name: "m" }, calls: 1 };

test("the feed is sorted, bounded by kind, has no event twice and no mere figures", () => {
  const feed = new Feed();
  feed.addAll([event(3, "task.updated"), event(1, "task.created"), event(3, "task.updated")]);
  feed.apply(event(4, "cost.update"));
  feed.apply(event(5, "artifact.created", FILE));
  feed.apply(event(6, "service.ready"));
  feed.apply(event(3, "task.updated"));
  feed.apply(event(7, "task.updated", { changed: ["duplicates"] }));
  feed.apply(event(8, "artifact.batch", { project: "shop", created: 0, updated: 0, removed: 0, listed: 9 }));
  feed.apply(event(9, "telemetry.update", CALL));
  feed.apply(event(10, "job.progress"));
  feed.flush();
  const numbers = (...choice) => feed.list(...choice).map(({ seq }) => seq);
  assert.deepEqual(numbers(), [9, 6, 5, 3, 1]);
  assert.deepEqual(numbers(["files", "service"]), [6, 5]);
  assert.deepEqual([numbers([], "ada"), feed.agents], [[9], ["ada"]]);
  const at = (index) => `2026-02-01T00:${String(Math.floor(index / 60)).padStart(2, "0")}:${String(index % 60).padStart(2, "0")}Z`;
  feed.addAll(Array.from({ length: 400 }, (_, index) => event(index + 100, "artifact.updated", { ...FILE, time: at(index) })));
  assert.deepEqual([numbers(["files"]).length, numbers()[0]], [150, 499]);
  assert.deepEqual(numbers(["tasks"]), [3, 1]); // a flood of files pushes no task out
});

test("the feed of an agent has what its jobs do and the files of a project where it is alone, and says how many are anybody's", () => {
  const at = (minute) => `2026-01-01T00:${String(minute).padStart(2, "0")}:00Z`;
  const run = { owner: "job:j1", profile: "builder", started_at: at(10), status: "running", exit: null };
  const ended = { ...run, status: "finished", exit: { code: 0, signal: null, reason: "exited", finished_at: at(20) } };
  const call = (agent, more) => ({ invocation: { agent_name: agent, project: "shop", ...more }, calls: 1 });
  const feed = new Feed();
  feed.addAll([
    event(1, "artifact.created", { ...FILE, time: at(5) }), // before anybody was there
    event(2, "run.started", { run, project: "shop", time: at(10) }),
    event(3, "job.phase", { job: "j1", phase: "plan", previous: "idle", project: "shop", time: at(11) }),
    event(4, "job.phase", { job: "j2", phase: "plan", previous: "idle", project: "shop", time: at(11) }), // of a job that is not known
    event(5, "artifact.updated", { ...FILE, time: at(12) }),
    event(6, "telemetry.update", { ...call("inner", { job_id: "j1" }), time: at(12) }), // of the job, so nobody else is there
    event(7, "telemetry.update", { ...call("ada"), time: at(18) }),
    event(8, "artifact.updated", { ...FILE, time: at(18) }), // ada's or the job's
    event(9, "run.finished", { run: ended, project: "shop", time: at(20) }),
    event(10, "telemetry.update", { ...call("ada"), time: at(30) }),
    event(11, "artifact.batch", { project: "shop", created: 2, updated: 0, removed: 0, time: at(31) }),
    event(12, "artifact.created", { ...FILE, project: "bank", time: at(31) }),
    event(13, "plan.started", { plan: "tide", time: at(31) }),
    event(14, "service.ready", { time: at(31) }), // nobody's: not counted
  ]);
  const numbers = (agent, kinds = []) => feed.list(kinds, agent).map(({ seq }) => seq);
  assert.deepEqual(numbers("builder"), [9, 5, 3, 2]);
  assert.deepEqual(numbers("ada"), [11, 10, 7]);
  assert.deepEqual(numbers("ada", ["files"]), [11]);
  assert.deepEqual(numbers("tide"), [13]);
  assert.deepEqual(feed.agents, ["ada", "builder", "inner", "tide"]);
  assert.deepEqual([feed.unknown(), feed.unknown(["files"]), feed.unknown(["tasks"])], [4, 3, 0]);
});

test("the feed folds files of a project and calls of an agent, though others come between", () => {
  const at = (second) => `2026-01-01T00:0${Math.floor(second / 60)}:${String(second % 60).padStart(2, "0")}Z`;
  const events = [
    event(9, "artifact.updated", { ...FILE, time: at(200) }),
    event(8, "telemetry.update", { ...CALL, time: at(199) }),
    event(7, "artifact.created", { ...FILE, time: at(198) }),
    event(6, "artifact.created", { ...FILE, project: "bank", time: at(197) }),
    event(5, "telemetry.update", { ...CALL, time: at(150) }),
    event(4, "artifact.updated", { ...FILE, time: at(20) }),
  ];
  assert.deepEqual(grouped(events).map(({ events: all }) => all.map(({ seq }) => seq)), [[9, 7], [8, 5], [6], [4]]);
  const [whole] = grouped(events);
  assert.equal(whole.key, grouped(events.slice(1))[1].key); // it stays the same entry while it grows
});

test("events of the feed say what they are about, where it is and who did it", () => {
  const run = { owner: "job:j 1", profile: "demo", status: "finished", exit: { code: 1, signal: null, reason: "exited" } };
  const session = { id: "s", client: "codex", agent: null, project: "shop", state: "question", rests_on: "the hook said so" };
  const said = (type, more) => [subjectOf(event(1, type, more)), textOf(event(1, type, more)).detail];
  assert.deepEqual(said("artifact.created", FILE), [{ label: "a.py", href: "#/artifacts/shop?path=a.py" }, "in shop"]);
  assert.deepEqual(said("artifact.removed", FILE)[0], { label: "a.py", href: null });
  assert.deepEqual(said("artifact.batch", { project: "shop", created: 2, updated: 0, removed: 1 })[1], "2 made, 1 removed");
  assert.deepEqual(said("telemetry.update", { ...CALL, calls: 3 }), [{ label: "ada", href: "#/costs?range=today&agent=ada&show=calls" }, "m, 3 calls"]);
  assert.deepEqual(said("run.finished", { run }), [{ label: "j 1", href: "#/jobs/j%201" }, "exited, code 1"]);
  assert.deepEqual(said("run.finished", { run: { ...run, owner: "plan:tide", exit: { code: 0 } } }), [{ label: "tide", href: "#/plans/tide" }, "well"]);
  assert.deepEqual(said("agent.waiting", { session }), [{ label: "codex in shop", href: "#/needs-you" }, "the hook said so"]);
  assert.equal(agentOf(event(1, "agent.waiting", { session })), "codex");
  assert.equal(agentOf(event(1, "task.created", { task: { agent: "bob" }, agent: null })), "bob");
  assert.equal(kindOf(event(1, "pipeline.updated")), null);
});

test("a level of files puts single changes where the service would", () => {
  const file = (name, more = {}) => ({ path: name, name, type: "code", kind: "file", lines: 1, modified_at: "1", size_bytes: 1, ...more });
  const level = new Level();
  assert.deepEqual(level.take({ folders: [], files: [file("spec.md", { workflow: "spec" }), file("b.py")], counts: { code: 2 }, cursor: null }), []);
  level.apply("created", file("a.py"));
  level.apply("created", file("c.py"));
  level.apply("updated", file("b.py", { size_bytes: 9 }));
  assert.deepEqual([level.files.map(({ name }) => name), level.counts.code, level.files[2].size_bytes], [["spec.md", "a.py", "b.py", "c.py"], 4, 9]);
  level.apply("removed", file("a.py"));
  assert.deepEqual([level.files.map(({ name }) => name), level.counts.code], [["spec.md", "b.py", "c.py"], 3]);
  assert.deepEqual(level.take({ folders: [{ path: "x", files: 1 }], files: [file("b.py")], counts: {}, cursor: null }), ["x", "b.py"]);
});

test("a store whose snapshot cannot be had waits for the next try, or for a snapshot of everything", async () => {
  let answer = () => Promise.reject(new Error("away"));
  const stores = new Stores(() => answer());
  stores.begin({ ...HEAD, portions: [] });
  stores.finish();
  const [first, second] = [new Log("artifacts"), new Log("artifacts")];
  await assert.rejects(stores.register(first), /away/);
  stores.apply([event(11, "x")]);
  assert.deepEqual(first.log, []);
  await stores.refill();
  assert.deepEqual(first.log, []);
  answer = () => Promise.resolve({ seq: 11, artifacts: ["a"] });
  await stores.refill();
  stores.apply([event(12, "y")]);
  assert.deepEqual(first.log, [["take", ["a"]], ["flush"], ["apply", 12], ["flush"]]);
  answer = () => Promise.reject(new Error("away"));
  await assert.rejects(stores.register(second), /away/);
  stores.begin({ ...HEAD, portions: [], artifacts: ["b"] });
  stores.finish();
  assert.deepEqual(second.log, [["take", ["b"]]]);
});

test("a store whose first snapshot fails after the connection is back asks again", async () => {
  const asked = [];
  const stores = new Stores(() => new Promise((fulfil, reject) => asked.push({ fulfil, reject })));
  stores.begin({ ...HEAD, portions: [] });
  stores.finish();
  const store = new Log("artifacts");
  const registered = stores.register(store);
  await stores.refill();
  asked[0].reject(new Error("away"));
  await new Promise((done) => setTimeout(done));
  assert.equal(asked.length, 2);
  asked[1].fulfil({ seq: 11, artifacts: ["a"] });
  await registered;
  assert.deepEqual(store.log, [["take", ["a"]], ["flush"]]);
});

test("the feed folds runs of equal events, and nothing else", () => {
  const removed = Array.from({ length: 31 }, (_, index) => event(100 - index, "task.removed", { task: task(`t${index}`), time: "2026-01-01T00:00:01Z" }));
  const created = [event(60, "task.created", { task: task("a") }), event(59, "task.created", { task: task("b") })];
  const changed = [3, 2, 1].map((seq) => event(seq, "task.updated", { task: task("a"), changed: ["status"] }));
  const sizes = (events) => grouped(events).map(({ event: newest, events: all }) => [newest.type, all.length]);
  assert.deepEqual(sizes([...removed, ...created, ...changed]), [
    ["task.removed", 31], ["task.created", 1], ["task.created", 1], ["task.updated", 3],
  ]);
  const hourly = [3, 2, 1].map((hour) => event(hour, "task.updated", { task: task("a"), changed: [], time: `2026-01-01T0${hour}:00:00Z` }));
  assert.equal(grouped(hourly).length, 3);
  const [whole] = grouped(removed);
  assert.equal(whole.key, grouped(removed.slice(5))[0].key); // it stays the same entry while it grows
  assert.deepEqual(grouped([]), []);
});

test("numbers in texts are in their order", () => {
  const texts = ["P10", "p2", "P1", "b", "a10c", "a9", "a", "P02", ""];
  assert.deepEqual([...texts].sort(natural), ["", "a", "a9", "a10c", "b", "P1", "P02", "p2", "P10"].sort((a, b) => natural(a, b)));
  assert.deepEqual(["P10", "P2", "P1"].sort(natural), ["P1", "P2", "P10"]);
  assert.equal(natural("x", "x"), 0);
  const board = filled(["P10", "P2", "high"].map((priority, index) => task(`t${index}`, { priority })));
  assert.deepEqual(facetsOf(board).priority.map(([name]) => name), ["high", "P2", "P10"]);
  const view = new View(board);
  view.update(board.takeChanges(), "priority");
  assert.deepEqual(view.columns({}).get("inbox").records.map(({ id }) => id), ["t2", "t1", "t0"]);
});

test("before the snapshot is complete, the first cards and the numbers of all are shown, and nothing that is not known", () => {
  const board = new Board();
  const names = heard(board, "preview", "snapshot");
  const first = [task("a", { dependencies: ["z"] }), task("b", { lane: "done" })];
  board.preview({ epoch: "e", seq: 9, counts: { inbox: 3, assigned: 0, done: 40 }, tasks: first });
  const view = new View(board);
  view.update(board.takeChanges());
  const shown = [...view.columns({})].map(([lane, column]) => [lane, column.records.map(({ key }) => key), column.shown, column.total]);
  assert.deepEqual(shown, [["inbox", ["a"], 3, 3], ["assigned", [], 0, 0], ["done", ["b"], 40, 40]]);
  assert.equal(board.epoch, null);
  assert.equal(board.dependencyState(first[0]).total, 0);
  board.begin(HEAD);
  board.add([...first, task("z", { lane: "done" })]);
  board.finish();
  view.update(board.takeChanges());
  assert.deepEqual([...view.columns({}).values()].map(({ shown, total }) => [shown, total]), [[1, 1], [0, 0], [2, 2]]);
  assert.equal(board.dependencyState(first[0]).met, 1);
  assert.deepEqual(names.map(([name]) => name), ["preview", "snapshot"]);
});

test("the first cards are the right ones only without filters, headings and another order", () => {
  assert.ok(isPlain({}) && isPlain({ q: "", sort: "newest", group: "" }));
  for (const filters of [{ q: "x" }, { tag: "x" }, { sort: "title" }, { group: "agent" }]) assert.equal(isPlain(filters), false);
});

test("a card lies in its lane since it was seen to come, else since its file says so, else it is not known", () => {
  const since = (fields) => {
    const { here_at, isSeenToCome } = recordOf(task("t1", fields));
    return [Number.isNaN(here_at) ? null : new Date(here_at).toISOString(), isSeenToCome];
  };
  const written = { lane: "assigned", created_at: "2026-01-01", assigned_at: "2026-01-05T10:00:00Z", completed_at: "2026-01-09" };
  assert.deepEqual(since(written), ["2026-01-05T10:00:00.000Z", false]);
  assert.deepEqual(since({ ...written, lane_since: "2026-01-06T10:00:00.000Z" }), ["2026-01-06T10:00:00.000Z", true]);
  assert.deepEqual(since({ ...written, lane: "inbox" }), ["2026-01-01T00:00:00.000Z", false]);
  assert.deepEqual(since({ ...written, lane: "done" }), ["2026-01-09T00:00:00.000Z", false]);
  assert.deepEqual(since({ ...written, lane: "later" }), [null, false]);
  assert.deepEqual(since({ ...written, assigned_at: "2999-01-01" }), [null, false]);
  assert.deepEqual(since({ lane: "assigned", assigned_at: null }), [null, false]);
});

test("quiet is since the last of change, arrival and call; stale is an assigned task that is it for too long", () => {
  const calls = { t1: "2026-01-03T00:00:00Z", t3: "2026-01-04T00:00:00Z" };
  const board = new Board({ lastCall: (id) => calls[id] });
  const modified_at = "2026-01-02T00:00:00Z";
  const tasks = [
    task("t1", { lane: "assigned", modified_at }),
    task("t2", { lane: "assigned", modified_at, lane_since: "2026-01-02T12:00:00Z" }),
    task("t3", { key: "t3\nassigned/ada/t3.yaml", lane: "assigned", modified_at }),
    task("t4", { lane: "inbox", modified_at }),
  ];
  board.begin({ epoch: "1", seq: 1, portions: ["tasks"], stale_after_s: 86_400 });
  board.add(tasks);
  board.finish();
  const of = (key) => board.quietSince(board.records.get(key));
  assert.equal(new Date(of("t1").since_ms).toISOString(), "2026-01-03T00:00:00.000Z");
  assert.equal(of("t1").by, "then was its last call");
  assert.equal(new Date(of("t2").since_ms).toISOString(), "2026-01-02T12:00:00.000Z");
  // Calls name an id: they are those of the file that leads.
  assert.equal(of("t3\nassigned/ada/t3.yaml").by, "then its file was changed");
  const staleAt = (key, time) => board.isStale(board.records.get(key), Date.parse(time));
  assert.equal(staleAt("t1", "2026-01-03T23:59:59Z"), false);
  assert.equal(staleAt("t1", "2026-01-04T00:00:00Z"), true);
  assert.equal(staleAt("t4", "2026-02-04T00:00:00Z"), false);
  board.staleAfter_ms = 0;
  assert.equal(staleAt("t1", "2026-02-04T00:00:00Z"), false);
});
