"""The pattern of every name in Signals' registry (`snowplow_signals.models.model` in the official client 0.4.10)."""

from __future__ import annotations

import re
from typing import Final

NAME_PATTERN: Final = re.compile(r"[A-Za-z0-9_]{1,128}")
"""Use it with `fullmatch`: Python's `$` matches before a final newline, the service's does not."""

NAME_RULE: Final = "a name has 1 to 128 letters, digits and underscores"
