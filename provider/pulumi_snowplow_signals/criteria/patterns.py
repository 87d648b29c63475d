"""Regular expressions that one engine accepts and another refuses.

Which engine evaluates `rlike` is not documented. Engines made for streams, such as RE2, have neither look-around nor
back-references, and a pattern that Python cannot compile is probably a mistake. Both are reported as doubts, not as faults.
"""

from __future__ import annotations

import re
import threading
import warnings
from collections.abc import Iterator
from typing import Final

from pulumi_snowplow_signals.criteria.operators import OPERATORS
from pulumi_snowplow_signals.criteria.tree import Node, leaves
from pulumi_snowplow_signals.criteria.words import value_in_words

# Tokens are read from left to right, so escaped characters and character classes are never taken for anything else.
_TOKEN: Final = re.compile(
    r"""
    (?P<look_around> \(\?<?[=!] )
    | (?P<back_reference> \\[1-9] | \\k[<{'] | \(\?P= | \(\?\( )
    | \\ .
    | \[ \^? \]? (?: \\. | [^\]\\] )* \]
    | .
    """,
    re.VERBOSE | re.DOTALL,
)
_NAMES: Final = {"look_around": "look-around", "back_reference": "a back-reference"}

_warnings_are_process_wide = threading.Lock()


def doubtful_patterns(node: Node) -> Iterator[str]:
    """Yield a sentence, which begins with a path, for each pattern of `rlike` and `not rlike` that Signals may refuse."""
    for path, leaf in leaves(node):
        if OPERATORS[leaf.operator].is_regex and isinstance(leaf.value, str):
            doubt = _find_doubt(leaf.value)
            if doubt:
                yield (
                    f"{path}.value: {value_in_words(leaf.value)} {doubt}; Signals does not document which regular "
                    "expressions it accepts, so try this one before you rely on it"
                )


def _find_doubt(pattern: str) -> str | None:
    reason = why_unreadable(pattern)
    if reason is not None:
        return f"is not a valid regular expression: {reason}"
    used = {token.lastgroup for token in _TOKEN.finditer(pattern)} & _NAMES.keys()
    names = [name for group, name in _NAMES.items() if group in used]
    return f"uses {' and '.join(names)}, which some engines refuse" if names else None


def why_unreadable(pattern: str) -> str | None:
    """Return why Python cannot compile a regular expression, or None if it can."""
    # Python warns about syntax that a later release may read differently. That does not concern a user of Signals.
    with _warnings_are_process_wide, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            re.compile(pattern)
        except re.error as why:
            return str(why)
        except (OverflowError, RecursionError):
            return "too long or too deep"
    return None
