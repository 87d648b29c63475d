"""The vocabulary of fields: what a value may be, when two values are the same, and how a fault or a change reads.

Nothing here depends on any kind of object, or on criteria. `kinds` and `push` build on it.
"""
