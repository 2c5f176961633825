/** Which page is to be seen: every element with `data-place` belongs to one. */
import { fileName } from "../lib/format.js";
import { placeNamed } from "../pages/index.js";

/** Show the page of a route and its entry in the navigation; the others are hidden. */
export function showPage(route, { nav }) {
  for (const part of document.querySelectorAll("[data-place]")) part.hidden = part.dataset.place !== route.place;
  nav.route = route;
}

/** The title of the window: the board goes without saying. */
export function titleOf({ place, rest, query }, workspace) {
  const parts = place === "board" ? [] : [query.path ? fileName(query.path) : null, rest, placeNamed(place).label];
  return [...parts, workspace, "llm-service"].filter(Boolean).join(" · ");
}
