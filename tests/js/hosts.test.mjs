import assert from "node:assert/strict";
import { test } from "node:test";
import { choicesOf, deskAt } from "../../static/hosts/desk-there.js";
import { costSums, figure, linesOf, words } from "../../static/hosts/lists.js";
import { addressOf, ownerLink } from "../../static/hosts/owner.js";
import { profileListOf } from "../../static/hosts/owner-profiles.js";
import { COMMANDS, SOURCES, commandsOf, pathOf } from "../../static/hosts/owner-paths.js";
import { namesIn, reasonAt, textsIn } from "../../static/pages/jobs/start-desk.js";
import { Board } from "../../static/stores/board.js";
import { Foreign } from "../../static/stores/foreign.js";
import { entriesOf } from "../../static/stores/host-entries.js";
import { Hosts } from "../../static/stores/hosts.js";
import { OtherTasks } from "../../static/stores/other-tasks.js";
import { facetsOf } from "../../static/stores/records.js";
import { Store, Stores } from "../../static/stores/stores.js";
import { swimlanesOf } from "../../static/stores/swimlanes.js";
import { View } from "../../static/stores/view.js";

const SELF = "a".repeat(16);
const OTHER = "b".repeat(16);
const THIRD = "c".repeat(16);
const member = (observer, more = {}) => ({
  observer, host: "machine", label: `host ${observer[0]}`, url: null, version: "1", workspace: "w", state: "live", as_of: null, since: "2026-01-01T00:00:00Z",
  behind: 0, degraded: [], refused: 0, error: null, is_self: observer === SELF, ...more,
});
const members = (...others) => ({ self: SELF, board: "team", journal: { ok: true, since: null, waiting: 0, reason: null }, members: [member(SELF), ...others.map((one) => member(one))] });
const task = (id, more = {}) => ({
  id, key: id, title: `Task ${id}`, lane: "inbox", agent: null, status: "new", priority: "normal", path: `inbox/${id}.yaml`, tags: [], flags: [], counts: { artefacts: 1 },
  dependencies: [], duplicates: [], duplicate_count: 0, copied_by: null, error: null, checklist: null, created_at: "2026-01-01T00:00:00Z", modified_at: "2026-01-02T00:00:00Z", ...more,
});
const row = (observer, collection, key, value) => ({ observer, collection, key, value });
const turn = () => new Promise((fulfil) => setImmediate(fulfil));

function filled(rows = [], tasks = []) {
  const hosts = new Hosts((one, label) => ({ text: `${label} ${one.state}` }));
  const board = new Board({ costOf: () => ({ cost_usd: 99, calls: 1, unpriced: 0 }), isLacking: () => false });
  board.begin({ seq: 1, epoch: "e", portions: ["tasks"], counts: { inbox: 0, assigned: 0, done: 0 }, stale_after_s: 0 });
  board.add(tasks);
  board.finish();
  new OtherTasks(hosts, board);
  hosts.begin(members(OTHER, THIRD), rows);
  hosts.finish();
  return { hosts, board };
}

let seq = 1;
const event = (type, fields, observer = OTHER) => ({ type, seq: (seq += 1), epoch: "e", time: "2026-01-01T00:00:00Z", origin: { observer, id: "1-1" }, ...fields });

