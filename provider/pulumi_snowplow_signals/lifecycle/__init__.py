"""The six lifecycle calls, check, diff, create, read, update and delete, on top of the domain and the API.

Nothing in here knows Pulumi: `bridge` translates its protocol.
"""
