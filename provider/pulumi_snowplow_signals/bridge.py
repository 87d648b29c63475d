"""Translates between Pulumi's protocol and the lifecycle: values, unknowns and errors. Keeps the memory of a run.

Everything that a provider process shares is here, in module globals behind a lock: Pulumi makes a provider object for each
class and handles calls on four threads (`pulumi/dynamic/__main__.py`).
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from pulumi.dynamic import CheckFailure, CheckResult, CreateResult, DiffResult, ReadResult, UpdateResult
from pulumi.output import Unknown as PulumiUnknown
from pulumi.runtime import rpc

from pulumi_snowplow_signals.api.settings import SignalsSettings, resolve
from pulumi_snowplow_signals.engine_log import say
from pulumi_snowplow_signals.errors import ConfigurationError, SignalsError
from pulumi_snowplow_signals.fields.unknown import UNKNOWN, Unknown
from pulumi_snowplow_signals.fields.values import LARGEST_EXACT_INTEGER
from pulumi_snowplow_signals.lifecycle.check import Checked
from pulumi_snowplow_signals.lifecycle.lifecycle import (
    ATTRIBUTE_KEYS,
    BATCH_GROUPS,
    EXTERNAL_GROUPS,
    INTERVENTIONS,
    SERVICES,
    STREAM_GROUPS,
    Difference,
)
from pulumi_snowplow_signals.lifecycle.live_version import LiveVersions
from pulumi_snowplow_signals.lifecycle.run import Run
from pulumi_snowplow_signals.loading import uncollected
from pulumi_snowplow_signals.push.lifecycle import DIRECT_INTERVENTIONS

if TYPE_CHECKING:
    from pulumi_snowplow_signals.api.client import SignalsClient

DEBUG_VARIABLE: Final = "SNOWPLOW_SIGNALS_DEBUG"

_PROVIDER_KEY: Final = "__provider"
_EVERY_FRAME: Final = 1000


class _Process:
    """The state of the provider process."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.config: Callable[[str], Any] = lambda _: None
        self.runs: dict[SignalsSettings, Run] = {}


_process = _Process()


def current_run() -> Run:
    """Return the run of the current settings. Raise ConfigurationError with every fault of the settings."""
    with _process.lock:
        settings = resolve(lambda key: _to_string(_process.config(f"signals:{key}")), os.environ)
        if settings not in _process.runs:
            _process.runs[settings] = Run(settings, lambda: _connect(settings), say)
        return _process.runs[settings]


def _connect(settings: SignalsSettings) -> SignalsClient:
    # The HTTP client takes longer to import than everything else, and a run without changes does not need it.
    with uncollected():
        from pulumi_snowplow_signals.api.client import SignalsClient  # noqa: PLC0415

    return SignalsClient(settings)


class Calls(Protocol):
    """The lifecycle of one kind of resource, in typed values and plain mappings."""

    @property
    def outputs_only(self) -> frozenset[str]:
        """The outputs that are not inputs."""
        ...

    def check(self, run: Run, prior_inputs: Mapping[str, Any], inputs: Mapping[str, Any], /) -> Checked: ...

    def diff(self, prior: Mapping[str, Any], proposed: Mapping[str, Any], /) -> Difference: ...

    def create(self, run: Run, inputs: Mapping[str, Any], /) -> tuple[str, dict[str, Any]]: ...

    def read(self, run: Run, name: str, recorded: Mapping[str, Any], /) -> dict[str, Any]: ...

    def update(
        self, run: Run, prior: Mapping[str, Any], proposed: Mapping[str, Any], /
    ) -> dict[str, Any]: ...

    def delete(self, run: Run, name: str, recorded: Mapping[str, Any], /) -> None: ...


