"""Call a dynamic provider as Pulumi's engine does: send plain values, and mark secrets again in the response.

A dynamic provider accepts neither secrets nor references, and does not take part in previews. So in a preview, create and update
return the inputs; `steps` does that.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

import grpc
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from signals_local.engine.errors import EngineError
from signals_local.engine.model import Diff, Failure, Resource, urn_name
from signals_local.engine.values import Properties, equal, mark_secrets, reveal
from signals_local.engine.wire import from_struct, to_provider, to_struct

_MESSAGE_LIMIT: Final = 400 * 1024 * 1024
_OPTIONS: Final = [
    ("grpc.max_receive_message_length", _MESSAGE_LIMIT),
    ("grpc.max_send_message_length", _MESSAGE_LIMIT),
    ("grpc.enable_http_proxy", 0),
]


class ProviderError(EngineError):
    """A call to a provider failed. The text is the provider's message."""


class Provider:
    """The dynamic provider process."""

    def __init__(self, port: int, *, calls_at_once: int) -> None:
        self._channel = grpc.insecure_channel(f"127.0.0.1:{port}", options=_OPTIONS)
        self._stub = provider_pb2_grpc.ResourceProviderStub(self._channel)
        self._slots = threading.BoundedSemaphore(calls_at_once)
        self._thread = threading.local()

    def close(self) -> None:
        """Close the connection."""
        self._channel.close()

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Wait for one of the slots for calls. All calls that the thread makes meanwhile are made in it."""
        if getattr(self._thread, "has_slot", False):
            yield
            return
        with self._slots:
            self._thread.has_slot = True
            try:
                yield
            finally:
                self._thread.has_slot = False

    def configure(self, config: Mapping[str, str]) -> None:
        """Send the stack's configuration. Call it once."""
        variables = {f"pulumi-python:config:{key}": value for key, value in config.items()}
        request = provider_pb2.ConfigureRequest(
            args=to_struct(config),
            variables=variables,
            acceptSecrets=True,
            acceptResources=True,
            sends_old_inputs=True,
        )
        with self._call():
            self._stub.Configure(request)

    def check(
        self, urn: str, type_: str, olds: Properties, news: Properties, *, unknowns: bool
    ) -> tuple[Properties, list[Failure]]:
        """Return the inputs as the provider completes them, and every fault that it finds."""
        request = provider_pb2.CheckRequest(
            urn=urn,
            name=urn_name(urn),
            type=type_,
            olds=to_provider(olds, unknowns=unknowns),
            news=to_provider(news, unknowns=unknowns),
            randomSeed=os.urandom(32),
        )
        with self._call():
            answer = self._stub.Check(request)
        inputs = mark_secrets(from_struct(answer.inputs), news)
        return inputs, [Failure(found.property, found.reason) for found in answer.failures]

    def diff(
        self, old: Resource, news: Properties, *, unknowns: bool, ignore_changes: Sequence[str] = ()
    ) -> Diff:
        """Compare the old outputs with the new inputs. If the provider leaves it open, compare the inputs."""
        request = provider_pb2.DiffRequest(
            id=old.id,
            urn=old.urn,
            name=urn_name(old.urn),
            type=old.type,
            olds=to_provider(old.outputs, unknowns=unknowns),
            old_inputs=to_provider(old.inputs, unknowns=unknowns),
            news=to_provider(news, unknowns=unknowns),
            ignoreChanges=ignore_changes,
        )
        with self._call():
            answer = self._stub.Diff(request)
        changed: tuple[str, ...] = tuple(answer.diffs)
        changes = answer.changes == provider_pb2.DiffResponse.DIFF_SOME
        if answer.changes == provider_pb2.DiffResponse.DIFF_UNKNOWN:
            changed = changed_keys(old.inputs, news)
            changes = bool(changed)
        return Diff(changes, tuple(answer.replaces), changed, answer.deleteBeforeReplace)

    def create(self, new: Resource) -> tuple[str, Properties]:
        """Create a resource, and return its id and outputs."""
        request = provider_pb2.CreateRequest(
            urn=new.urn,
            name=urn_name(new.urn),
            type=new.type,
            properties=to_provider(new.inputs, unknowns=False),
        )
        with self._call():
            answer = self._stub.Create(request)
        if not answer.id:
            raise ProviderError(f"the provider returned an empty id from create for {new.urn}")
        return answer.id, mark_secrets(from_struct(answer.properties), new.inputs)

    def update(self, old: Resource, new: Resource) -> Properties:
        """Update a resource in place, and return its outputs."""
        request = provider_pb2.UpdateRequest(
            id=old.id,
            urn=new.urn,
            name=urn_name(new.urn),
            type=new.type,
            olds=to_provider(old.outputs, unknowns=False),
            old_inputs=to_provider(old.inputs, unknowns=False),
            news=to_provider(new.inputs, unknowns=False),
            ignoreChanges=new.ignore_changes,
        )
        with self._call():
            answer = self._stub.Update(request)
        return mark_secrets(from_struct(answer.properties), new.inputs)

    def delete(self, old: Resource) -> None:
        """Delete a resource."""
        request = provider_pb2.DeleteRequest(
            id=old.id,
            urn=old.urn,
            name=urn_name(old.urn),
            type=old.type,
            properties=to_provider(old.outputs, unknowns=False),
            old_inputs=to_provider(old.inputs, unknowns=False),
        )
        with self._call():
            self._stub.Delete(request)

    def read(self, old: Resource, state: Properties) -> tuple[str, Properties, Properties | None]:
        """Read a resource. Return its id (empty if it is gone), its outputs, and its inputs if the provider returns any."""
        request = provider_pb2.ReadRequest(
            id=old.id,
            urn=old.urn,
            name=urn_name(old.urn),
            type=old.type,
            properties=to_provider(state, unknowns=False),
            inputs=to_provider(old.inputs, unknowns=False),
        )
        with self._call():
            answer = self._stub.Read(request)
        inputs = mark_secrets(from_struct(answer.inputs), old.inputs) if answer.HasField("inputs") else None
        return answer.id, mark_secrets(from_struct(answer.properties), state), inputs

    @contextmanager
    def _call(self) -> Iterator[None]:
        with self.slot():
            try:
                yield
            except grpc.RpcError as fault:
                if fault.code() == grpc.StatusCode.UNAVAILABLE:
                    raise ProviderError("the provider process ended in the middle of the run") from None
                raise ProviderError((fault.details() or str(fault.code())).strip()) from None


def changed_keys(olds: Properties, news: Properties) -> tuple[str, ...]:
    """Return the top-level inputs that differ. Secrets are compared by value."""
    keys = [*olds, *(key for key in news if key not in olds)]
    return tuple(
        key
        for key in keys
        if not (key in olds and key in news and equal(reveal(olds[key]), reveal(news[key])))
    )
