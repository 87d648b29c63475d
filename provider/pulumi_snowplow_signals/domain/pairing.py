"""Which node of a tree is which node of the next one, as a person would see it.

A criterion has no identity of its own. Equal ones are the same; of the rest, those with the same attribute and operator
are one criterion whose value changed, and groups of one kind are one group whose children changed.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence

from pulumi_snowplow_signals.domain.criteria import Criterion, Node


def subject_of(node: Node) -> str:
    """Say what a node is about: its attribute and operator, or the kind of group that it is."""
    return f"{node.attribute} {node.operator}" if isinstance(node, Criterion) else node.kind


def pairs_of(
    old: Sequence[Node], new: Sequence[Node], texts: Mapping[Node, str]
) -> list[tuple[Node | None, Node | None]]:
    """Pair siblings before and after; None stands for the partner of what was removed or added.

    The order is that of the old ones, followed by those that were added.

    Args:
        old: The siblings before.
        new: The siblings after.
        texts: The canonical text of each of them.
    """
    partners: list[Node | None] = [None] * len(old)
    left = list(new)
    for alike in (texts.__getitem__, subject_of):
        left = _paired_by(alike, old, left, partners)
    return [*zip(old, partners, strict=True), *((None, node) for node in left)]


def _paired_by(
    alike: Callable[[Node], str], old: Sequence[Node], left: Sequence[Node], partners: list[Node | None]
) -> list[Node]:
    """Give each old node that has no partner the first one left that is alike; give what is left then."""
    waiting: defaultdict[str, deque[Node]] = defaultdict(deque)
    for node in left:
        waiting[alike(node)].append(node)
    for i, node in enumerate(old):
        if partners[i] is None and waiting[alike(node)]:
            partners[i] = waiting[alike(node)].popleft()
    still = {node for nodes in waiting.values() for node in nodes}
    return [node for node in left if node in still]
