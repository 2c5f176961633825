/**
 * The folders of one project that are open, a level at a time. What changes on the disk is put right where it is to be
 * seen: single files at once, folders by asking for them again, at most every `ROUND_MS`. Tells `change`.
 */
const ROUND_MS = 300;
const REST = 2; // a round that took long is followed by a pause of so many times its length
const AT_ONCE = 4;
const PAGE = 500;
const BELOW = 40; // deeper folders are opened by hand
const FRESH_MS = 30_000;
const byText = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
const rank = ({ workflow, name }) => (workflow && /\.md$/i.test(name) ? 0 : 1);
const inOrder = (a, b) => rank(a) - rank(b) || byText(a.name, b.name);

export class Levels extends EventTarget {
  open = new Set([""]);
  fresh = new Map(); // path → when it was seen to change (performance.now())
  #levels = new Map(); // path → {folders, files, counts, cursor, error, pending, isStale, isKnown}; lists are replaced, never changed
  #load;
  #timer = null;
  #isBusy = false;
  #waits_ms = ROUND_MS;
  #isSeen = true;

  /** `load(wanted, signal)` answers with a page of a folder: `{folders, files, counts, cursor}`. */
  constructor(load) {
    super();
    this.#load = load;
  }

  /** What is known of a folder: `{folders, files, counts, cursor, error, pending}`; undefined if it was never asked for. */
  level(path) {
    return this.#levels.get(path);
  }

  /** The file at a path, if its folder is loaded. */
  file(path) {
    return this.#levels.get(parentOf(path))?.files.find((file) => file.path === path);
  }

  /** Open a folder; fulfilled when its first page is there. */
  async unfold(path) {
    this.open.add(path);
    const level = this.#levels.get(path);
    if (level && !level.error && !level.isStale) return this.#tell();
    const asking = this.#ask(path, 1);
    this.#tell();
    await asking;
  }

  /** Close it; what is known of it is kept. */
  fold(path) {
    this.open.delete(path);
    this.#tell();
  }

  /** The next page of a folder. */
  async more(path) {
    const level = this.#levels.get(path);
    if (!level?.cursor || level.pending || level.error) return;
    await this.#append(path, level);
  }

