"""Splits the ids that an intervention is pushed to into requests whose URLs are short enough.

The push endpoint takes the ids in its query (`snowplow_signals.interventions_client`, 0.4.10), each a UUID of 36 characters.
A server or proxy that does not accept a long URL refuses the whole request.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from urllib.parse import urlencode

PUSH_URL_LIMIT: Final = 8_000
"""The most characters of a URL. Any HTTP server should accept this many (RFC 9110, section 4.1); nginx, by default, accepts
8,192 bytes for the request line."""

MOST_KEYS: Final = 100
"""The most attribute keys of one push (the API's model `AttributeKeyIdentifiers`)."""


def batches(targets: Mapping[str, Sequence[str]], room: int) -> Iterator[dict[str, list[str]]]:
    """Split targets, in their order, into as few requests as `room` characters of query allow, without duplicates."""
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
