"""Ids of a push, split into requests of a safe length."""

import uuid
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_snowplow_signals.api.targets import MOST_KEYS, PUSH_URL_LIMIT, batches

TARGETS = st.dictionaries(
    st.text("abc_", min_size=1, max_size=8), st.lists(st.text("ab é&", min_size=1, max_size=30))
)


@given(targets=TARGETS, room=st.integers(300, 1_000))
def test_batches(targets, room):
    """Everyone is in one batch, in the order given, and no batch is longer than the room."""
    found = list(batches(targets, room))
    assert all(len(urlencode(batch, doseq=True)) <= room for batch in found)
    assert all(ids for batch in found for ids in batch.values())
    flat = [(key, one) for batch in found for key, ids in batch.items() for one in ids]
    assert flat == list(dict.fromkeys((key, one) for key, ids in targets.items() for one in ids))


def test_as_few_as_possible(connect, service):
    """A thousand UUIDs take seven requests, each near the limit and none beyond it."""
    ids = [str(uuid.UUID(int=number)) for number in range(1_000)]
    network = service(httpx.Response(200, json={"status": "success"}))
    client = connect(network)
    for batch in client.push_batches({"domain_sessionid": ids}):
        client.push_intervention(batch, {"name": "hi", "version": 1})
    lengths = [len(str(request.url)) for request in network.requests]
    assert len(lengths) == 7
    assert all(PUSH_URL_LIMIT - 100 < length <= PUSH_URL_LIMIT for length in lengths[:-1])
    assert lengths[-1] <= PUSH_URL_LIMIT


@pytest.mark.parametrize(("keys", "requests"), [(MOST_KEYS, 1), (MOST_KEYS + 1, 2)])
def test_most_keys(keys, requests):
    """No push names more attribute keys than the API takes."""
    assert len(list(batches({f"k{number}": ["id"] for number in range(keys)}, PUSH_URL_LIMIT))) == requests
