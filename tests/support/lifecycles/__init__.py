"""The table of lifecycles: what a deployment does to the registry, and what it refuses to do."""

from lifecycles import (
    anything,
    classes,
    elsewhere,
    gate,
    habits,
    inputs,
    owners,
    placeholders,
    registry,
    resources,
    responses,
    revival,
    settings,
    texts,
    versions,
)

LIFECYCLES = [
    *anything.LIFECYCLES,
    *versions.LIFECYCLES,
    *registry.LIFECYCLES,
    *resources.LIFECYCLES,
    *classes.LIFECYCLES,
    *gate.LIFECYCLES,
    *habits.LIFECYCLES,
    *inputs.LIFECYCLES,
    *placeholders.LIFECYCLES,
    *settings.LIFECYCLES,
    *owners.LIFECYCLES,
    *revival.LIFECYCLES,
    *responses.LIFECYCLES,
    *elsewhere.LIFECYCLES,
    *texts.LIFECYCLES,
]
