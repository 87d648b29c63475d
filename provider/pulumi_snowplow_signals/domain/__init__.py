"""What an intervention is and what may happen to it: pure functions over frozen values.

Nothing in here knows a network, a clock, an environment variable or Pulumi.
"""
