"""What the registry holds, one file for each kind.

A kind is a frozen pydantic model. `definition` derives from it all that the rest of this package does with any kind: parsing
with every fault, reading what the registry stores, wire form, canonical form, digest, respelling and differences. To add a
field, add it to its kind; nothing here or elsewhere names it.
"""
