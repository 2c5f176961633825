/** What the details of the connection say about who one is and what one sees. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { accessOf } from "../../static/shell/connection-text.js";

const user = { name: "ada", role: "user", projects: ["quay", "shop"], credits: null, users: true };

test("without users nothing is said", () => {
  assert.deepEqual(accessOf(null), []);
  assert.deepEqual(accessOf({ ...user, users: false }), []);
});

test("a user is told what is seen of the own projects, and what all users see", () => {
  assert.deepEqual(accessOf(user), [
    ["You", "ada (user)"],
    ["You see", "jobs, logs and files of quay, shop"],
    ["All users see", "tasks and what they claim, agents, calls and costs, of the whole workspace"],
  ]);
  assert.equal(accessOf({ ...user, projects: [] })[1][1], "no project, so no jobs, logs and files");
});

test("an admin sees everything", () => {
  assert.deepEqual(accessOf({ ...user, role: "admin", projects: null }), [["You", "ada (admin)"], ["You see", "everything"]]);
  assert.equal(accessOf({ ...user, name: null, role: "admin", projects: null })[0][1], "the local admin (admin)");
});
