import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { isQuiet, kindOfNeed } from "../../static/lib/notify-choices.js";
import { bindingsOf } from "../../static/shell/bindings.js";
import { atFirst, findHere } from "../../static/shell/palette/local.js";
import { joined, unknownKinds } from "../../static/shell/palette/joined.js";
import { fits, isEmpty, isIn, parse, wants } from "../../static/shell/palette/query.js";
import { Best, parts, score } from "../../static/shell/palette/rank.js";

const SAMPLES = JSON.parse(readFileSync(new URL("../samples/search_queries.json", import.meta.url), "utf8"));

test("texts become the queries that the service reads too", () => {
  for (const { text, words, without, fields } of SAMPLES) {
    const found = parse(text);
    assert.deepEqual({ ...found, fields: found.fields.map(({ name, values, isNot }) => [name, values, isNot]) }, { words, without, fields }, text);
  }
});

test("a query fits words, exclusions and fields", () => {
  const query = parse("alpha beta -gamma status:failed,blocked -agent:bob");
  assert.ok(isIn(query, "beta alpha") && !isIn(query, "alpha") && !isIn(query, "alpha beta gamma"));
  assert.ok(fits(query, { status: ["Failed"], agent: ["ada"] }));
  assert.ok(!fits(query, { status: ["Failed"], agent: ["Bob"] }));
  assert.ok(!fits(query, { agent: ["ada"] }));
  assert.ok(isEmpty(parse("-x")) && !isEmpty(parse("-status:done")));
  assert.ok(wants(parse("kind:task"), "tasks") && !wants(parse("kind:task"), "files") && !wants(parse("-kind:log"), "logs"));
});

test("what is named as a kind and is none", () => {
  const asked = { "kind:session,tasks x": [], "kind:artifact": ["artifact"], "-kind:nothing kind:log": ["nothing"], "status:artifact": [] };
  for (const [text, unknown] of Object.entries(asked)) assert.deepEqual(unknownKinds(parse(text)), unknown, text);
});

test("the whole name is better than its beginning, that than a word of it, that than its middle", () => {
  const points = ["crawler", "crawler log", "web-crawler", "scrawler", "other"].map((name) => score(["crawler"], name));
  assert.deepEqual([...points].sort((a, b) => b - a), points);
  assert.equal(points[4], 0);
  assert.ok(score(["ab"], "xab ab") > score(["ab"], "xab xab")); // a later place may begin a word
  assert.ok(score(["a"], "a short") > score(["a"], `a ${"long ".repeat(20)}`));
  assert.equal(score(["a", "zz"], "a b"), 0);
});

test("the best few of many are kept in order, of equals the first", () => {
  const best = new Best(3);
  for (const [item, points] of [["a", 1], ["b", 5], ["c", 5], ["d", 9], ["e", 5]]) best.offer(item, points);
  assert.deepEqual(best.items, ["d", "b", "c"]);
  assert.equal(best.total, 5);
});

test("a text is taken apart at its hits, and put together it is the same", () => {
  assert.deepEqual(parts("The Crawler crawls", ["crawl"]), [["The ", false], ["Crawl", true], ["er ", false], ["crawl", true], ["s", false]]);
  assert.deepEqual(parts("abab", ["aba", "bab"]), [["abab", true]]);
  assert.deepEqual(parts("", ["a"]), []);
  assert.deepEqual(parts("İstanbul", ["s"]), [["İstanbul", false]]); // small letters of other lengths
  assert.deepEqual(parts("plain", []), [["plain", false]]);
});

const record = (id, title, more = {}) => {
  const task = { id, title, status: "new", priority: "normal", tags: [], flags: [], ...more };
  return [id, { id, task, lane: "inbox", agent: more.agent ?? null, path: `inbox/${id}.yaml`, isDuplicate: false, changed_at: 1, sortTitle: title.toLowerCase(), haystack: `${id} ${title} ${more.agent ?? ""}`.toLowerCase() }];
};
const HAS = {
  board: { records: new Map([record("t-1", "Build the crawler", { agent: "ada", status: "failed" }), record("t-2", "crawler", { agent: "bob" }), record("t-3", "Something else", { agent: "ada" })]) },
  pages: [{ name: "costs", label: "Costs", key: "c" }],
  actions: [{ title: "Change the theme", act: () => {} }],
  settings: [{ name: "quiet_hours", help: "Times of day", value: null, origin: "default" }],
};
const found = (text) => Object.fromEntries(findHere(parse(text), HAS).map(({ kind, hits }) => [kind, hits.map(({ title }) => title)]));

