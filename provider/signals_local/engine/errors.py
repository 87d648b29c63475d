"""What can go wrong in a run, as sentences for whoever started it.

EngineError
├── Refused          the program asks for something that only the real engine does
├── Stopped          the run is being stopped; there is nothing to tell
├── StateError       the state cannot be read, written, decrypted, or is in use
└── UsageError       options or configuration that cannot be followed
"""

from __future__ import annotations


class EngineError(Exception):
    """A fault that is told in one sentence, without a traceback."""


class Refused(EngineError):  # noqa: N818 -- it says what happened better than RefusedError
    """The program or the state asks for a feature this engine does not have; the text names the feature."""

    def __init__(self, feature: str) -> None:
        super().__init__(
            f"the local engine does not support {feature}; deploy with the `pulumi` command for that"
        )
        self.feature = feature


class Stopped(EngineError):  # noqa: N818 -- as above
    """Nothing is begun any more. Whoever stopped the run tells of it, so that this one says nothing."""


class StateError(EngineError):
    """The stack's state cannot be used; nothing of it was lost."""


class UsageError(EngineError):
    """Options, project files or configuration that cannot be followed."""


def reason(fault: OSError) -> str:
    """Return what the system says of a fault, without the number."""
    return fault.strerror or str(fault)
