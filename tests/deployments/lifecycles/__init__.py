"""The table of lifecycles: what a deployment does to the registry, and what it refuses to do."""

from lifecycles import (
    elsewhere,
    inputs,
    owners,
    registry,
    resources,
    responses,
    revival,
    settings,
    texts,
    versions,
)

LIFECYCLES = [
    *versions.LIFECYCLES,
    *registry.LIFECYCLES,
    *resources.LIFECYCLES,
    *inputs.LIFECYCLES,
    *settings.LIFECYCLES,
    *owners.LIFECYCLES,
    *revival.LIFECYCLES,
    *responses.LIFECYCLES,
    *elsewhere.LIFECYCLES,
    *texts.LIFECYCLES,
]
