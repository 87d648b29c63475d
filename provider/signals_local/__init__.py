"""Two stand-ins for laptops, tests and closed networks.

`signals_local.emulator` is the Signals API on SQLite; `signals_local.engine` previews and deploys a Pulumi program of
dynamic resources where no `pulumi` command can be had. Neither shares a line with what it stands in for, with the
provider, or with the other.
"""
