"""A rule in one line of words, for the reviewer of a preview.

The line is made from the canonical form, so equal criteria read the same in whatever order they were written, and different
criteria never share a line. A list, a string or a line that is cut carries a digest of the whole. The `rule` output of a
resource is never cut.
"""

from __future__ import annotations

import json
from typing import Final

from pulumi_snowplow_signals.criteria.canonical import canonical_form, canonical_value
from pulumi_snowplow_signals.criteria.operators import OPERATORS
from pulumi_snowplow_signals.criteria.tree import Criterion, Node, Scalar, Value, leaves
from pulumi_snowplow_signals.fields.text import quoted
from pulumi_snowplow_signals.fields.values import canonical_json, digest_of

_LONGEST_RULE: Final = 2_000
_SHOWN_OF_A_LONGER_RULE: Final = 1_500
_LONGEST_LIST: Final = 8
_SHOWN_OF_A_LONGER_LIST: Final = 5
_LONGEST_STRING: Final = 80
_SHOWN_OF_A_LONGER_STRING: Final = 60
_DIGEST_LENGTH: Final = 8


def rule_in_words(criteria: Node, *, whole: bool = False) -> str:
    """Return a tree in one line, such as `shop:cart_value > 75 and (shop:idle >= 15 or shop:left = true)`.

    Args:
        criteria: The tree.
        whole: Whether to cut nothing, however long it is.
    """
    canonical = canonical_form(criteria).node
    said = _say(canonical, whole=whole)
    if whole or len(said) <= _LONGEST_RULE:
        return said
    in_all = f"{len(list(leaves(canonical)))} criteria in all, #{digest_of(said, _DIGEST_LENGTH)}"
    return f"{said[:_SHOWN_OF_A_LONGER_RULE]}… ({in_all})"


def criterion_in_words(criterion: Criterion, *, whole: bool = False) -> str:
    """Return one criterion in words, cut unless `whole` is set."""
    value = canonical_value(criterion)
    shown = "" if value is None else value_in_words(value, whole=whole)
    operator = OPERATORS.get(criterion.operator)
    if operator is None:  # the registry may hold an operator that this release does not know
        return f"{criterion.attribute} {criterion.operator} {shown}".rstrip()
    return operator.words(criterion.attribute, shown)


def value_in_words(value: Value, *, whole: bool = False) -> str:
    """Return a criterion's value in words: strings in quotes, lists in parentheses.

    Unless `whole` is set, a long value is cut and shown with its length and a digest.
    """
    if not isinstance(value, list):
        return "nothing" if value is None else _scalar(value, whole=whole)
    if whole or len(value) <= _LONGEST_LIST:
        return f"({', '.join([_scalar(item, whole=whole) for item in value])})"
    shown = ", ".join(map(_scalar, value[:_SHOWN_OF_A_LONGER_LIST]))
    return f"({shown}, … {len(value)} in all, #{digest_of(canonical_json(value), _DIGEST_LENGTH)})"


def _say(node: Node, within: str | None = None, *, whole: bool) -> str:
    if isinstance(node, Criterion):
        return criterion_in_words(node, whole=whole)
    if node.kind == "none":
        said = ", ".join([_say(child, whole=whole) for child in node.children])
        return f"not ({said})" if len(node.children) == 1 else f"none of ({said})"
    if not node.children:
        return f"{node.kind} of ()"
    conjunction = " and " if node.kind == "all" else " or "
    joined = conjunction.join([_say(child, node.kind, whole=whole) for child in node.children])
    # "and" binds more tightly, so only an "or" inside an "and" needs parentheses.
    return f"({joined})" if node.kind == "any" and within == "all" else joined


def _scalar(value: Scalar, *, whole: bool = False) -> str:
    if not isinstance(value, str):
        return json.dumps(value)
    if whole or len(value) <= _LONGEST_STRING:
        return quoted(value)
    shown = quoted(value[:_SHOWN_OF_A_LONGER_STRING])
    return f'{shown[:-1]}…" ({len(value)} characters, #{digest_of(value, _DIGEST_LENGTH)})'
