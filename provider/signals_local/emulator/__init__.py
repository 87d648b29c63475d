"""A Signals API for laptops, tests and closed networks, which the official client cannot tell from its own.

How the parts fit, from the outside in:

- `command` declares `signals-local api`, `fire_command` the visitor who calls it; `serving` runs the app on a loopback socket in a thread of this process
  (`serve`) and gives a handle to it (`Emulator`), which works as well for an emulator in another process.
- `app` puts the routes together: `registry_routes` and `engine_routes` are the service's own paths, `console_routes` the
  token exchange of Snowplow Console, `local_routes` what only a stand-in can offer (history, faults, the request log),
  and `live` the push and stream endpoints, the rules that fire, and the page for a person.
- Layers stand before the routes: `guard` says whom the emulator answers and how much it reads, `request_log` numbers and
  remembers each request, `faults` fails it on demand. Bodies are read by `strict_json`.
- `models` and `attribute_models` parse what arrives; `registry` decides what a request may do to what is stored,
  with `references` for what one object needs of another; `history` remembers what was ever registered under a number.
- `storage` keeps it all in one SQLite file. The statements are in `sql/`.
- `assumptions` lists what nobody outside Snowplow knows about the service, each as a switch.

What is known of the service comes from its official client (`snowplow-signals` 0.4.10, whose models are generated from
the service's own description) and from Snowplow's documentation. Limits: no event logs, no agentic attributes, no
datasets, no warehouse: batch attributes are registered, never computed. Attribute values are what a test posts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from signals_local.emulator.serving import ConsoleCredentials, Emulator, serve

__all__ = ["ConsoleCredentials", "Emulator", "serve"]


def __getattr__(name: str) -> Any:
    # Late, so that the command line (which imports this package for its options) does not pay for a web framework.
    if name in __all__:
        from signals_local.emulator import serving  # noqa: PLC0415 - see above

        return getattr(serving, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
