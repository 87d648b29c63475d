"""What people publish to Signals, sent by Snowplow's own client."""

import sys

import pytest

from signals_local.emulator import serve

if sys.version_info < (3, 11):
    pytest.skip("snowplow-signals 0.4.10 asks for Python 3.11", allow_module_level=True)

import snowplow_signals as sdk
from published_definitions import SETS
from snowplow_signals.models.model import AtomicProperty as PublishedAtomicProperty

# The client warns about calculated properties, of which it has two classes; what it sends is right.
pytestmark = pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")

KIND = {"AttributeKey": 3, "Service": 1, "RuleIntervention": 0}


@pytest.fixture(scope="module")
def running():
    with serve() as emulator:
        yield emulator


@pytest.fixture
def signals(running):
    running.reset()
    return sdk.SignalsSandbox(api_url=running.url, sandbox_token=running.token)


@pytest.mark.parametrize("definitions", SETS, ids=lambda each: each.__name__)
def test_what_people_publish_is_published_and_read_back(signals, running, definitions):
    """A whole set goes live in one call, comes back as it was sent, and is withdrawn and deleted from its users down."""
    everything = definitions()
    published = signals.publish(everything)
    assert [each.is_published for each in published] == [True] * len(everything)
    for each in everything:
        if hasattr(each, "attribute_key"):
            stored = signals.get_attribute_group(each.name, each.version)
            for field in (
                "attributes",
                "fields",
                "batch_source",
                "ttl",
                "refresh_rate",
                "backfill_since_tstamp",
                "offline",
            ):
                assert getattr(stored, field) == getattr(each, field) or dumped(stored, field) == dumped(
                    each, field
                )
    assert running.broken_promises() == []
    assert all(entry["status"] < 300 for entry in running.requests())

    for each in sorted(everything, key=lambda each: KIND.get(type(each).__name__, 2)):
        assert signals.unpublish([each])[0].is_published is False
        signals.delete([each])
    assert signals.interventions.list() == []


def dumped(definition, field):
    return definition.model_dump(mode="json", include={field})


def test_together_they_are_one_account(signals, running):
    """All sets beside each other, in one call."""
    everything = [each for definitions in SETS for each in definitions()]
    assert all(each.is_published for each in signals.publish(everything))
    assert running.broken_promises() == []


def test_the_columns_are_those_of_the_clients_model():
    """The list of atomic columns is the published one, no more and no less."""
    from typing import get_args  # noqa: PLC0415

    from signals_local.emulator.atomic import AtomicColumn  # noqa: PLC0415

    assert get_args(AtomicColumn) == get_args(PublishedAtomicProperty.model_fields["name"].annotation)
