"""The errors of a run, as sentences for the user.

EngineError
├── Refused          the program uses a feature that only the real engine has
├── Stopped          the run is being stopped; there is nothing to report
├── StateError       the state cannot be read, written or decrypted, or is in use
└── UsageError       the options or the configuration are invalid
"""

from __future__ import annotations


class EngineError(Exception):
    """An error that is reported in one sentence, without a traceback."""


class Refused(EngineError):  # noqa: N818 -- it says what happened better than RefusedError
    """The program or the state uses a feature that this engine lacks. The text names the feature."""

    def __init__(self, feature: str) -> None:
        super().__init__(
            f"the local engine does not support {feature}; deploy with the `pulumi` command for that"
        )
        self.feature = feature


class Stopped(EngineError):  # noqa: N818 -- as above
    """No further step starts. The error that stopped the run has been reported, so this one is silent."""


class StateError(EngineError):
    """The stack's state cannot be used. Nothing in it was lost."""


class UsageError(EngineError):
    """The options, the project files or the configuration are invalid."""


def reason(fault: OSError) -> str:
    """Return the system's message for an error, without its number."""
    return fault.strerror or str(fault)
