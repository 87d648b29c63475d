"""A Signals API for laptops, tests and closed networks. To the official client, it looks like the real service.

How the parts fit together, from the outside in:

- `command` declares `signals-local api`, and `fire_command` a visitor that calls it. `serving` runs the app on a loopback socket in a
  thread of this process (`serve`) and returns a handle (`Emulator`), which also works for an emulator in another process.
- `app` combines the routes: `registry_routes` and `engine_routes` are the service's own paths, `console_routes` is the token
  exchange of Snowplow Console, `local_routes` adds what only a stand-in can offer (history, faults, the request log), and `live`
  has the push and stream endpoints, the rules that fire, and a web page.
- Layers come before the routes: `guard` decides whose requests to accept and how much to read, `request_log` numbers and
  records each request, and `faults` fails it on demand. `strict_json` reads bodies.
- `models` and `attribute_models` parse requests. `registry` decides what a request may change, with `references` for
  dependencies between objects. `history` records what was ever registered under each version.
- `storage` stores everything in one SQLite file. The statements are in `sql/`.
- `assumptions` lists what is not publicly known about the service, each as a switch.

Facts about the service come from its official client (`snowplow-signals` 0.4.10, whose models are generated from the service's own
description) and from Snowplow's documentation. Limits: no event logs, no agentic attributes, no datasets and no warehouse. Batch
attributes are registered, never computed. A test posts the values of attributes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from signals_local.emulator.serving import ConsoleCredentials, Emulator, serve

__all__ = ["ConsoleCredentials", "Emulator", "serve"]


def __getattr__(name: str) -> Any:
    # Imported late, so that the command line, which imports this package for its options, does not load a web framework.
    if name in __all__:
        from signals_local.emulator import serving  # noqa: PLC0415 - see above

        return getattr(serving, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
