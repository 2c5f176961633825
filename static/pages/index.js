/**
 * The pages of the dashboard, in the order of the navigation. A page is an element with `data-place="<name>"`, shown while
 * the address is `#/<name>`; `key` leads to it. To add one, add an entry here and the element to index.html.
 */
export const PLACES = [
  { name: "board", label: "Board", key: "b" },
  { name: "costs", label: "Costs", key: "c" },
  { name: "artifacts", label: "Artifacts", key: "f" },
];

/** The entry of a page; undefined if there is none of that name. */
export function placeNamed(name) {
  return PLACES.find((place) => place.name === name);
}
