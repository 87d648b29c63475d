"""The version rule: what a change of a numbered object becomes, decided by pure functions."""
