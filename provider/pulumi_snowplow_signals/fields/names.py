"""The pattern that every name in Signals' registry has (`snowplow_signals.models.model` in the official client 0.4.10)."""

from __future__ import annotations

import re
from typing import Final

NAME_PATTERN: Final = re.compile(r"[A-Za-z0-9_]{1,128}")
"""To be used with `fullmatch`: the service's `$` never matches before a final newline, and Python's does."""

NAME_RULE: Final = "a name has 1 to 128 letters, digits and underscores"
