/** What the tree of a project knows of a path. */
import { parentOf } from "../../lib/paths.js";

/** @import {Artifact} from "../../lib/types.js" */
/** @import {Levels} from "../../stores/levels.js" */
/** @import {Found} from "./artifact-viewer.js" */

/**
 * The file at a path, or else the folder, with the folders that lead there opened.
 * @param {Levels | null} levels
 * @param {string} path
 * @returns {Promise<Found>}
 */
export async function findAt(levels, path) {
  if (!levels) return {};
  const file = await levels.reveal(path);
  if (file) return { file };
  if (!levels.level(parentOf(path))?.folders.some((folder) => folder.path === path)) return {};
  await levels.unfold(path);
  return { folder: levels.level(path) };
}

/**
 * The file at a path as it is known now: null if it is gone, undefined if that is not known.
 * @param {Levels} levels
 * @param {string} path
 * @returns {Artifact | null | undefined}
 */
export function knownAt(levels, path) {
  const level = levels.level(parentOf(path));
  const isSure = level?.isKnown && !level.pending && !level.isStale && !level.cursor;
  return levels.file(path) ?? (isSure || isFolderGone(levels, parentOf(path)) ? null : undefined);
}

/**
 * True if the tree knows that a folder is not there.
 * @param {Levels} levels
 * @param {string} path
 * @returns {boolean}
 */
function isFolderGone(levels, path) {
  if (path === "") return false;
  const above = levels.level(parentOf(path));
  if (!above) return isFolderGone(levels, parentOf(path));
  if (!above.isKnown || above.pending || above.isStale || above.cursor) return false;
  return !above.folders.some((folder) => folder.path === path);
}
