"""Direct interventions: messages that are pushed to given ids at once.

Signals keeps nothing of a push, so this is no kind of the registry. It shares the vocabulary of fields with those, and the
client and the memory of a run.
"""
