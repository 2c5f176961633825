import assert from "node:assert/strict";
import { test } from "node:test";
import { laneLayout, lanePlaces } from "../../static/lib/lane-layout.js";
import { address, parse } from "../../static/lib/router.js";
import { placeIn } from "../../static/pages/board/order.js";
import { grouped, inRows, walkRows } from "../../static/pages/board/group-rows.js";
import { lengthOf } from "../../static/pages/board/detail/lane-bar.js";
import { neighbourhoodOf, placesOf } from "../../static/pages/board/detail/neighbourhood.js";
import { checkOf } from "../../static/pages/board/detail/fields.js";
import { isEditorLink } from "../../static/pages/board/detail/editor-link.js";
import { verdictLines } from "../../static/pages/board/detail/verdict.js";
import { Board } from "../../static/stores/board.js";
import { lanesOf, movedLane, shutGroups, toggledGroup, toggledLane } from "../../static/stores/lane-choice.js";
import { changesTo, isSameView, viewsIn, withView, withoutView } from "../../static/stores/saved-views.js";
import { groupIn } from "../../static/stores/groups.js";
import { swimlanesOf } from "../../static/stores/swimlanes.js";
import { View } from "../../static/stores/view.js";

const LANES = ["inbox", "assigned", "done"];
const task = (id, more = {}) => ({
  id, key: id, title: `Task ${id}`, lane: "inbox", agent: null, status: "new", priority: "normal", path: `inbox/${id}.yaml`, tags: [], flags: [],
  dependencies: [], duplicates: [], duplicate_count: 0, copied_by: null, error: null, checklist: null, created_at: "2026-01-01T00:00:00Z", modified_at: "2026-01-02T00:00:00Z", ...more,
});

function filled(tasks, others = {}) {
  const board = new Board(others);
  board.begin({ seq: 10, epoch: "e", portions: ["tasks"], counts: { inbox: 0, assigned: 0, done: 0 }, stale_after_s: 3600 });
  board.add(tasks);
  board.finish();
  return board;
}

function sortedBy(board, sort, view = new View(board)) {
  view.update(board.takeChanges(), sort);
  return view.columns({}).get("inbox").records.map(({ key }) => key);
}

test("sorted by time in lane, by cost and by quiet: what is not known comes last, and what is spent meanwhile moves a card", () => {
  const costs = new Map([["b", { cost_usd: 2, calls: 1, unpriced: 0, last_at: "2026-01-05T00:00:00Z" }], ["c", { cost_usd: 7, calls: 1, unpriced: 0, last_at: "2026-01-03T00:00:00Z" }]]);
  const board = filled(
    [
      task("a", { lane_since: "2026-01-02T00:00:00Z", created_at: "2026-01-01T00:00:00Z" }),
      task("b", { lane_since: "2026-01-01T00:00:00Z", created_at: "2026-01-02T00:00:00Z" }),
      task("c", { created_at: null }),
    ],
    { costOf: (id) => costs.get(id), lastCall: (id) => costs.get(id)?.last_at },
  );
  const view = new View(board);
  assert.deepEqual(sortedBy(board, "here", view), ["b", "a", "c"]);
  assert.deepEqual(sortedBy(board, "quiet", view), ["a", "c", "b"]);
  assert.deepEqual(sortedBy(board, "cost", view), ["c", "b", "a"]);
  costs.set("a", { cost_usd: 5, calls: 1, unpriced: 0, last_at: "2026-01-06T00:00:00Z" });
  assert.equal(view.touch(new Set(["a"])), true);
  assert.deepEqual(sortedBy(board, "cost", view), ["c", "a", "b"]);
  costs.set("b", { cost_usd: 9, calls: 2, unpriced: 0, last_at: "2026-01-06T00:00:00Z" });
  view.touch(null);
  assert.deepEqual(sortedBy(board, "cost", view), ["b", "c", "a"]);
  assert.deepEqual(sortedBy(board, "newest", view), ["b", "c", "a"]);
  assert.equal(view.touch(new Set(["a"])), false, "the order does not depend on it");
});

function columnsOf(board) {
  const view = new View(board);
  view.update(board.takeChanges(), "title");
  return view.columns({});
}

