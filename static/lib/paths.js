/** Paths of files in a project. "" is the project's own folder. */

/** The folder in which something lies. */
export function parentOf(path) {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** "a/b/c" as ["a", "a/b", "a/b/c"]; "" as []. */
export function prefixes(path) {
  if (path === "") return [];
  return path.split("/").map((_, index, parts) => parts.slice(0, index + 1).join("/"));
}

/** How many folders lie around what is in a folder. */
export function depthOf(path) {
  return path === "" ? 0 : path.split("/").length;
}

/** True if one of the folders lies below the one at `path`, at any depth. */
export function isAbove(path, folders) {
  for (const each of folders) if (path === "" ? each !== "" : each.startsWith(`${path}/`)) return true;
  return false;
}
