/**
 * The folders of one project that are open, a level at a time. What changes on the disk is put right where it is to be
 * seen: single files at once, folders by asking for them again: see level-rounds.js. Emits `change`.
 */
import { Level } from "./level.js";
import { LevelRounds } from "./level-rounds.js";
import { isAbove, parentOf, prefixes } from "../lib/paths.js";
/** @import {LevelPage, ProjectChange} from "../lib/types.js" */
/** @typedef {{under: string, limit: number, cursor: string | null}} Wanted */

const PAGE = 500;
const MARKS = 5_000;

/** How long a mark of a change is shown. */
export const FRESH_MS = 30_000;

export class Levels extends EventTarget {
  open = new Set([""]);
  /** @type {Map<string, number>} */
  fresh = new Map(); // path → when it was seen to change (performance.now())
  /** @type {Map<string, Level>} */
  #levels = new Map(); // by path
  #load;
  #rounds = new LevelRounds({
    levels: this.#levels,
    open: this.open,
    again: (path) => this.#again(path),
    onEnd: () => this.#notify(),
  });

  /**
   * `load(wanted)` answers with a page of a folder.
   * @param {(wanted: Wanted) => Promise<LevelPage>} load
   */
  constructor(load) {
    super();
    this.#load = load;
  }

  /**
   * What is known of a folder; undefined if it was never asked for.
   * @param {string} path
   */
  level(path) {
    return this.#levels.get(path);
  }

  /**
   * The file at a path, if it is loaded.
   * @param {string} path
   */
  file(path) {
    return this.#levels.get(parentOf(path))?.files.find((file) => file.path === path);
  }

  /**
   * Open a folder; fulfilled when its first page is there.
   * @param {string} path
   */
  async unfold(path) {
    this.open.add(path);
    const level = this.#levels.get(path);
    const asking = level && !level.error && !level.isStale ? level.pending : this.#ask(path, 1);
    this.#notify();
    await asking;
  }

  /**
   * Close it; what is known of it stays.
   * @param {string} path
   */
  fold(path) {
    this.open.delete(path);
    this.#notify();
  }

  /**
   * The next page of a folder.
   * @param {string} path
   */
  async more(path) {
    const level = this.#levels.get(path);
    if (level?.cursor && !level.pending && !level.error) await this.#extend(path, level);
  }

  /**
   * Open what leads to a file and return it; null if there is none. Throws what went wrong with a folder.
   * @param {string} path
   */
  async reveal(path) {
    const parent = parentOf(path);
    for (const step of ["", ...prefixes(parent)]) {
      const isThere = (/** @type {Level} */ level) => level.folders.some((folder) => folder.path === step);
      if (step !== "" && !(await this.#found(parentOf(step), isThere))) return null;
      await this.unfold(step);
    }
    return this.#found(parent, (level) => level.files.find((file) => file.path === path));
  }

  /**
   * Take what happened to the project: see artifacts.js.
   * @param {ProjectChange} change
   */
  take({ files, folders, all, isCounted }) {
    for (const [path, { kind, artifact }] of files) {
      this.#levels.get(parentOf(path))?.apply(kind, artifact);
      if (kind !== "removed") this.#mark(path);
    }
    // The folder of a single file is put right by that; the folders above have other figures.
    const parents = new Set([...files.keys()].map(parentOf));
    for (const [path, level] of this.#levels) {
      const isNamed = folders.has(path) || isAbove(path, folders) || isAbove(path, parents);
      if (isNamed || (isCounted && level.isCounting)) level.isStale = true;
    }
    // Where not every folder is named, the figures of folders tell which ones have changed: see `#put`.
    const top = this.#levels.get("");
    if (all && top) top.isStale = true;
    this.#rounds.schedule();
    if (files.size > 0) this.#notify();
  }

  /** Ask for everything that is open again. */
  refresh() {
    for (const level of this.#levels.values()) level.isStale = true;
    this.#rounds.schedule();
  }

  /**
   * Whether it is on the screen: else nothing is asked for.
   * @param {boolean} isSeen
   */
  set isSeen(isSeen) {
    this.#rounds.isSeen = isSeen;
  }

  /** @param {string} path */
  async #again(path) {
    const level = this.#levels.get(path);
    await level?.pending;
    if (level) await this.#ask(path, level.folders.length + level.files.length);
  }

  /**
   * Ask for a folder from its beginning, at least so many entries.
   * @param {string} path
   * @param {number} least
   */
  #ask(path, least) {
    const level = this.#levels.get(path) ?? new Level();
    if (level.pending) return level.pending;
    this.#levels.set(path, level);
    level.isStale = false;
    level.pending = this.#fetch(path, least)
      .then((answer) => this.#put(level, answer))
      .catch((error) => this.#failed(path, level, error))
      .finally(() => {
        level.pending = null;
        this.#notify();
      });
    return level.pending;
  }

  /**
   * @param {string} path
   * @param {number} least
   */
  async #fetch(path, least) {
    /** @type {LevelPage} */
    const sum = { folders: [], files: [], counts: {}, cursor: null };
    do {
      const page = await this.#load({ under: path, limit: PAGE, cursor: sum.cursor });
      sum.folders.push(...page.folders);
      sum.files.push(...page.files);
      Object.assign(sum, { counts: page.counts, cursor: page.cursor });
    } while (sum.cursor && sum.folders.length + sum.files.length < least);
    return sum;
  }

  /**
   * @param {Level} level
   * @param {LevelPage} answer
   */
  #put(level, answer) {
    const there = new Set(answer.folders.map((folder) => folder.path));
    for (const { path } of level.folders) if (!there.has(path) && !answer.cursor) this.#forget(path);
    for (const path of level.take(answer)) {
      this.#mark(path);
      const folder = this.#levels.get(path);
      if (folder) folder.isStale = true; // it has other figures
    }
    this.#rounds.schedule();
  }

  /**
   * @param {string} path
   * @param {Level} level
   * @param {Error & {status?: number}} error
   */
  #failed(path, level, error) {
    if (error.status !== 404 || path === "") return void Object.assign(level, { error, isStale: false });
    this.#forget(path); // it has gone: the folder it was in says so
    const parent = this.#levels.get(parentOf(path));
    if (parent) parent.isStale = true;
    this.#rounds.schedule();
  }

  /** @param {string} path */
  #forget(path) {
    for (const known of [...this.#levels.keys()]) {
      if (known !== path && !known.startsWith(`${path}/`)) continue;
      this.#levels.delete(known);
      this.open.delete(known);
    }
  }

  /**
   * @param {string} path
   * @param {Level} level
   */
  async #extend(path, level) {
    level.pending = this.#load({ under: path, limit: PAGE, cursor: level.cursor })
      .then((page) => level.extend(page))
      .catch((error) => (level.error = error))
      .finally(() => (level.pending = null));
    this.#notify();
    await level.pending;
    this.#notify();
  }

  /**
   * What `find(level)` finds in a folder, page after page; null if it is in none.
   * @template Found
   * @param {string} path
   * @param {(level: Level) => Found | undefined} find
   */
  async #found(path, find) {
    for (;;) {
      const level = this.#levels.get(path);
      await level?.pending;
      const found = level && find(level);
      if (found) return found;
      if (level?.error) throw level.error;
      if (!level?.cursor) return null;
      await this.#extend(path, level);
    }
  }

  /** @param {string} path */
  #mark(path) {
    const now = performance.now();
    this.fresh.set(path, now);
    if (this.fresh.size > MARKS) for (const [old, at] of this.fresh) if (now - at > FRESH_MS) this.fresh.delete(old);
  }

  #notify() {
    this.dispatchEvent(new Event("change"));
  }
}