test("what another host says never reaches the stores of this one, and its numbers leave no gap", async () => {
  let loads = 0;
  const hosts = new Hosts(() => ({ text: "" }));
  const stores = new Stores(async () => ({ seq: 0, epoch: "e" }), async () => ((loads += 1), hosts));
  const seen = [];
  class Watching extends Store {
    apply(each) {
      seen.push([each.type, each.seq]);
    }
  }
  stores.register(new Watching("tasks"));
  const begin = (head) => {
    stores.begin({ seq: 1, epoch: "e", portions: [], ...head });
    stores.finish();
  };
  begin({ members: members() });
  seq = 1;
  stores.apply([event("task.created", { task: task("own") }, SELF)]);
  stores.apply([{ type: "insight.created", seq: 2, epoch: "e", time: "", origin: "service" }]);
  await turn();
  assert.deepEqual(seen.splice(1), [["insight.created", 2]]);
  assert.equal(loads, 0, "nothing is loaded while there is one host");
  stores.apply([event("task.created", { task: task("own2") }, SELF), event("task.created", { task: task("theirs") }), event("task.removed", { task: task("own") }, SELF)]);
  assert.deepEqual(seen, [["task.created", 2], ["task.created", 3], ["host.event", 4], ["task.removed", 5]]);
  assert.equal(stores.position.peek().seq, 5);
  await turn();
  assert.equal(loads, 1);
  assert.equal(hosts.get(OTHER, "tasks", "theirs").title, "Task theirs", "what came while it was loaded is not lost");
  stores.apply([event("host.changed", { collection: "tasks", set: { x: task("x") }, removed: ["theirs"] })]);
  assert.deepEqual(hosts.rowsOf("tasks").map(({ key }) => key), ["x"]);
  begin({ members: members(OTHER), hosts: [row(OTHER, "tasks", "new", task("new"))] });
  assert.deepEqual(hosts.rowsOf("tasks").map(({ key }) => key), ["new"], "a snapshot is all there is");
  stores.begin({ seq: 9, epoch: "e", portions: [], members: members(OTHER) });
  stores.add("hosts", [row(OTHER, "tasks", "in parts", task("in parts"))]);
  assert.deepEqual(hosts.rowsOf("tasks").map(({ key }) => key), ["new"], "what is shown stays until it is complete");
  stores.finish();
  assert.deepEqual(hosts.rowsOf("tasks").map(({ key }) => key), ["in parts"]);
});

test("a store of hosts that could not be loaded is loaded when the connection is back, with all that came", async () => {
  const hosts = new Hosts(() => ({ text: "" }));
  let works = false;
  const foreign = new Foreign(async () => {
    if (!works) throw new Error("offline");
    return hosts;
  });
  foreign.begin({ seq: 1, epoch: "e", portions: [], members: members(OTHER), hosts: [row(OTHER, "jobs", "j", { id: "j" })] });
  foreign.finish();
  foreign.own([event("job.updated", { job: { id: "k" } })]);
  await turn();
  works = true;
  foreign.retry();
  await turn();
  assert.deepEqual(hosts.rowsOf("jobs").map(({ key }) => key), ["j", "k"]);
});

test("hosts of the same id each have their own card, dependencies, cost and claims", () => {
  const rows = [
    row(OTHER, "tasks", "same", task("same", { title: "theirs", dependencies: ["first"], lane: "done" })),
    row(OTHER, "tasks", "first", task("first", { lane: "assigned" })),
    row(OTHER, "evidence", "same", { total: 1, present: 0, empty: 0, missing: 1, unchanged: 0, refused: 0 }),
    row(OTHER, "task_costs", "same", { cost_usd: 2, calls: 1, unpriced: 0, last_at: "2026-01-03T00:00:00Z" }),
    row(THIRD, "tasks", "same", task("same", { title: "third's", lane: "odd" })),
  ];
  const { hosts, board } = filled(rows, [task("same", { title: "mine", dependencies: ["first"] })]);
  assert.equal(board.tasks.get("same").title, "mine");
  const records = [...board.records.values()];
  assert.equal(board.records.size, 4);
  const of = (host, id = "same") => records.find((each) => each.host === host && each.id === id);
  assert.deepEqual([of(undefined), of(OTHER), of(THIRD)].map(({ task: { title } }) => title), ["mine", "theirs", "third's"]);
  assert.ok([...records].every((each) => board.records.get(each.key) === each && board.records.has(each.key) && !each.isDuplicate));
  assert.equal(board.dependencyState(of(undefined).task).unknown, 1, "the task it waits for is not here");
  assert.equal(board.dependencyState(of(OTHER).task).open, 1);
  assert.deepEqual([of(undefined), of(OTHER), of(THIRD)].map((each) => board.costOf(each)?.cost_usd), [99, 2, undefined]);
  assert.deepEqual([of(undefined), of(OTHER), of(THIRD)].map((each) => board.isLacking(each.task)), [false, true, false]);
  assert.deepEqual(board.lanes, ["inbox", "assigned", "done", "odd"]);

  const view = new View(board);
  view.update(board.takeChanges());
  const shown = (filters) => [...view.columns(filters).values()].flatMap((column) => column.records.map(({ task: { title } }) => title)).sort();
  assert.deepEqual(shown({ host: OTHER }), ["Task first", "theirs"]);
  assert.deepEqual(shown({ host: SELF }), ["mine"]);
  assert.deepEqual(facetsOf(board).host.map(([host, size]) => [host[0], size]), [["b", 2], ["a", 1], ["c", 1]]);
  const lanes = swimlanesOf(view.columns({}), "host", board);
  assert.deepEqual(lanes.map(({ value, sums }) => [value[0], sums.cards, sums.cost?.cost_usd ?? null]), [["a", 1, 99], ["b", 2, 2], ["c", 1, null]]);

  hosts.apply([event("task.updated", { task: task("same", { title: "renamed" }), previous_key: null }), event("task.moved", { task: task("moved"), previous_key: "first" })]);
  view.update(board.takeChanges());
  assert.deepEqual(shown({ host: OTHER }), ["Task moved", "renamed"]);
  hosts.apply([{ type: "member.removed", seq: 5, epoch: "e", time: "", observer: OTHER }]);
  view.update(board.takeChanges());
  assert.deepEqual(shown({}), ["mine", "third's"]);
  assert.deepEqual(hosts.others, [THIRD]);
  board.begin({ seq: 2, epoch: "e", portions: ["tasks"], counts: { inbox: 0 }, stale_after_s: 0 });
  board.finish();
  assert.deepEqual(board.lanes, ["inbox", "odd"], "a snapshot of this host takes nothing of others away");
  // A snapshot of all: what is here is complete before what others have.
  board.begin({ seq: 3, epoch: "e", portions: ["tasks"], counts: { inbox: 0 }, stale_after_s: 0 });
  hosts.begin(members(THIRD), [row(THIRD, "tasks", "x", task("x", { lane: "new lane" }))]);
  hosts.add([row(THIRD, "tasks", "y", task("y", { id: "other id" })), row(THIRD, "tasks", "z", { id: "z", key: "z", lane: "inbox" }), row(THIRD, "tasks", "w", { lane: 7 })]);
  view.update(board.takeChanges());
  assert.deepEqual(shown({}), ["third's"], "what is shown stays until it is complete");
  board.finish();
  view.update(board.takeChanges());
  shown({});
  hosts.finish();
  view.update(board.takeChanges());
  assert.deepEqual(shown({}), ["Task x", "Task y"]);
  hosts.apply([event("task.removed", { task: task("x") }, THIRD)]);
  view.update(board.takeChanges());
  assert.deepEqual(shown({}), ["Task y"]);
});

