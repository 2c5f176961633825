/** The rows of a tree, in order. */
import { parentOf } from "../../lib/paths.js";

/** @import {Artifact} from "../../lib/types.js" */
/** @import {Levels} from "../../stores/levels.js" */
/** @import {FileRow, TreeRow} from "./types.js" */

/**
 * `[{key, kind, depth, path, name, ...}]` of what is open. `kind` is "folder", "file", "ignored", "more" (its page is asked
 * for when it is seen), "wait", "empty" or "problem". `ignored` are paths of folders that are left out.
 * @param {Levels} levels
 * @param {string[]} ignored
 */
export function rowsOf(levels, ignored) {
  /** @type {TreeRow[]} */
  const rows = [];
  /** @type {Map<string, string[]>} */
  const left = new Map();
  for (const path of ignored) left.set(parentOf(path), [...(left.get(parentOf(path)) ?? []), path]);
  addLevel(rows, levels, left, "", 0);
  return rows;
}

/**
 * @param {TreeRow[]} rows
 * @param {Levels} levels
 * @param {Map<string, string[]>} left
 * @param {string} path
 * @param {number} depth
 */
function addLevel(rows, levels, left, path, depth) {
  const level = levels.level(path);
  const inside = { depth, parent: path };
  if (!level || (level.pending && !level.isKnown)) {
    rows.push({ ...inside, key: `wait ${path}`, kind: "wait", path });
    return;
  }
  const passed = level.cursor ? [] : (left.get(path) ?? []);
  const inFiles = Object.values(level.counts).reduce((sum, number) => sum + number, 0);
  const size = level.cursor ? -1 : level.folders.length + passed.length + level.files.length;
  let place = 0;
  const next = () => (place += 1);
  for (const folder of level.folders) {
    const isOpen = levels.open.has(folder.path);
    rows.push({ ...inside, ...folder, key: `folder ${folder.path}`, kind: "folder", isOpen, size, place: next() });
    if (isOpen) addLevel(rows, levels, left, folder.path, depth + 1);
  }
  for (const one of passed) {
    const name = one.slice(one.lastIndexOf("/") + 1);
    rows.push({ ...inside, key: `ignored ${one}`, kind: "ignored", path: one, name, size, place: next() });
  }
  for (const row of fileRows(level.files, { ...inside, size, first: place + 1 })) rows.push(row);
  if (level.error) rows.push({ ...inside, key: `problem ${path}`, kind: "problem", path, message: level.error.message });
  else if (level.cursor) {
    rows.push({ ...inside, key: `more ${path}`, kind: "more", path, shown: level.files.length, of: inFiles });
  } else if (place + level.files.length === 0) rows.push({ ...inside, key: `empty ${path}`, kind: "empty", path });
}

/** @type {WeakMap<Artifact[], {placeKey: string, rows: FileRow[]}>} */
const made = new WeakMap(); // files of a level → {placeKey, rows}

/**
 * The rows of files. They are many and seldom others, so that those made before are used again.
 * @param {Artifact[]} files
 * @param {{depth: number, parent: string, size: number, first: number}} place
 */
function fileRows(files, { depth, parent, size, first }) {
  const placeKey = `${depth} ${size} ${first}`;
  const before = made.get(files);
  if (before?.placeKey === placeKey) return before.rows;
  /** @type {FileRow[]} */
  const rows = files.map((file, index) => {
    const { path, name } = file;
    return { key: `file ${path}`, kind: "file", depth, parent, path, name, file, size, place: first + index };
  });
  made.set(files, { placeKey, rows });
  return rows;
}
