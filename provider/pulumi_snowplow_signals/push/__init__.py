"""Direct interventions: messages that are pushed to given ids at once.

Signals does not store a push, so this is not a kind of the registry. It shares the fields, the client and the memory of a run
with the kinds.
"""
