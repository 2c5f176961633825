/**
 * Make the children of `parent` those of `items`, in order, reusing the element of a key that stays.
 * `make(item)` returns a new element; `update(element, item)` is called for every one, new or kept.
 */
export function keyed(parent, items, keyOf, make, update = () => {}) {
  const wanted = new Set(items.map(keyOf));
  const kept = new Map();
  // What goes goes first: else what stays would be moved in front of it, and moving an element takes the focus from it.
  for (const child of [...parent.children]) {
    if (wanted.has(child.keyedBy) && !kept.has(child.keyedBy)) kept.set(child.keyedBy, child);
    else child.remove();
  }
  let next = parent.firstElementChild;
  for (const item of items) {
    const key = keyOf(item);
    let child = kept.get(key);
    if (child === undefined) {
      child = make(item);
      child.keyedBy = key;
    }
    if (child === next) next = next.nextElementSibling;
    else parent.insertBefore(child, next);
    update(child, item);
  }
}
