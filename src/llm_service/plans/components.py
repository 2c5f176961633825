"""`components(after)`: the strongly connected components of a graph (Tarjan, without recursion). Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence


def components(after: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Node -> the number of its component: nodes that can be reached from each other have the same one."""
    found: dict[str, int] = {}
    indexes: dict[str, int] = {}
    lows: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    for root in after:
        if root in indexes:
            continue
        walk: list[tuple[str, Iterator[str]]] = [(root, iter(after[root]))]
        _enter(root, indexes, lows, stack, on_stack)
        while walk:
            node, rest = walk[-1]
            step = next(rest, None)
            if step is not None:
                if step not in indexes:
                    _enter(step, indexes, lows, stack, on_stack)
                    walk.append((step, iter(after[step])))
                elif step in on_stack:
                    lows[node] = min(lows[node], indexes[step])
                continue
            walk.pop()
            if walk:
                above = walk[-1][0]
                lows[above] = min(lows[above], lows[node])
            if lows[node] == indexes[node]:
                number = indexes[node]
                while True:
                    member = stack.pop()
                    on_stack.discard(member)
                    found[member] = number
                    if member == node:
                        break
    return {node: found[node] for node in after}


def _enter(node: str, indexes: dict[str, int], lows: dict[str, int], stack: list[str], on_stack: set[str]) -> None:
    indexes[node] = lows[node] = len(indexes)
    stack.append(node)
    on_stack.add(node)