test("lanes are named by other hosts: a thousand of them do not make a thousand columns", () => {
  const { board } = filled(Array.from({ length: 1000 }, (_, index) => row(OTHER, "tasks", `t${index}`, task(`t${index}`, { lane: `lane ${index}` }))));
  assert.equal(board.lanes.length, 13);
  const view = new View(board);
  view.update(board.takeChanges());
  assert.equal(view.columns({}).get("other").records.length, 1000 - 9);
});

test("a host is called by what it says, and what is not live is known as such", () => {
  const { hosts } = filled();
  assert.equal(hosts.labelOf(OTHER), "host b");
  assert.equal(hosts.markOf(OTHER).text, "host b live");
  hosts.apply([{ type: "member.updated", seq: 2, epoch: "e", time: "", member: member(OTHER, { label: "", host: "", state: "as_of" }) }]);
  assert.equal(hosts.labelOf(OTHER), "bbbbbbbb");
  assert.deepEqual([SELF, OTHER, THIRD].map((each) => hosts.isLive(each)), [true, false, true]);
  hosts.begin(members());
  hosts.finish();
  assert.equal(hosts.markOf(SELF), null, "of one host nothing is said");
});

test("every event that hosts share changes its entries; another, or one that is not as it should be, changes nothing", () => {
  const changes = (type, fields) => entriesOf({ type, seq: 1, epoch: "e", time: "t", origin: { observer: OTHER }, ...fields }).map(({ collection, key, value }) => [collection, key, value ?? null]);
  assert.deepEqual(changes("task.removed", { task: { key: "k" } }), [["tasks", "k", null]]);
  assert.deepEqual(changes("cost.update", { costs: { today: 1 }, by_task: { t: { cost_usd: 1 } } }), [["costs", "summary", { costs: { today: 1 } }], ["task_costs", "t", { cost_usd: 1 }]]);
  assert.deepEqual(changes("job.removed", { id: "j" }), [["jobs", "j", null], ["job_progress", "j", null]]);
  assert.deepEqual(changes("job.progress", { job: "j", log_lines: 3 }), [["job_progress", "j", { job: "j", log_lines: 3 }]]);
  assert.deepEqual(changes("agent.session", { session: { id: "s", state: "ended" } }), [["sessions", "s", null]]);
  assert.deepEqual(changes("agent.waiting", { session: { id: "s", state: "waiting" } }), [["sessions", "s", { id: "s", state: "waiting" }]]);
  assert.deepEqual(changes("need.closed", { need: { id: "n" } }), [["needs", "n", null]]);
  assert.deepEqual(changes("plan.updated", { plan: "p", data: { title: "x" } }), [["plans", "p", { title: "x" }]]);
  assert.deepEqual(changes("plan.started", { plan: "p", orchestrator: { id: "o" } }), [["orchestrators", "o", { id: "o" }]]);
  assert.deepEqual(changes("artifact.batch", { project: "p", totals: null }), [["projects", "p", null]]);
  assert.deepEqual(changes("evidence.update", { evidence: { t: null } }), [["evidence", "t", null]]);
  for (const type of ["artifact.created", "constructor", "service.degraded", "toString", "task", "."]) assert.deepEqual(changes(type, {}), []);
  for (const type of ["task.created", "job.updated", "need.opened", "agent.session", "cost.budget"]) assert.deepEqual(changes(type, {}), []);
});

