"""How two rules differ, and how to write one in the order of the other.

Criteria have no identity of their own, so they are paired in steps. Equal criteria are the same. Of the rest, two with the same
attribute and operator are one criterion whose value changed, and two groups of one kind are one group whose children changed.

The CLI compares lists by position: inserting a criterion at the front would show every line as changed, and reordering would
show a change where there is none. So criteria that equal recorded ones keep the recorded spelling and position, and new
criteria follow.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final, TypeVar

from pulumi_snowplow_signals.criteria.canonical import Form, canonical_form, is_ordered, texts_of
from pulumi_snowplow_signals.criteria.tree import Criterion, Group, Node
from pulumi_snowplow_signals.criteria.words import rule_in_words, value_in_words
from pulumi_snowplow_signals.fields.comparison import Canonical, Pair, Place, in_recorded_order, pair_items
from pulumi_snowplow_signals.fields.values import canonical_json

T = TypeVar("T", Node, Form)


class _SameRule(Canonical):
    """Compare criteria by what they mean."""

    def form(self, value: Any) -> Any:
        return canonical_form(value).node

    def text(self, value: Any) -> str:
        return canonical_form(value).text

    def align(self, new: Any, recorded: Any) -> Any:
        return _align(new, recorded, {**texts_of(recorded), **texts_of(new)})

    def pairs(self, path: str, old: Any, new: Any) -> Iterator[Pair]:
        yield from _pair_roots(canonical_form(old, path), canonical_form(new, path))


SAME_RULE: Final = _SameRule()


def pair_siblings(
    old: Sequence[T], new: Sequence[T], text: Callable[[T], str]
) -> list[tuple[T | None, T | None]]:
    """Pair siblings before and after. An added or removed sibling is paired with None.

    The old siblings come first, in their order, followed by the added ones.

    Args:
        old: The siblings before.
        new: The siblings after.
        text: Returns the canonical text of a sibling.
    """
    partners: list[T | None] = [None] * len(old)
    left = _pair_by(text, old, new, partners)
    left = _pair_by(_subject_of, old, left, partners)
    pairs: list[tuple[T | None, T | None]] = list(zip(old, partners, strict=True))
    return pairs + [(None, node) for node in left]


def _subject_of(node: Node | Form) -> str:
    return node.subject


def _pair_by(
    key: Callable[[T], str], old: Sequence[T], left: Sequence[T], partners: list[T | None]
) -> list[T]:
    """Pair each old node that has no partner with the first remaining node of the same key. Return the nodes still left."""
    waiting: defaultdict[str, deque[T]] = defaultdict(deque)
    for node in left:
        waiting[key(node)].append(node)
    for i, node in enumerate(old):
        if partners[i] is None and waiting[key(node)]:
            partners[i] = waiting[key(node)].popleft()
    still = {id(node) for nodes in waiting.values() for node in nodes}
    return [node for node in left if id(node) in still]


def _align(new: Node, old: Node | None, texts: Mapping[Node, str]) -> Node:
    if old is None or texts[new] == texts[old]:
        return old or new
    if isinstance(new, Group) and isinstance(old, Group) and new.kind == old.kind:
        pairs = pair_siblings(old.children, new.children, texts.__getitem__)
        return Group.of(
            new.kind, [_align(after, before, texts) for before, after in pairs if after is not None]
        )
    if isinstance(new, Criterion) and isinstance(old, Criterion) and new.subject == old.subject:
        return _align_value(new, old)
    return new


def _align_value(new: Criterion, old: Criterion) -> Criterion:
    if isinstance(new.value, list) and isinstance(old.value, list) and not is_ordered(new):
        return new.model_copy(update={"value": in_recorded_order(new.value, old.value, canonical_json)})
    return new


def _pair_roots(old: Form, new: Form) -> Iterator[Pair]:
    """Pair the roots. If an `all` now encloses an old root, the root is unchanged and the other criteria were added."""
    subjects = [{*map(_subject_of, _conjuncts(root))} for root in (old, new)]
    conjoined = any(isinstance(root.node, Group) and root.node.kind == "all" for root in (old, new))
    if conjoined and subjects[0] & subjects[1]:
        yield from _pair_forms(_conjuncts(old), _conjuncts(new))
    elif old.subject == new.subject:
        yield from _pair_forms((old,), (new,))
    else:
        yield _place_of(old), _place_of(new)


def _conjuncts(form: Form) -> tuple[Form, ...]:
    return form.children if isinstance(form.node, Group) and form.node.kind == "all" else (form,)


def _pair_forms(old: Sequence[Form], new: Sequence[Form]) -> Iterator[Pair]:
    for before, after in pair_siblings(old, new, lambda form: form.text):
        if before and after and isinstance(before.node, Group):
            yield from _pair_forms(before.children, after.children)
        elif before and after:
            yield from _pair_values(before, after)
        else:
            yield _place_of(before), _place_of(after)


def _place_of(form: Form | None) -> Place | None:
    return Place(form.text, form.path, partial(rule_in_words, form.node), subject="") if form else None


def _pair_values(old: Form, new: Form) -> Iterator[Pair]:
    """Pair the values of one criterion before and after."""
    before, after = old.node, new.node
    if not isinstance(before, Criterion) or not isinstance(after, Criterion):
        return
    if isinstance(before.value, list) and isinstance(after.value, list) and not is_ordered(after):
        for one, other in pair_items(before.value, after.value, "", canonical_json, value_in_words):
            yield _below(one, old), _below(other, new)
    else:
        places = [
            Place(canonical_json(node.value), f"{form.path}.value", partial(value_in_words, node.value), form.subject)
            for form, node in ((old, before), (new, after))
        ]  # fmt: skip
        yield places[0], places[1]


def _below(place: Place | None, form: Form) -> Place | None:
    return place and replace(place, path=f"{form.path}.value", subject=form.subject)
