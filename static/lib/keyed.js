/**
 * Make the children of `parent` those of `items`, in order, reusing the element of a key that stays.
 * `make(item)` returns a new element; `update(element, item)` is called for every one, new or kept.
 */
export function keyed(parent, items, keyOf, make, update = () => {}) {
  const kept = new Map();
  for (const child of parent.children) kept.set(child.keyedBy, child);
  let next = parent.firstElementChild;
  for (const item of items) {
    const key = keyOf(item);
    let child = kept.get(key);
    kept.delete(key);
    if (child === undefined) {
      child = make(item);
      child.keyedBy = key;
    }
    if (child === next) next = next.nextElementSibling;
    else parent.insertBefore(child, next);
    update(child, item);
  }
  for (const child of kept.values()) child.remove();
}
