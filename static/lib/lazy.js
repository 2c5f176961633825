/** Parts of the page that are loaded at their first use. What could not be loaded is tried again at the next use. */
import { effect, signal } from "./signals.js";

const OWN_IMPORT = /^(?:import|export)\s[^;"'()=]*["'](\.{0,2}\/[^"']+)["'];/gm;

/** How often the connection has come (back): an effect that reads it tries again what failed. */
export const returns = signal(0);

/**
 * Addresses of scripts that are here, or in the cache of the browser: first of all the one that this is part of, which most others
 * import (page_modules.py).
 * @type {Set<string>}
 */
const fetched = new Set([import.meta.url]);

export class NotLoaded extends Error {
  /** @param {unknown} cause */
  constructor(cause) {
    super("It could not be loaded: the service cannot be reached.", { cause });
    this.name = "NotLoaded";
  }
}

/**
 * A function that calls `load` once and gives what it gave; after a failure it is called again. `address` is that of the script
 * which it imports. That and all that it imports is fetched before: a browser never imports again what
 * it could not import once. null: it has come with the page.
 * @template Loaded
 * @param {() => Promise<Loaded>} load
 * @param {string | null} address
 * @returns {() => Promise<Loaded>}
 */
export function lazily(load, address) {
  /** @type {Promise<Loaded> | null} */
  let loading = null;
  return () => {
    loading ??= Promise.resolve(address === null ? undefined : fetchAll(address, new Set()))
      .then(load)
      .catch((error) => {
        loading = null;
        throw error;
      });
    return loading;
  };
}

/**
 * Load what is to be there unasked; what could not be had is tried again when the connection is back.
 * @param {() => Promise<unknown>} load
 */
export function untilLoaded(load) {
  let isThere = false;
  const attempt = () => {
    const began = returns.peek();
    load().then(
      () => (isThere = true),
      () => returns.peek() === began || attempt(), // it is back already: that was asked for before
    );
  };
  effect(() => {
    returns.value;
    if (!isThere) attempt();
  });
}

/**
 * @param {string} address
 * @param {Set<string>} seen
 * @returns {Promise<void>}
 */
async function fetchAll(address, seen) {
  if (seen.has(address) || fetched.has(address)) return;
  seen.add(address);
  const text = await textAt(address);
  const paths = [...text.matchAll(OWN_IMPORT)].map(([, path]) => path);
  await Promise.all(paths.map((path) => fetchAll(new URL(path, new URL(address, location.href)).href, seen)));
  fetched.add(address);
}

/** @param {string} address */
async function textAt(address) {
  try {
    const response = await fetch(address);
    if (response.ok) return await response.text();
    throw new Error(`${address} answered ${response.status}`);
  } catch (cause) {
    throw new NotLoaded(cause);
  }
}
