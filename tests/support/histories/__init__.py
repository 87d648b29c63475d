"""Histories of two stacks and an outsider over one registry, and what must hold after each of them.

- `operations` lists what people do. A history is a list of operations, and prints as one.
- `engine` keeps the state of a stack and makes the calls that Pulumi makes, in its order.
- `calls` is the only module that touches the code under test.
- `registry` serves the emulator in this process and remembers who made which request.
- `judge` holds the promises. It has a model of its own and reads nothing that the provider writes, except the version
  that a resource reports.
- `history` plays operations, one after another; `player` makes up random ones; `shortening` leaves out what a history
  that breaks a promise does not need; `scenarios` are histories that once broke one.
"""
