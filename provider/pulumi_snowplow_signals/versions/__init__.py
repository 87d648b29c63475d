"""The version rule: pure functions that decide what a change becomes."""
