"""The part of the service that acts: rules that fire, messages that reach whoever listens, and a page to watch it on.

- `criteria` and `judge` (pure) say whether a rule fires on a step from one state to another, `words` puts the rule in words,
  and `reasons` why it fired or did not.
- `book` has the published rules ready to be judged; `rules` keeps the attribute values of each visitor, judges the rules
  on each `event`, and remembers what fired for whom; `streams` hands a message to who is listening.
- `routes` are the endpoints; `overview` and `activity` are what the page in `page/` shows.

What survives a restart, since the service keeps it too: attribute values, and what has fired for whom (`schema_1.sql`,
`queries.sql`, carried out by the emulator's one database). Open streams and the page's list of activity do not: as with
the service, nothing is replayed to who was not there.
"""

from signals_local.emulator.live.routes import router

__all__ = ["router"]
