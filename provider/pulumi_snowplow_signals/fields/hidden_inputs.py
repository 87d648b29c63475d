"""The hidden inputs, by which a program tells a provider what Pulumi does not. The CLI hides names that begin with two underscores."""

from __future__ import annotations

from typing import Final

HISTORY: Final = "__signals"
"""Holds what the provider remembers."""

SECRET: Final = "__secret"  # noqa: S105  # the name of an input
"""Names the inputs that hold secrets, since Pulumi unwraps them before the provider sees them."""

URN: Final = "__urn"
"""Holds the URN of the resource, since Pulumi's calls to a provider carry none."""

RETAIN: Final = "__retain"
"""Tells each check of an attribute group that `retain_on_delete` is set, so that its older versions stay. It is not recorded."""

NAMES: Final = "__names"
"""Lists, in the first resource of a kind to be registered, the names of all, so that the provider can look for several at once. It is
not recorded."""

HIDDEN: Final = frozenset({HISTORY, SECRET, URN, RETAIN, NAMES, "__provider", "__defaults"})
"""The inputs that a program does not declare: ours, and those that Pulumi adds."""
