"""The live part of the service: rules that fire, messages that reach listeners, and a page to watch it all.

- `criteria` and `judge` (pure) decide whether a rule fires on a step from one state to another. `words` puts the rule in words,
  and `reasons` explains why it fired or not.
- `book` holds the published rules, ready to be judged. `rules` stores the attribute values of each visitor, judges the rules on
  each `event`, and remembers what fired for whom. `streams` sends messages to listeners.
- `routes` defines the endpoints. `overview` and `activity` provide what the page in `page/` shows.

As in the service, attribute values and the record of what fired for whom survive a restart (`schema_1.sql` and `queries.sql`, in the
emulator's one database). Open streams and the page's list of activity do not: nothing is replayed to absent listeners.
"""

from signals_local.emulator.live.routes import router

__all__ = ["router"]
