"""Two stand-ins for laptops, tests and closed networks.

`signals_local.emulator` is the Signals API on SQLite. `signals_local.engine` previews and deploys a Pulumi program of dynamic
resources where the `pulumi` command is not available. Neither shares any code with the service or the engine that it replaces,
with the provider, or with the other.
"""
