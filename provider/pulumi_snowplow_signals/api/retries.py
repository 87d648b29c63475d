"""How often, for how long and after which failures a request is retried."""

from __future__ import annotations

import dataclasses
import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar, cast

from tenacity import RetryCallState, Retrying, retry_if_result, wait_exponential, wait_random

from pulumi_snowplow_signals.errors import ApiError, Unavailable

_backoff = wait_exponential(multiplier=0.5, max=8.0) + wait_random(0, 0.5)


T = TypeVar("T")


@dataclass(frozen=True)
class Outcome(Generic[T]):
    """How one attempt ended: with a value, or with an error."""

    value: T | None = None
    error: ApiError | None = None
    patience: float = 0.0
    """For how many seconds after the first attempt such an error is worth a retry."""


@dataclass(frozen=True)
class Retries:
    """Retries what may be retried, with growing and jittered pauses, within a total time."""

    total_seconds: float
    clock: Callable[[], float]
    """Seconds on a clock that never goes back."""
    sleep: Callable[[float], None]

    def run(self, attempt: Callable[[float], Outcome[T]], *, repeatable: bool) -> T:
        """Return the value of the first attempt that succeeds.

        Args:
            attempt: Tries once. It receives the seconds that are left, which are infinite for the first attempt.
            repeatable: False to retry only if the request was certainly not carried out.

        Raises:
            ApiError: The error of the last attempt. `sent` covers all attempts: a second attempt may be refused because the
                first one was carried out.
        """
        started = self.clock()
        attempts: list[Outcome[T]] = []

        def get_elapsed() -> float:
            return self.clock() - started

        def try_once() -> Outcome[T]:
            attempts.append(attempt(self.total_seconds - get_elapsed() if attempts else math.inf))
            return attempts[-1]

        def is_worth_another(outcome: Outcome[T]) -> bool:
            return (
                outcome.error is not None and outcome.patience > 0 and (repeatable or not outcome.error.sent)
            )

        def is_over(state: RetryCallState) -> bool:
            # If the service asks to wait for longer than there is time, fail now, not after the wait.
            return get_elapsed() + state.upcoming_sleep > min(self.total_seconds, attempts[-1].patience)

        def pause(state: RetryCallState) -> float:
            return _pause(state, attempts[-1].error)

        retrying = Retrying(
            sleep=self.sleep,
            stop=is_over,
            wait=pause,
            retry=retry_if_result(is_worth_another),
            retry_error_callback=lambda _: attempts[-1],
        )
        last: Outcome[T] = retrying(try_once)
        if last.error is not None:
            raise _merge_attempts(attempts, last.error, is_spent=is_worth_another(last))
        return cast("T", last.value)


def _pause(state: RetryCallState, error: ApiError | None) -> float:
    asked = error.retry_after if isinstance(error, Unavailable) else None
    if asked is None:
        return _backoff(state)
    # The threads of one process were refused together; they should not all come back at once.
    return asked + random.uniform(0, 0.5)  # noqa: S311  # spreads load, protects nothing


def _merge_attempts(attempts: list[Outcome[T]], error: ApiError, *, is_spent: bool) -> ApiError:
    sent = any(outcome.error is not None and outcome.error.sent for outcome in attempts)
    error = dataclasses.replace(error, sent=sent)
    if isinstance(error, Unavailable):
        return dataclasses.replace(error, attempts=len(attempts), is_spent=is_spent)
    return error
