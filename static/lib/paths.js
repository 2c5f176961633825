/** Paths of files in a project. "" is the project's own folder. */

/**
 * The folder that something is in.
 * @param {string} path
 */
export function parentOf(path) {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/**
 * "a/b/c" as ["a", "a/b", "a/b/c"]; "" as [].
 * @param {string} path
 * @returns {string[]}
 */
export function prefixes(path) {
  if (path === "") return [];
  return path.split("/").map((_, index, parts) => parts.slice(0, index + 1).join("/"));
}

/**
 * How many folders are around what is in a folder.
 * @param {string} path
 */
export function depthOf(path) {
  return path === "" ? 0 : path.split("/").length;
}

/**
 * True if one of the folders is below the one at `path`, at any depth.
 * @param {string} path
 * @param {Iterable<string>} folders
 */
export function isAbove(path, folders) {
  for (const each of folders) if (path === "" ? each !== "" : each.startsWith(`${path}/`)) return true;
  return false;
}