@dataclass(frozen=True)
class Bridge:
    """The calls for one kind of resource, as Pulumi makes them."""

    calls: Calls

    def configure(self, config: Callable[[str], Any]) -> None:
        """Keep the stack's config. It is read by the first call that needs it, so that call reports its faults."""
        with _process.lock:
            _process.config = config

    def check(self, olds: Mapping[str, Any], news: Mapping[str, Any]) -> CheckResult:
        """Answer Pulumi's check. Failures name no property, since the CLI would print it as a Go map."""
        inputs = _from_pulumi(news)
        try:
            checked = self.calls.check(current_run(), _from_pulumi(olds), inputs)
        except ConfigurationError as error:
            return CheckResult(_to_pulumi(inputs), [CheckFailure("", fault) for fault in error.faults])
        except SignalsError as error:
            return CheckResult(_to_pulumi(inputs), [CheckFailure("", str(error))])
        failures = [CheckFailure("", fault) for fault in checked.faults]
        return CheckResult(_to_pulumi(checked.inputs), failures)

    def diff(self, olds: Mapping[str, Any], news: Mapping[str, Any]) -> DiffResult:
        """Answer Pulumi's diff without sending a request."""
        with _hide_tracebacks():
            difference = self.calls.diff(_from_pulumi(olds), _from_pulumi(news))
        return DiffResult(changes=difference.changes, replaces=list(difference.replaces))

    def create(self, inputs: Mapping[str, Any]) -> CreateResult:
        """Answer Pulumi's create."""
        with _hide_tracebacks():
            id_, outputs = self.calls.create(current_run(), _from_pulumi(inputs))
        return CreateResult(id_, _to_pulumi(outputs))

    def read(self, id_: str, outputs: Mapping[str, Any]) -> ReadResult:
        """Answer Pulumi's read. Never drop a resource: the engine treats an empty result as success."""
        with _hide_tracebacks():
            found = self.calls.read(current_run(), id_, _from_pulumi(outputs))
        inputs = {name: value for name, value in found.items() if name not in self.calls.outputs_only}
        # Two mappings: Pulumi adds a key of its own to each.
        return ReadResult(id_, _to_pulumi(found), _to_pulumi(inputs))

    def update(self, olds: Mapping[str, Any], news: Mapping[str, Any]) -> UpdateResult:
        """Answer Pulumi's update with all outputs, since any that are left out would be lost."""
        with _hide_tracebacks():
            outputs = self.calls.update(current_run(), _from_pulumi(olds), _from_pulumi(news))
        return UpdateResult(_to_pulumi(outputs))

    def delete(self, id_: str, outputs: Mapping[str, Any]) -> None:
        """Answer Pulumi's delete."""
        with _hide_tracebacks():
            self.calls.delete(current_run(), id_, _from_pulumi(outputs))


RULE: Final = Bridge(INTERVENTIONS)
ATTRIBUTE_KEY: Final = Bridge(ATTRIBUTE_KEYS)
SERVICE: Final = Bridge(SERVICES)
STREAM_GROUP: Final = Bridge(STREAM_GROUPS)
BATCH_GROUP: Final = Bridge(BATCH_GROUPS)
EXTERNAL_GROUP: Final = Bridge(EXTERNAL_GROUPS)
LIVE_VERSION: Final = Bridge(LiveVersions())
DIRECT: Final = Bridge(DIRECT_INTERVENTIONS)


class _Limit:
    """The number of frames that a traceback shows: none for an explained error, all for any other.

    Pulumi shows everything that a provider raises with a full traceback (`pulumi/dynamic/__main__.py`), and only
    `sys.tracebacklimit` shortens it, for the whole process. Python reads the limit when it writes a traceback, on the thread
    that handles the error. So this limit depends on that error, and a bug raised on another thread keeps its frames.
    """

    def __index__(self) -> int:
        return 0 if isinstance(sys.exc_info()[1], _ShownError) else _EVERY_FRAME

    def __lt__(self, other: int) -> bool:
        return self.__index__() < other

    def __ge__(self, other: int) -> bool:
        return self.__index__() >= other


class _ShownError(SignalsError):
    """An explained error as Pulumi shows it, `SignalsError: ...`.

    Python writes the module before the name of every exception, except those of `builtins`.
    """

    __module__ = "builtins"
    __qualname__ = "SignalsError"


@contextmanager
def _hide_tracebacks() -> Iterator[None]:
    """Reduce an explained error to its text. A bug of ours keeps its traceback."""
    try:
        yield
    except SignalsError as error:
        if os.environ.get(DEBUG_VARIABLE):
            raise
        sys.tracebacklimit = cast("int", _Limit())
        raise _ShownError(str(error)) from None


def _from_pulumi(value: Any) -> Any:
    """Return a value from Pulumi with our unknowns in place of Pulumi's, and without the reference to this provider.

    Pulumi's protocol turns every number into a float. Whole numbers become ints again, so that messages show them as the
    program wrote them; beyond 2^53 a float no longer identifies the int.
    """
    if isinstance(value, PulumiUnknown):
        return UNKNOWN
    if isinstance(value, float) and value.is_integer() and abs(value) <= LARGEST_EXACT_INTEGER:
        return int(value)
    if isinstance(value, Mapping):
        return {str(key): _from_pulumi(item) for key, item in value.items() if key != _PROVIDER_KEY}
    if isinstance(value, (list, tuple)):
        return [_from_pulumi(item) for item in value]
    return value


def _to_pulumi(value: Any) -> Any:
    if isinstance(value, Unknown):
        return rpc.UNKNOWN
    if isinstance(value, Mapping):
        return {key: _to_pulumi(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_to_pulumi(item) for item in value]
    return value


def _to_string(value: Any) -> str | None:
    """Return a config value as a string. Booleans and numbers in a stack's file usually arrive as strings too."""
    return None if value is None else str(value)
