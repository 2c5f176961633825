/**
 * When folders that may have changed are asked for again: what is stale and to be seen, at most every `ROUND_MS`, from above, a
 * few at once.
 */
import { depthOf, prefixes } from "../lib/paths.js";
/** @import {Level} from "./level.js" */

const ROUND_MS = 300;
const PAUSE = 2; // a round that took long is followed by a pause of so many times its length
const AT_ONCE = 4;

export class LevelRounds {
  #levels;
  #open;
  #again;
  #onEnd;
  /** @type {ReturnType<typeof setTimeout> | null} */
  #timer = null;
  #isBusy = false;
  #waits_ms = ROUND_MS;
  #isSeen = true;

  /**
   * `levels` are those known by their paths, `open` the paths of open folders; `again(path)` asks for one, `onEnd` is called after
   * a round.
   * @param {{levels: Map<string, Level>, open: Set<string>, again: (path: string) => Promise<unknown>, onEnd: () => void}} parts
   */
  constructor({ levels, open, again, onEnd }) {
    this.#levels = levels;
    this.#open = open;
    this.#again = again;
    this.#onEnd = onEnd;
  }

  /**
   * Whether the folders are on the screen: else nothing is asked for.
   * @param {boolean} isSeen
   */
  set isSeen(isSeen) {
    this.#isSeen = isSeen;
    if (isSeen) this.schedule();
  }

  /** Something may be stale. */
  schedule() {
    if (this.#isSeen && !this.#isBusy) this.#timer ??= setTimeout(() => this.#round(), this.#waits_ms);
  }

  /** Ask again for what is stale and open, from above: a folder that has gone is not asked for. */
  async #round() {
    this.#timer = null;
    if (this.#staleFrom(0).length === 0) return;
    this.#isBusy = true;
    const began = performance.now();
    for (let depth = 0, paths; (paths = this.#staleFrom(depth)).length > 0; depth = depthOf(paths[0]) + 1) {
      const same = paths.filter((path) => depthOf(path) === depthOf(paths[0]));
      const next = async () => {
        for (let path = same.pop(); path !== undefined; path = same.pop()) await this.#again(path);
      };
      await Promise.all(Array.from({ length: AT_ONCE }, next));
    }
    this.#waits_ms = Math.max(ROUND_MS, PAUSE * (performance.now() - began));
    this.#isBusy = false;
    this.#onEnd();
    if (this.#staleFrom(0).length > 0) this.schedule();
  }

  /**
   * Folders that are stale and to be seen, from this depth on, the shallowest first.
   * @param {number} depth
   */
  #staleFrom(depth) {
    const isToBeSeen = (/** @type {string} */ path) => ["", ...prefixes(path)].every((each) => this.#open.has(each));
    const found = [...this.#levels].filter(([path, level]) => level.isStale && depthOf(path) >= depth);
    const paths = found.map(([path]) => path).filter(isToBeSeen);
    return paths.sort((a, b) => depthOf(a) - depthOf(b));
  }
}
