"""The vocabulary of fields: what a value may be, when two of them are the same, and how a fault or a change reads.

Nothing here knows a kind of object, and nothing here knows criteria. `kinds` and `push` are written in these words.
"""
