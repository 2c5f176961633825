import assert from "node:assert/strict";
import { test } from "node:test";
import { kindOfStatus } from "../../static/pages/board/status-kind.js";
import { STATES, shownRows, stateCounts, stateOf } from "../../static/pages/now/states.js";
import { clearance, sourceAddress, sourceName } from "../../static/ui/sources.js";
import { Overview } from "../../static/stores/overview.js";
import { Store } from "../../static/stores/stores.js";

const agents = [
  { id: "agent:ada", parent: null, state: "waiting" },
  { id: "session:1", parent: "agent:ada", state: "waiting" },
  { id: "sub-agent:1/x", parent: "session:1", state: "working" },
  { id: "session:2", parent: "agent:ada", state: "idle" },
  { id: "agent:bob", parent: null, state: "idle" },
];

test("agents of a state are shown with what they are below, and each has its depth", () => {
  const shown = (state) => shownRows(agents, state).map(({ agent, depth }) => [agent.id, depth]);
  assert.deepEqual(shown(null), [["agent:ada", 0], ["session:1", 1], ["sub-agent:1/x", 2], ["session:2", 1], ["agent:bob", 0]]);
  assert.deepEqual(shown("working"), [["agent:ada", 0], ["session:1", 1], ["sub-agent:1/x", 2]]);
  assert.deepEqual(shown("idle"), [["agent:ada", 0], ["session:2", 1], ["agent:bob", 0]]);
  assert.deepEqual(shown("stuck"), []);
  const turning = [{ id: "a", parent: "b", state: "idle" }, { id: "b", parent: "a", state: "idle" }];
  assert.equal(shownRows(turning, null).length, 2); // a tree that is none ends nevertheless
});

test("all is clear only if every source can tell", () => {
  const source = (name, is_on) => ({ name, is_on, text: "" });
  assert.deepEqual(clearance([source("hooks", true), source("tasks", true)]), { isClear: true, title: "All clear", off: [] });
  const { isClear, title, off } = clearance([source("hooks", false), source("tasks", true)]);
  assert.deepEqual([isClear, title, off.map(({ name }) => name)], [false, "Nothing is known to need you", ["hooks"]]);
  assert.equal(clearance([]).isClear, false);
});

test("every state has a sign and a word of its own", () => {
  for (const part of ["name", "label", "sign", "counted"]) assert.equal(new Set(STATES.map((state) => state[part])).size, STATES.length, part);
  assert.deepEqual(stateOf("newer"), { name: "newer", label: "newer", sign: "help", counted: "newer" });
  assert.deepEqual(stateCounts({ idle: 2, waiting: 1, stuck: 0 }), [
    { name: "waiting", counted: "waiting for you", size: 1 }, { name: "idle", counted: "idle", size: 2 },
  ]);
});

test("the overview is asked for again while somebody looks, and the latest answer counts", async () => {
  const asked = [];
  const store = new Store("overview");
  const overview = new Overview(store, () => new Promise((answered, failed) => asked.push({ answered, failed })));
  const changed = (revision) => store.apply({ type: "overview.changed", revision });
  store.take({ agents: [], time: "1" });
  assert.deepEqual([overview.answer.time, overview.revision.peek()], ["1", 1]);
  changed(1);
  store.apply({ type: "task.created" });
  assert.equal(asked.length, 0); // nobody looks
  overview.show(true);
  assert.equal(asked.length, 1);
  store.take({ agents: [], time: "2" }); // a snapshot, which is newer than what was asked before
  asked[0].answered({ agents: [], time: "1" });
  await null;
  await null;
  assert.equal(overview.answer.time, "2");
  overview.show(false);
  changed(2);
  assert.equal(asked.length, 1);
});

test("a status has a mark of its kind, in any spelling; what is not known has the plain one", () => {
  for (const word of ["in_progress", "In Progress", "WIP", "doing", "in-dev"]) assert.equal(kindOfStatus(word), "active", word);
  for (const word of ["done", "Completed", "merged", "cancelled"]) assert.equal(kindOfStatus(word), "done", word);
  for (const word of ["blocked", "in_review", "on hold", "needs_info", "Pending"]) assert.equal(kindOfStatus(word), "waiting", word);
  for (const word of ["error", "failed", "timed_out", "stuck"]) assert.equal(kindOfStatus(word), "bad", word);
  for (const word of ["new", "assigned", "schön", "", "donezo"]) assert.equal(kindOfStatus(word), "plain", word);
});

test("what every source says leads to the page that it is of", async () => {
  const { PAGES } = await import("../../static/pages/index.js");
  for (const name of ["hooks", "calls", "tasks", "jobs", "pipelines", "costs", "orchestrators", "artifacts"]) {
    const page = sourceAddress(name)?.replace("#/", "");
    assert.ok(PAGES.some((each) => each.name === page), `${name}: ${page}`);
    assert.notEqual(sourceName(name), name);
  }
  assert.equal(sourceAddress("not one of ours"), null);
});