  /** Open what leads to a file and return it; null if there is none. */
  async reveal(path) {
    const parent = parentOf(path);
    const steps = parent === "" ? [""] : ["", ...prefixes(parent)];
    for (const step of steps) {
      if (step !== "" && !(await this.#has(parentOf(step), (level) => level.folders.some((one) => one.path === step)))) {
        return null;
      }
      await this.unfold(step);
      if (this.#levels.get(step)?.error) throw this.#levels.get(step).error;
    }
    return this.#has(parent, (level) => level.files.find((file) => file.path === path));
  }

  /** Take what happened: `{files, folders, all}` of live/artifacts.js. */
  take({ files, folders, all }) {
    for (const [path, { kind, artifact }] of files) this.#patch(path, kind, artifact);
    // The folder of a single file is put right above; the folders above that have other figures.
    const parents = new Set([...files.keys()].map(parentOf));
    for (const [path, level] of this.#levels) {
      if (folders.has(path) || isAbove(path, folders) || isAbove(path, parents)) level.isStale = true;
    }
    // Where not every folder is named, the figures of folders tell which ones have changed: see `#compare`.
    const top = this.#levels.get("");
    if (all && top) top.isStale = true;
    this.#schedule();
    if (files.size > 0) this.#tell();
  }

  /** Ask for everything that is open again. */
  refresh() {
    for (const level of this.#levels.values()) level.isStale = true;
    this.#schedule();
  }

  /** Whether anybody looks: else nothing is asked for. */
  set isSeen(isSeen) {
    this.#isSeen = isSeen;
    if (isSeen) this.#schedule();
  }

  #patch(path, kind, artifact) {
    const level = this.#levels.get(parentOf(path));
    if (!level) return;
    const at = level.files.findIndex((file) => file.path === path);
    if (kind === "removed") {
      if (at >= 0) level.files = level.files.toSpliced(at, 1);
      return count(level, artifact, -1);
    }
    this.#mark(path);
    if (at >= 0) return void (level.files = level.files.with(at, artifact));
    count(level, artifact, 1);
    const next = level.files.findIndex((file) => inOrder(file, artifact) > 0);
    if (next >= 0) level.files = level.files.toSpliced(next, 0, artifact);
    else if (!level.cursor) level.files = [...level.files, artifact];
  }

  #schedule() {
    if (!this.#isSeen || this.#isBusy) return;
    this.#timer ??= setTimeout(() => this.#round(), this.#waits_ms);
  }

  /** Ask again for what is stale and open, from above: a folder that has gone is not asked for. */
  async #round() {
    this.#timer = null;
    if (this.#staleAt(0).length === 0) return;
    this.#isBusy = true;
    const began = performance.now();
    for (let depth = 0, paths; (paths = this.#staleAt(depth)).length > 0; depth = depthOf(paths[0]) + 1) {
      const same = paths.filter((path) => depthOf(path) === depthOf(paths[0]));
      const next = async () => {
        for (let path = same.pop(); path !== undefined; path = same.pop()) await this.#again(path);
      };
      await Promise.all(Array.from({ length: AT_ONCE }, next));
    }
    this.#waits_ms = Math.max(ROUND_MS, REST * (performance.now() - began));
    this.#isBusy = false;
    this.#tell();
    if (this.#staleAt(0).length > 0) this.#schedule();
  }

  /** Folders that are open and stale, from this depth on, the shallowest first. */
  #staleAt(depth) {
    const found = [...this.#levels].filter(([path, level]) => level.isStale && depthOf(path) >= depth);
    const paths = found.map(([path]) => path).filter((path) => this.#isToBeSeen(path));
    return paths.sort((a, b) => depthOf(a) - depthOf(b));
  }

  #isToBeSeen(path) {
    return path === "" || (this.open.has(path) && prefixes(path).every((each) => this.open.has(each)));
  }

  async #again(path) {
    const level = this.#levels.get(path);
    if (level) await this.#ask(path, level.folders.length + level.files.length);
  }

  /** Ask for a folder from its beginning, at least so many entries. */
  #ask(path, least) {
    const known = this.#levels.get(path);
    if (known?.pending) return known.pending;
    const level = known ?? emptyLevel();
    this.#levels.set(path, level);
    level.isStale = false;
    level.pending = this.#fetch(path, least)
      .then((got) => this.#put(path, level, got))
      .catch((error) => this.#failed(path, level, error))
      .finally(() => (level.pending = null));
    return level.pending;
  }

  async #fetch(path, least) {
    const got = { folders: [], files: [], counts: {}, cursor: null };
    do {
      const page = await this.#load({ under: path, limit: PAGE, cursor: got.cursor });
      got.folders.push(...page.folders);
      got.files.push(...page.files);
      Object.assign(got, { counts: page.counts, cursor: page.cursor });
    } while (got.cursor && got.folders.length + got.files.length < least);
    return got;
  }

  #put(path, level, got) {
    if (level.isKnown) this.#compare(level, got);
    const there = new Set(got.folders.map((folder) => folder.path));
    for (const folder of level.folders) if (!there.has(folder.path)) this.#forget(folder.path);
    Object.assign(level, got, { error: null, isKnown: true });
    this.#tell();
  }

  /** Mark what differs from what was shown. */
  #compare(level, got) {
    const folders = new Map(level.folders.map((folder) => [folder.path, folder]));
    for (const { path, files, changed_at: changed } of got.folders) {
      const old = folders.get(path);
      if (old && old.files === files && old.changed_at === changed) continue;
      this.#mark(path);
      if (this.#levels.has(path)) this.#levels.get(path).isStale = true;
    }
    if (!this.#isBusy) this.#schedule();
    const files = new Map(level.files.map((file) => [file.path, file]));
    for (const { path, modified_at: modified, size_bytes: size } of got.files) {
      const old = files.get(path);
      if (old ? old.modified_at !== modified || old.size_bytes !== size : !level.cursor) this.#mark(path);
    }
  }

  #forget(path) {
    for (const known of [...this.#levels.keys()]) {
      if (known !== path && !known.startsWith(`${path}/`)) continue;
      this.#levels.delete(known);
      this.open.delete(known);
    }
  }

  #failed(path, level, error) {
    if (error.status === 404 && path !== "") {
      this.#forget(path); // it has gone: the folder it was in says so
      const parent = this.#levels.get(parentOf(path));
      if (parent) parent.isStale = true;
      this.#schedule();
    } else {
      Object.assign(level, { error, isStale: false });
    }
    this.#tell();
  }

  async #append(path, level) {
    const from = level.cursor;
    level.pending = this.#load({ under: path, limit: PAGE, cursor: from })
      .then((page) => {
        if (level.cursor !== from) return;
        level.folders = [...level.folders, ...page.folders];
        level.files = [...level.files, ...page.files];
        Object.assign(level, { counts: page.counts, cursor: page.cursor });
      })
      .catch((error) => (level.error = error))
      .finally(() => (level.pending = null));
    this.#tell();
    await level.pending;
    this.#tell();
  }

  /** What `find(level)` finds in a folder, page after page; null if it is in none. */
  async #has(path, find) {
    const level = this.#levels.get(path);
    await level?.pending;
    for (;;) {
      const found = level && find(level);
      if (found) return found;
      if (!level?.cursor || level.error) return null;
      await this.#append(path, level);
    }
  }

  #mark(path) {
    const now = performance.now();
    this.fresh.set(path, now);
    if (this.fresh.size > 5_000) for (const [old, at] of this.fresh) if (now - at > FRESH_MS) this.fresh.delete(old);
  }

  #tell() {
    this.dispatchEvent(new Event("change"));
  }
}

/** How long a mark of a change is shown. */
export const SHOWN_FRESH_MS = FRESH_MS;

/** The folder in which something lies; "" is the project's own. */
export function parentOf(path) {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** "a/b/c" as ["a", "a/b", "a/b/c"]. */
function prefixes(path) {
  return path
    .split("/")
    .slice(0, BELOW)
    .map((_, index, parts) => parts.slice(0, index + 1).join("/"));
}

function depthOf(path) {
  return path === "" ? 0 : path.split("/").length;
}

function isAbove(path, folders) {
  for (const each of folders) if (path === "" ? each !== "" : each.startsWith(`${path}/`)) return true;
  return false;
}

function count(level, { type }, step) {
  level.counts = { ...level.counts, [type]: Math.max(0, (level.counts[type] ?? 0) + step) };
}

function emptyLevel() {
  return { folders: [], files: [], counts: {}, cursor: null, error: null, pending: null, isStale: false, isKnown: false };
}
