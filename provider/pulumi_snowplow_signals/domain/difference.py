"""What differs between two definitions, for a person to read.

Whether they differ is decided by their digests. Only then is deepdiff imported (it takes longer to import than all the
rest of this package) and let loose on the canonical forms. They are laid out under keys that both share, so that it
compares what a person would compare: criteria by attribute and operator, listed values by value.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, Literal

from pulumi_snowplow_signals.domain.canonical import (
    UNORDERED_LISTS,
    canonical_criteria,
    canonical_json,
    texts_of,
)
from pulumi_snowplow_signals.domain.criteria import Criterion, Group, Node, Scalar
from pulumi_snowplow_signals.domain.definition import Definition
from pulumi_snowplow_signals.domain.pairing import pairs_of, subject_of
from pulumi_snowplow_signals.domain.words import quoted, quoted_beside, rule_in_words, value_in_words

_MOST_TOLD: Final = 10
_FIELDS: Final = (
    "name",
    "owner",
    "description",
    "criteria",
    "target_attribute_keys",
    "payload_attribute_groups",
)


@dataclass(frozen=True)
class Change:
    """One difference: `path` in the user's own terms, and the words for what stood there and what stands there now.

    `subject` is the attribute and operator of the criterion whose value is concerned, if it is a value.
    """

    path: str
    kind: Literal["changed", "added", "removed"]
    prior: str = ""
    proposed: str = ""
    subject: str = ""

    def __str__(self) -> str:
        """Say it in a sentence's part, such as `criteria.all[0].value changed (75 → 80)`."""
        if self.kind == "changed":
            return f"{self.path} changed ({self.prior} → {self.proposed})"
        return f"{self.path}: {self.prior or self.proposed} {self.kind}"

    @property
    def field(self) -> str:
        """The input that it is in."""
        return self.path.partition(".")[0]

    @property
    def brief(self) -> str:
        """Say it as shortly as a line of a preview allows, such as `shop:cart_value > 75 → > 80`."""
        if self.kind == "changed":
            if self.subject:
                operator = self.subject.partition(" ")[2]
                return f"{self.subject} {self.prior} → {operator} {self.proposed}"
            return f"{self.path} {self.prior} → {self.proposed}"
        about = self.subject if self.field == "criteria" else self.path
        return f"{f'{about}: ' if about else ''}{self.prior or self.proposed} {self.kind}"


def changes_between(
    prior: Definition, proposed: Definition, *, secret: Collection[str] = ()
) -> tuple[Change, ...]:
    """Give the changes that lead from `prior` to `proposed`, in the order of the fields.

    Of the inputs named in `secret` only the name is told.
    """
    if prior.equals(proposed):
        return ()
    from deepdiff import DeepDiff  # noqa: PLC0415  # 0.4 s, needed only once there is a difference to describe

    pairs = list(_laid_out(prior, proposed))
    # By default it says no more than "different" of mappings that share few keys.
    tree = DeepDiff(
        {str(key): old.compared for key, (old, _) in enumerate(pairs) if old},
        {str(key): new.compared for key, (_, new) in enumerate(pairs) if new},
        view="tree",
        threshold_to_diff_deeper=0,
    )
    keys = [int(level.path(output_format="list")[0]) for levels in tree.values() for level in levels]
    found = [change for key in keys for change in _told(*pairs[key])]
    found = [_withheld(change) if change.field in secret else change for change in found]
    return tuple(sorted(dict.fromkeys(found), key=_reading_order))


def in_full(changes: Sequence[Change]) -> str:
    """Say changes in one part of a sentence, cut where nobody would read on."""
    return _joined([str(change) for change in changes])


def in_brief(changes: Sequence[Change]) -> str:
    """Say changes as shortly as a line of a preview allows."""
    return _joined([change.brief for change in changes])


@dataclass(frozen=True)
class _Place:
    """A place in a definition: what is compared there, its path, and how to say what it holds."""

    compared: str
    path: str
    say: Callable[[], str]
    subject: str = ""


_Pair = tuple[_Place | None, _Place | None]
"""A place before and after. What was removed or added stands on one side alone."""


def _told(old: _Place | None, new: _Place | None) -> Iterator[Change]:
    if old and new:
        yield Change(new.path, "changed", old.say(), new.say(), new.subject)
    elif old:
        yield Change(old.path, "removed", prior=old.say(), subject=old.subject)
    elif new:
        yield Change(new.path, "added", proposed=new.say(), subject=new.subject)


