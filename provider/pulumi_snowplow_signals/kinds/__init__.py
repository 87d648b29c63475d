"""The kinds of objects in the registry, one file for each.

A kind is a frozen pydantic model. `definition` derives everything else from it: parsing with every fault, reading what the registry
stores, wire form, canonical form, digest, respelling and differences. To add a field, add it to its kind. No other code names it.
"""