test("groups have the sums of all their lanes, in reading order, and those without a value come last", () => {
  const board = filled(
    [
      task("a", { priority: "low", checklist: { done: 1, total: 3 } }),
      task("b", { priority: "critical", lane: "assigned", modified_at: "2026-01-02T00:00:00Z" }),
      task("c", { priority: "critical", lane: "done", checklist: { done: 2, total: 2 } }),
      task("d", { priority: "odd" }),
    ],
    { costOf: (id) => (id === "b" ? { cost_usd: 1.5, calls: 2, unpriced: 1 } : id === "c" ? { cost_usd: null, calls: 1, unpriced: 1 } : undefined) },
  );
  const found = swimlanesOf(columnsOf(board), "priority", board);
  assert.deepEqual(found.map(({ value }) => value), ["critical", "low", "odd"]);
  const { sums, lanes } = found[0];
  assert.deepEqual([...sums.byLane], [["assigned", 1], ["done", 1]]);
  assert.deepEqual([sums.cards, sums.cost, sums.stale, sums.checked], [2, { cost_usd: 1.5, calls: 3, unpriced: 2 }, 1, { done: 2, total: 2 }]);
  assert.deepEqual([...lanes.keys()], ["assigned", "done"]);
  assert.deepEqual(swimlanesOf(columnsOf(filled([task("x"), task("y", { agent: "zoe" }), task("z", { agent: "ada" })])), "agent", board).map(({ value }) => value), ["ada", "zoe", ""]);
  assert.deepEqual(["agent", "sideways", "__proto__", "", undefined].map(groupIn), ["agent", null, null, null, null]);
});

test("in rows: heads, then card beside card; the arrow keys lead along lanes and rows", () => {
  const board = filled([
    task("a1", { agent: "ada", title: "1" }), task("a2", { agent: "ada", title: "2" }), task("a3", { agent: "ada", title: "3", lane: "done" }),
    task("b1", { agent: "bob", title: "1", lane: "done" }), task("b2", { agent: "bob", title: "2", lane: "done" }),
  ]);
  const swimlanes = swimlanesOf(columnsOf(board), "agent", board);
  const items = inRows(swimlanes, LANES, new Set());
  const name = (item) => (item.isGroup ? `[${item.value}]` : item.id);
  assert.deepEqual(items.map(name), ["[ada]", "a1", "a3", "a2", "[bob]", "b1", "b2"]);
  const to = (key, from) => { const at = walkRows(key, items, items.findIndex((item) => name(item) === from), LANES); return at < 0 ? null : name(items[at]); };
  assert.deepEqual([to("ArrowDown", "a1"), to("ArrowDown", "a2"), to("ArrowUp", "a2"), to("ArrowUp", "b1")], ["a2", "[bob]", "a1", "[bob]"]);
  assert.deepEqual([to("ArrowRight", "a1"), to("ArrowLeft", "a3"), to("ArrowRight", "a2"), to("ArrowLeft", "a1"), to("Home", "b1"), to("End", "a1")], ["a3", "a1", "a3", null, "[ada]", "b2"]);
  assert.equal(to("ArrowUp", "[ada]"), null);
  assert.deepEqual(inRows(swimlanes, LANES, new Set(["ada"])).map(name), ["[ada]", "[bob]", "b1", "b2"]);
  assert.deepEqual(inRows(swimlanes, ["inbox"], new Set()).map(name), ["[ada]", "a1", "a2", "[bob]"]);
  assert.deepEqual(grouped(swimlanes, "done", new Set(["bob"])).map(name), ["[ada]", "a3", "[bob]"]);
  const flat = filled([task("x"), task("y")]);
  assert.deepEqual(grouped(swimlanesOf(columnsOf(flat), "agent", flat), "inbox", new Set()).map(name), ["x", "y"], "no head where nobody has a value");
});

test("rows of lanes are as high as their highest card, and only those in view are listed", () => {
  const items = [-1, 0, 2, 0, 2, 2].map((lane, at) => ({ lane, height: [30, 100, 60, 50, 80, 40][at] }));
  const shape = { width: 620, gap: 10, folded: [false, true, false], foldedWidth: 40, leastWidth: 100, laneOf: ({ lane }) => lane, heightOf: ({ height }) => height };
  const layout = laneLayout(items, shape);
  assert.equal(layout.cellWidth, 280);
  assert.deepEqual(items.map((_, at) => [layout.place(at).left, layout.place(at).top]), [[0, 0], [0, 40], [340, 40], [0, 150], [340, 150], [340, 240]]);
  assert.equal(layout.height, 280);
  const many = Array.from({ length: 9_000 }, (_, at) => ({ lane: at % 3, height: 100 }));
  const [first, end] = laneLayout(many, { ...shape, folded: [false, false, false] }).windowOf(100_000, 100_500);
  assert.ok(end - first < 40 && first <= 2_727 && end >= 2_742, `${first} ${end}`);
  assert.deepEqual(lanePlaces({ ...shape, width: 100 }), { lefts: [0, 110, 160], cellWidth: 100, width: 260 });
});