test("rows of other hosts may be anything: each is a line of texts and numbers", () => {
  const odd = [null, 7, "x".repeat(100_000), { a: 1 }, ["<script>"], true, NaN];
  const get = () => undefined;
  for (const name of ["agents", "needs", "jobs", "pipelines", "plans", "sessions"]) {
    const rows = odd.flatMap((value) => ["title", "status", "state", "kind", "progress", "step_statuses", "current_task", "today", "last", "cost_usd", "project", "since"].map((field, index) => row(OTHER, name, `k${index}`, { [field]: value })));
    for (const line of linesOf(name, rows, get)) {
      assert.deepEqual([line.title, line.project, line.state, line.detail].map((each) => typeof each), ["string", "string", "string", "string"]);
      assert.ok(line.title.length <= 400 && line.state.length <= 301);
      assert.ok(line.cost === null || Number.isFinite(line.cost));
      assert.ok(line.at === null || !Number.isNaN(Date.parse(line.at)));
    }
  }
  assert.equal(words({}), "");
  assert.equal(figure("7"), null);
  const { hosts } = filled([row(OTHER, "tasks", "a", "text"), row(OTHER, "tasks", "b", [1]), row(OTHER, "tasks", "c", { id: "c" }), row(7, "tasks", "d", {}), row(OTHER, "jobs", "__proto__", { id: "x" })]);
  assert.deepEqual(hosts.rowsOf("tasks").map(({ key }) => key), ["c"]);
  assert.equal({}.id, undefined);
});

test("a job shows what its last progress says; the list is filtered by host, and costs have sums", () => {
  const rows = [row(OTHER, "jobs", "j", { status: "in_progress", current_phase: "plan", cost_usd: 1 }), row(THIRD, "jobs", "k", { status: "failed" })];
  const get = (observer, collection, key) => (observer === OTHER && collection === "job_progress" && key === "j" ? { current_phase: "test" } : undefined);
  const lines = linesOf("jobs", rows, get);
  assert.deepEqual(lines.map(({ id, detail, runs, tone }) => [id, detail, runs, tone]), [["j", "test", true, "run"], ["k", "", false, "bad"]]);
  assert.deepEqual(linesOf("jobs", rows, get, THIRD).map(({ id }) => id), ["k"]);
  const { lines: costs, sums } = costSums([row(OTHER, "costs", "summary", { costs: { today: 1.5, month: 2, total: "x" }, calls: { total: 3 } })], { observer: SELF, costs: { today: 1, month: 1, total: 9 }, calls: null });
  assert.deepEqual(costs.map(({ today, calls }) => [today, calls]), [[1, null], [1.5, 3]]);
  assert.deepEqual(sums, { today: 2.5, month: 3, total: 9, calls: 3 });
});

