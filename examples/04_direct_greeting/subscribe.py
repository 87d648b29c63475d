"""Receive what the visitor's page would, with Snowplow's own client, until Ctrl-C."""

import os
from contextlib import suppress

from snowplow_signals import AttributeKeyIdentifiers, SignalsSandbox
from visitor import VISITOR

signals = SignalsSandbox(
    api_url=os.environ.get("SNOWPLOW_SIGNALS_API_URL", "http://127.0.0.1:8642"),
    sandbox_token=os.environ.get("SNOWPLOW_SIGNALS_SANDBOX_TOKEN", "local"),
)
had = set()

with suppress(KeyboardInterrupt), signals.pull_interventions(AttributeKeyIdentifiers(VISITOR)) as subscription:
    while True:
        received = subscription.get()
        if received.intervention_id not in had:  # a run that was killed is repeated, and pushes under the same id
            had.add(received.intervention_id)
            print(f"{received.name} v{received.version} {received.attributes}", flush=True)