def _laid_out(prior: Definition, proposed: Definition) -> Iterator[_Pair]:
    """Lay two definitions out side by side, in canonical form."""
    old, new = prior.canonical, proposed.canonical
    for name in ("name", "owner", "description"):
        said = quoted_beside(old.get(name, ""), new.get(name, ""))
        yield _text_place(name, old, said[0]), _text_place(name, new, said[1])
    yield from _roots(canonical_criteria(prior.criteria), canonical_criteria(proposed.criteria))
    for name, title in (("target_attribute_keys", _key_title), ("payload_attribute_groups", _group_title)):
        yield from _listed([*map(title, old.get(name, ()))], [*map(title, new.get(name, ()))], name, str)


def _text_place(name: str, fields: Mapping[str, Any], said: str) -> _Place | None:
    # As JSON, on one line: of texts of several lines deepdiff works out the difference line by line, for minutes.
    return _Place(canonical_json(fields[name]), name, lambda: said) if name in fields else None


def _roots(old: Node, new: Node) -> Iterator[_Pair]:
    """Pair the roots. A criterion that an `all` now surrounds was left alone: the others were added to it."""
    texts = {**texts_of(old), **texts_of(new)}
    subjects = [{*map(subject_of, _conjuncts(root))} for root in (old, new)]
    conjoined = any(isinstance(root, Group) and root.kind == "all" for root in (old, new))
    if conjoined and subjects[0] & subjects[1]:
        yield from _siblings(_conjuncts(old), _conjuncts(new), texts)
    elif subject_of(old) == subject_of(new):
        yield from _siblings((old,), (new,), texts)
    else:
        yield _node_place(old, texts), _node_place(new, texts)


def _conjuncts(node: Node) -> tuple[Node, ...]:
    return node.children if isinstance(node, Group) and node.kind == "all" else (node,)


def _siblings(old: Sequence[Node], new: Sequence[Node], texts: Mapping[Node, str]) -> Iterator[_Pair]:
    for before, after in pairs_of(old, new, texts):
        if isinstance(before, Group) and isinstance(after, Group):
            yield from _siblings(before.children, after.children, texts)
        elif isinstance(before, Criterion) and isinstance(after, Criterion):
            yield from _values(before, after)
        else:
            yield _node_place(before, texts), _node_place(after, texts)


def _node_place(node: Node | None, texts: Mapping[Node, str]) -> _Place | None:
    return _Place(texts[node], node.origin, partial(rule_in_words, node)) if node else None


def _values(old: Criterion, new: Criterion) -> Iterator[_Pair]:
    """Lay out the values of one criterion before and after."""
    if isinstance(old.value, tuple) and isinstance(new.value, tuple) and new.operator in UNORDERED_LISTS:
        for before, after in _listed(old.value, new.value, "", value_in_words):
            yield _below(before, old), _below(after, new)
    else:
        places = [
            _Place(
                canonical_json(of.value),
                f"{of.origin}.value",
                partial(value_in_words, of.value),
                subject_of(of),
            )
            for of in (old, new)
        ]
        yield places[0], places[1]


def _below(place: _Place | None, criterion: Criterion) -> _Place | None:
    return place and replace(place, path=f"{criterion.origin}.value", subject=subject_of(criterion))


def _listed(
    old: Sequence[Scalar], new: Sequence[Scalar], path: str, say: Callable[[Scalar], str]
) -> Iterator[_Pair]:
    """Lay out lists in which each item is there or is not, and may be there several times."""
    sides: list[dict[tuple[str, int], _Place]] = []
    for items in (old, new):
        times: Counter[str] = Counter()
        places: dict[tuple[str, int], _Place] = {}
        for item in items:
            compared = canonical_json(item)
            places[compared, times[compared]] = _Place(compared, path, partial(say, item))
            times[compared] += 1
        sides.append(places)
    for key in dict.fromkeys([*sides[0], *sides[1]]):
        yield sides[0].get(key), sides[1].get(key)


def _withheld(change: Change) -> Change:
    return Change(change.field, "changed", "a secret", "another")


def _joined(parts: Sequence[str]) -> str:
    rest = len(parts) - _MOST_TOLD
    return "; ".join(parts[:_MOST_TOLD]) + (f"; and {rest} more" if rest > 0 else "")


def _key_title(key: Mapping[str, Any]) -> str:
    return quoted(key["name"])


def _group_title(group: Mapping[str, Any]) -> str:
    return f"{quoted(group['name'])} version {group['version']}"


def _reading_order(change: Change) -> tuple[int, list[tuple[int, str]], bool]:
    """Fields in the order of a program, then by path: what is removed before what is added in its place."""
    steps = [(int(step), "") if step.isdigit() else (-1, step) for step in re.split(r"(\d+)", change.path)]
    return (_FIELDS.index(change.field), steps, change.kind == "added")
