"""Receive what the visitor's page would, with Snowplow's own client, until Ctrl-C."""

import os
import sys
from contextlib import suppress

from visitor import VISITOR

try:
    from snowplow_signals import AttributeKeyIdentifiers, SignalsSandbox
except ModuleNotFoundError:
    sys.exit(
        "Snowplow's own client is not installed; it needs Python 3.11 or later. `make subscribe` installs it."
    )

signals = SignalsSandbox(
    api_url=os.environ.get("SNOWPLOW_SIGNALS_API_URL", "http://127.0.0.1:8642"),
    sandbox_token=os.environ.get("SNOWPLOW_SIGNALS_SANDBOX_TOKEN", "local"),
)
visitor = AttributeKeyIdentifiers(VISITOR)
had = set()

with suppress(KeyboardInterrupt), signals.pull_interventions(visitor) as subscription:
    while True:
        received = subscription.get()
        # If a run is killed after its push, the next run pushes again with the same id.
        if received.intervention_id not in had:
            had.add(received.intervention_id)
            print(f"{received.name} v{received.version} {received.attributes}", flush=True)  # noqa: T201  # its purpose