test("lanes are ordered, hidden and folded by the address alone", () => {
  const names = (filters, lanes = LANES) => lanesOf(filters, lanes).map(({ name, isHidden, isFolded }) => `${isHidden ? "-" : ""}${isFolded ? "|" : ""}${name}`);
  assert.deepEqual(names({}), LANES);
  assert.deepEqual(names({ lanes: "done/gone/inbox", hide: "assigned", fold: "inbox" }), ["done", "|inbox", "-assigned"]);
  assert.deepEqual(names({ hide: LANES.join("/") }), LANES, "a board without lanes would say nothing");
  assert.deepEqual(movedLane({}, LANES, "done", -1), { lanes: "inbox/done/assigned" });
  assert.deepEqual(movedLane({ lanes: "inbox/done/assigned" }, LANES, "done", 1), { lanes: "" });
  assert.deepEqual([movedLane({}, LANES, "gone", 1), movedLane({}, LANES, "inbox", -1)], [{}, { lanes: "" }]);
  assert.deepEqual([toggledLane({}, "hide", "done"), toggledLane({ hide: "done/inbox" }, "hide", "done")], [{ hide: "done" }, { hide: "inbox" }]);
  const twice = toggledGroup(toggledGroup({}, "a/b %"), "");
  assert.deepEqual([...shutGroups(twice)], ["a/b %", ""]);
  assert.deepEqual([...shutGroups(toggledGroup(twice, "a/b %"))], [""]);
  assert.deepEqual([...shutGroups({ shut: "%E0%A4/" })], ["%E0%A4"]);
});

test("the whole view is in the address, also while a task is open", () => {
  const filters = { q: "x", sort: "quiet", group: "milestone", shut: "v1%2F2/", lanes: "done/inbox", hide: "assigned", fold: "done", density: "compact" };
  assert.deepEqual(parse(address({ filters }), ["board"]).filters, filters);
  assert.deepEqual(parse(address({ task: "t1", filters }), ["board"]).filters, filters);
});

test("views are saved by name, and what is remembered of them may be anything", () => {
  let views = withView([], "  Mine  to do ", { sort: "cost", odd: "x", q: "" });
  views = withView(views, "All", {});
  assert.deepEqual(views, [{ name: "All", filters: {} }, { name: "Mine to do", filters: { sort: "cost" } }]);
  assert.deepEqual(withView(views, "All", { q: "a" })[0], { name: "All", filters: { q: "a" } });
  assert.equal(withView(views, "   ", {}), views);
  assert.deepEqual(withoutView(views, "All").map(({ name }) => name), ["Mine to do"]);
  assert.deepEqual(viewsIn([null, 3, { name: "x" }, { name: "y", filters: { sort: 4, q: "z" } }, { name: "y", filters: {} }, { name: 5, filters: {} }]), [{ name: "y", filters: { q: "z" } }]);
  const many = Array.from({ length: 60 }, (_, at) => `v${at}`).reduce((all, name) => withView(all, name, {}), []);
  assert.ok(many.length <= 50 && many.some(({ name }) => name === "v59"));
  assert.ok(isSameView({ q: "" }, {}) && !isSameView({ q: "a" }, {}));
  assert.deepEqual([changesTo({ q: "a" }).q, changesTo({}).sort, changesTo({}).hide], ["a", "", ""]);
});

test("a task names what it waits for: titles of the open ones, ids of those that are not there", () => {
  const board = filled([task("a", { title: "Dig" }), task("b", { lane: "done" }), ...[1, 2, 3, 4, 5, 6].map((at) => task(`o${at}`)), task("c", { dependencies: ["a", "b", "gone", "o1", "o2", "o3", "o4", "o5", "o6"] })]);
  const { blockers, missing, open, met } = board.dependencyState(board.tasks.get("c"));
  assert.deepEqual([blockers, missing, open, met], [["Dig", "Task o1", "Task o2", "Task o3", "Task o4"], ["gone"], 7, 1]);
});

test("the next card and the one before, also of a card that is not among them", () => {
  const board = filled([task("a"), task("b"), task("c"), task("c", { key: "c\ninbox/c2.yaml", path: "inbox/c2.yaml" })]);
  const [a, b, c, other] = ["a", "b", "c", "c\ninbox/c2.yaml"].map((key) => board.records.get(key));
  const at = (id, path = null) => { const { index, before, after } = placeIn([[a, b], [], [other, c]], id, path); return [index, before?.key, after?.key]; };
  assert.deepEqual([at("a"), at("b"), at("c"), at("c", "inbox/c2.yaml"), at("gone")], [[0, undefined, "b"], [1, "a", other.key], [3, other.key, undefined], [2, "b", "c"], [-1, undefined, "a"]]);
});