test("only an http address is one, and ids are parts of paths", () => {
  for (const url of [null, "", "javascript:alert(1)", "data:text/html,x", "//x", "ftp://x", "http://u:p@x", "not", 7, `http://x/${"a".repeat(3000)}`]) assert.equal(addressOf(url), null);
  assert.deepEqual(addressOf("https://box.example:8443/llm/"), { origin: "https://box.example:8443", base: "https://box.example:8443/llm" });
  assert.equal(ownerLink("http://box:1", "tasks", "a/../b?c#d"), "http://box:1/#/tasks/a%2F..%2Fb%3Fc%23d");
  assert.equal(ownerLink("javascript:alert(1)", "tasks", "a"), null);
  for (const kind of Object.keys(SOURCES)) assert.ok(!(pathOf({ kind, id: "../x?y" }) ?? "").includes("../"));
  assert.ok(Object.values(COMMANDS).every(({ path }) => path("../x").startsWith("/api/") && !path("../x").includes("../")));
  assert.deepEqual(commandsOf("jobs", { status: "in_progress" }), ["job-stop"]);
  assert.deepEqual(commandsOf("jobs", { status: "failed" }), ["job-retry"]);
  assert.deepEqual(commandsOf("plans", {}, { is_alive: true }), ["plan-stop"]);
  assert.deepEqual(commandsOf("plans", {}, undefined), ["plan-start"]);
  assert.deepEqual(commandsOf("tasks", {}), []);
});

test("a profile of another host is taken whole or not at all: what is approved is what is shown", () => {
  const profile = { name: "p", argv: ["make", "x"], origin: "user", cwd: null, env: { A: null, B: "1" }, env_allow: [], pty: false, timeout_s: null, max_log_bytes: 1, retry_times: 0, grace_s: 1, digest: "d", approved: true };
  const taken = (change) => profileListOf({ profiles: [{ ...profile, ...change }], control: true, can_approve: true }).profiles;
  assert.deepEqual(taken({}), [profile]);
  const bad = [{ name: 7 }, { name: "" }, { digest: undefined }, { argv: "make" }, { argv: ["x", 7] }, { argv: Array(201).fill("x") }, { argv: ["x".repeat(20_001)] }, { cwd: {} }, { env: [] }, { env: { A: 7 } }, { env: null }, { env_allow: null }, { pty: "no" }, { approved: "false" }, { approved: 1 }, { timeout_s: "1" }, { max_log_bytes: NaN }, { grace_s: null }, { origin: {} }];
  for (const change of bad) assert.deepEqual(taken(change), [], JSON.stringify(change));
  for (const answer of [null, 7, "x", [], { profiles: {} }, { profiles: [null, 1, "x", []], control: "yes", can_approve: 1 }]) assert.deepEqual(profileListOf(answer), { profiles: [], problems: [], control: false, can_approve: false });
  assert.equal(profileListOf({ profiles: Array(500).fill(profile) }).profiles.length, 200);
  assert.deepEqual(textsIn(["a", 7, "", null, "x".repeat(1001), "b"]), ["a", "b"]);
  assert.deepEqual([textsIn({}), namesIn(null), namesIn([null, { name: "n" }, { name: {} }])], [[], [], ["n"]]);
});

test("a job is started where it was chosen: a host that is not live stays chosen, and cannot be asked", () => {
  const { hosts } = filled([]);
  const url = "http://other:1";
  hosts.members.set(OTHER, member(OTHER, { label: "<b>", url }));
  hosts.members.set(THIRD, member(THIRD, { url: "javascript:x" }));
  assert.deepEqual(choicesOf(hosts, "").map(([observer]) => observer), ["", OTHER], "one without an address is not offered");
  const desk = deskAt(hosts, OTHER, () => false);
  const on = { profiles: [], problems: [], control: true, can_approve: true };
  assert.equal(reasonAt(desk, on), null);
  assert.equal(reasonAt(desk, null), "It is not known yet whether <b> may start programs.");
  assert.equal(reasonAt(desk, { ...on, control: false }), "Control is off on <b>: nothing can be started there.");
  hosts.members.set(OTHER, member(OTHER, { label: "<b>", url, state: "as_of" }));
  assert.equal(reasonAt(desk, on), "<b> cannot be reached now.");
  assert.deepEqual(choicesOf(hosts, "").map(([observer]) => observer), [""]);
  assert.deepEqual(choicesOf(hosts, OTHER).map(([observer]) => observer), ["", OTHER]);
  hosts.members.delete(OTHER);
  assert.deepEqual(choicesOf(hosts, OTHER).map(([observer]) => observer), ["", OTHER]);
  assert.equal(reasonAt(desk, on), "<b> cannot be reached now.");
});
