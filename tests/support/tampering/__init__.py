"""Tampers with every response of every operation, in one process and fast.

- `responses`: what may come instead of a response;
- `operations`: the commands whose responses are tampered with;
- `calls`: a direct push and a read of what no stack records;
- `trial`: one command, each response tampered with in each way, and the clean run after it.
"""