test("the neighbourhood: two steps each way, in layers, also in a circle, and never more than can be drawn", () => {
  const graph = (edges) => ({ before: (id) => edges.filter(([, to]) => to === id).map(([from]) => from), after: (id) => edges.filter(([from]) => from === id).map(([, to]) => to) });
  const near = neighbourhoodOf("m", graph([["far", "x"], ["x", "y"], ["y", "m"], ["x", "m"], ["m", "n"], ["n", "o"], ["o", "p"]]));
  assert.deepEqual(Object.fromEntries(near.nodes.map(({ id, layer }) => [id, layer])), { far: 0, x: 1, y: 2, m: 3, n: 4, o: 5 });
  const circle = neighbourhoodOf("a", graph([["a", "b"], ["b", "a"], ["a", "a"]]));
  assert.deepEqual([circle.nodes.length, circle.edges.length, circle.left], [2, 2, 0]);
  const many = neighbourhoodOf("m", graph(Array.from({ length: 60 }, (_, at) => [`d${at}`, "m"])));
  assert.deepEqual([many.nodes.length, many.left, many.layers], [24, 37, 2]);
  const { places, nodeWidth, height } = placesOf(many, 480);
  assert.ok([...places.values()].every(({ x, y }) => x + nodeWidth <= 482 && y < height));
  assert.equal(new Set([...places.values()].map(({ x, y }) => `${x} ${y}`)).size, 24);
});

test("how long in a lane: what was seen, else what the file says", () => {
  const now = Date.parse("2026-01-10T00:00:00Z");
  const days = (time, here = NaN) => lengthOf({ lane: "assigned", visits: 1, seconds: 0, since: "2026-01-09T00:00:00Z", is_exact: true, ...time }, here, now) / 86_400_000;
  assert.equal(days({}), 1);
  assert.equal(days({ seconds: 86_400 }), 2);
  assert.equal(days({ since: null, seconds: 86_400 }), 1);
  assert.equal(days({ is_exact: false }, Date.parse("2026-01-01T00:00:00Z")), 9);
  assert.equal(days({ is_exact: true }, Date.parse("2026-01-01T00:00:00Z")), 1);
});

test("the verdict names what is out of order; of a task in hand, since when", () => {
  const now = Date.parse("2026-01-10T00:00:00Z");
  const state = { dependencies: { open: 0, blockers: [] }, quiet: { since_ms: now - 7_200_000, by: "" }, isStale: false, here_at: now - 9 * 86_400_000 };
  const lines = (more, its = {}) => verdictLines({ task: task("t", { lane: "assigned", ...more }) }, { ...state, ...its }, now).map(({ text }) => text);
  assert.deepEqual(lines({}), ["In hand: 9 d here, quiet 2 h."]);
  assert.deepEqual(lines({}, { isStale: true, quiet: { since_ms: now - 3 * 86_400_000 } }), ["Stale: nothing happened for 3 d."]);
  assert.deepEqual(lines({ lane: "inbox" }, { dependencies: { open: 3, blockers: ["Dig", "Paint"] } }), ["Blocked by “Dig”, “Paint” and 1 more."]);
  assert.deepEqual(lines({ lane: "done" }, { dependencies: { open: 3, blockers: ["Dig"] } }), []);
  assert.deepEqual(lines({ error: { line: 4 }, flags: ["invalid"] }), ["The file is broken, line 4."]);
  assert.deepEqual(lines({ lane: "done", status: "new", flags: ["status_contradicts_lane"] }), ["The file says “new”, but is in done."]);
});

test("nothing that runs in the page becomes a link to an editor", () => {
  assert.deepEqual(["vscode://file/a", "idea://open?file=/a", "http://localhost:1/a"].map(isEditorLink), [true, true, true]);
  assert.deepEqual(["javascript:alert(1)", "data:text/html,x", "JAVASCRIPT:x", "/a", ""].map(isEditorLink), [false, false, false, false, false]);
});

test("an entry of a checklist is a box with its text", () => {
  assert.deepEqual(checkOf("[x] Tests pass"), { isDone: true, text: "Tests pass" });
  assert.deepEqual(checkOf("[ ] Docs"), { isDone: false, text: "Docs" });
  assert.deepEqual(checkOf({ criterion: "Docs", met: false }), { isDone: false, text: "Docs" });
  assert.deepEqual(["[1] a source", { done: true }, { text: "x", done: "maybe" }, { text: "x", done: true, by: "ada" }, null, ["[x] a"]].map(checkOf), [null, null, null, null, null, null]);
});