test("the page finds tasks, agents, pages, actions and settings by itself", () => {
  assert.deepEqual(found("crawler"), { tasks: ["crawler", "Build the crawler"] });
  assert.deepEqual(found("crawler status:failed"), { tasks: ["Build the crawler"] });
  assert.deepEqual(found("-agent:ada crawler"), { tasks: ["crawler"] });
  assert.deepEqual(found("ada").agents, ["ada"]);
  assert.deepEqual(found("cost"), { pages: ["Costs"] });
  assert.deepEqual(found("theme"), { actions: ["Change the theme"] });
  assert.deepEqual(found("quiet"), { settings: ["quiet_hours"] });
  assert.deepEqual(found("kind:page"), { pages: ["Costs", "Notifications", "System", "About"] });
  assert.deepEqual(found("nowhere"), {});
});

test("a task says its lane and its status once where they are the same word", () => {
  const board = { records: new Map(["done", "failed"].map((status) => record(`t-${status}`, "crawler", { status })).map(([id, one]) => [id, { ...one, lane: "done" }])) };
  const [{ hits }] = findHere(parse("crawler"), { ...HAS, board });
  assert.deepEqual(hits.map(({ text }) => text).sort(), ["t-done · done", "t-failed · done · failed"]);
});

test("before anything is typed there are the pages and what can be done", () => {
  assert.deepEqual(atFirst(HAS).map(({ kind, hits }) => [kind, hits.length]), [["pages", 4], ["actions", 1]]);
});

test("what the service finds is added to what is here, each thing once", () => {
  const here = [{ kind: "tasks", more: 0, hits: [{ kind: "tasks", title: "a", text: "", href: "#/tasks/a" }] }];
  const there = { hits: [{ kind: "tasks", title: "a again", text: "", href: "#/tasks/a" }, { kind: "tasks", title: "b", text: "", href: "#/tasks/b" }, { kind: "logs", title: "l", text: "", href: "#/jobs/1" }], incomplete: ["logs"] };
  const groups = joined(here, [there]);
  assert.deepEqual(groups.map(({ kind, hits, more }) => [kind, hits.map(({ title }) => title), more]), [["tasks", ["a", "b"], 0], ["logs", ["l"], Infinity]]);
  assert.equal(here[0].hits.length, 1); // the list of the page stays what it is
});

test("what is bound and what the help says are one table", () => {
  const done = [];
  const act = (name) => () => done.push(name);
  const pages = [{ name: "costs", label: "Costs", key: "c", shortcuts: [{ keys: ["x"], does: "Of the page" }] }];
  const table = bindingsOf(pages, { palette: act("palette"), search: act("search"), open: (page) => done.push(page), activity: act("activity"), hideActivity: act("hide"), theme: act("theme"), help: act("help") });
  for (const { keys, act: does } of table) does?.({ key: keys[0] });
  assert.deepEqual(done, ["palette", "search", "activity", "theme", "help", "hide", "costs"]);
  assert.ok(table.every(({ keys, does, group }) => keys.length > 0 && does && group));
  assert.ok(table.some(({ does }) => does === "Of the page"));
});

test("quiet hours may go over midnight", () => {
  const at = (hours, minutes) => new Date(2026, 2, 10, hours, minutes);
  const night = { from: "22:00", to: "07:00" };
  assert.ok(isQuiet(at(22, 0), night) && isQuiet(at(3, 0), night) && isQuiet(at(6, 59), night));
  assert.ok(!isQuiet(at(7, 0), night) && !isQuiet(at(21, 59), night));
  assert.ok(isQuiet(at(12, 30), { from: "12:00", to: "13:00" }) && !isQuiet(at(13, 0), { from: "12:00", to: "13:00" }));
  assert.ok(!isQuiet(at(3, 0), null));
  assert.deepEqual(["permission", "broken", "failed", "stale", "budget"].map(kindOfNeed), ["needs", "needs", "failed", "stale", "budget"]);
});
