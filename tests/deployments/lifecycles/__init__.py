"""The table of lifecycles: what a deployment does to the registry, and what it refuses to do."""

from lifecycles import inputs, registry, resources, settings, versions

LIFECYCLES = [
    *versions.LIFECYCLES,
    *registry.LIFECYCLES,
    *resources.LIFECYCLES,
    *inputs.LIFECYCLES,
    *settings.LIFECYCLES,
]
