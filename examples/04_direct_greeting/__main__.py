"""Greet a visitor by id, at once."""

import pulumi
from visitor import VISITOR

from pulumi_snowplow_signals import DirectIntervention

greeting = DirectIntervention(
    name="greeting",
    version=1,
    attributes={"title": "Good to see you"},
    targets=VISITOR,
)

pulumi.export("status", greeting.status)
pulumi.export("intervention id", greeting.intervention_id)
