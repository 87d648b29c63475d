"""Cuts every operation at every request in every way, in one process and fast.

- `world`: a registry in this process, and the wire to it, which can be cut;
- `ways`: how a request can fail;
- `operations`: what is cut: a stack as it is, the change that fails, and what may come after it.
"""
