"""Splits the ids that an intervention is pushed to into requests whose URLs are short enough.

The push endpoint takes the ids in its query (`snowplow_signals.interventions_client`, 0.4.10), one UUID of 36
characters after the other, and what stands in the way of a long URL, a proxy for instance, refuses it as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from urllib.parse import urlencode

PUSH_URL_LIMIT: Final = 8_000
"""Characters of a whole URL. Any HTTP server should take this many (RFC 9110, section 4.1); nginx, by default, takes
8,192 bytes for the request line."""

MOST_KEYS: Final = 100
"""Attribute keys of one push, by the API's model `AttributeKeyIdentifiers`."""


def batches(targets: Mapping[str, Sequence[str]], room: int) -> Iterator[dict[str, list[str]]]:
    """Split targets, in their order, into as few requests as `room` characters of query allow. Nobody is in twice."""
    batch: dict[str, list[str]] = {}
    used = 0
    for key, ids in targets.items():
        for one in dict.fromkeys(ids):
            length = len(urlencode({key: one})) + 1
            is_full = used + length > room or (key not in batch and len(batch) == MOST_KEYS)
            if batch and is_full:
                yield batch
                batch, used = {}, 0
            batch.setdefault(key, []).append(one)
            used += length
    if batch:
        yield batch
