"""The table of lifecycles: what a deployment does to the registry, and what it refuses to do."""

from lifecycles import classes, inputs, placeholders, registry, resources, settings, versions

LIFECYCLES = [
    *versions.LIFECYCLES,
    *registry.LIFECYCLES,
    *resources.LIFECYCLES,
    *classes.LIFECYCLES,
    *inputs.LIFECYCLES,
    *placeholders.LIFECYCLES,
    *settings.LIFECYCLES,
    *owners.LIFECYCLES,
    *revival.LIFECYCLES,
    *responses.LIFECYCLES,
    *elsewhere.LIFECYCLES,
    *texts.LIFECYCLES,
]
