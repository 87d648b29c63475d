"""Regular expressions that one engine reads and another refuses.

What `rlike` is matched with is not documented. An engine made for streams, such as RE2, knows neither look-around nor
back-references, and what Python's own cannot read is most likely a slip. So both are told, as a doubt and not as a fault.
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

# From left to right: what is escaped and what stands in a character class is none of the rest.
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
    """Find patterns of `rlike` and `not rlike` that Signals' engine may refuse, each with its path."""
    for path, leaf in leaves(node):
        if OPERATORS[leaf.operator].is_regex and isinstance(leaf.value, str):
            doubt = _doubt(leaf.value)
            if doubt:
                yield (
                    f"{path}.value: {value_in_words(leaf.value)} {doubt}; which regular expressions Signals reads is "
                    "not documented, so try this one before you rely on it"
                )


def _doubt(pattern: str) -> str | None:
    reason = why_unreadable(pattern)
    if reason is not None:
        return f"is not a valid regular expression: {reason}"
    used = {token.lastgroup for token in _TOKEN.finditer(pattern)} & _NAMES.keys()
    names = [name for group, name in _NAMES.items() if group in used]
    return f"uses {' and '.join(names)}, which some engines refuse" if names else None


def why_unreadable(pattern: str) -> str | None:
    """Return why Python cannot compile a regular expression; None where it can."""
    # Python warns of what a later release may read differently. That is not for a user of Signals.
    with _warnings_are_process_wide, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            re.compile(pattern)
        except re.error as why:
            return str(why)
        except (OverflowError, RecursionError):
            return "too long or too deep"
    return None
