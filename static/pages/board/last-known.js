/** The board as it was before its folder went missing: its files then count as removed one after the other. */
/** @import {Picture} from "./types.js" */

const SETTLED_MS = 3_000; // removals that nothing follows within this time were meant

export class LastKnown {
  /** @type {Picture | null} */
  #settled = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * What is to be drawn: `picture`, or while the folder is missing what was there before.
   * @param {Picture} picture
   * @param {boolean} isMissing
   */
  of(picture, isMissing) {
    clearTimeout(this.#timer);
    if (isMissing) return picture.total === 0 ? (this.#settled ?? picture) : picture;
    const isRemoval = picture.fresh.size === 0 && picture.total < (this.#settled?.total ?? 0);
    if (isRemoval) this.#timer = setTimeout(() => (this.#settled = picture), SETTLED_MS);
    else this.#settled = picture;
    return picture;
  }
}
