"""The six lifecycle calls, check, diff, create, read, update and delete, over the domain and the API.

Nothing in here knows Pulumi: what its protocol hands over is translated in `bridge`, outside.
"""
