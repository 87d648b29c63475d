"""The provider classes that Pulumi stores, and nothing more.

Pulumi pickles a dynamic provider into the state of every resource. For an importable class without attributes, that is its
address, about thirty bytes. So the addresses below are frozen: moving or renaming a class would strand every deployed stack,
and an attribute set on an instance would end up in the state. A test pins the bytes.

The classes import what they need when they are called. So a stack always runs the installed release, also in a refresh or a
destroy, and a program that only declares resources does not load the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi.dynamic import (
    CheckResult,
    ConfigureRequest,
    CreateResult,
    DiffResult,
    ReadResult,
    ResourceProvider,
    UpdateResult,
)

from pulumi_snowplow_signals.loading import uncollected

if TYPE_CHECKING:
    from pulumi_snowplow_signals.bridge import Bridge


class _Provider(ResourceProvider):
    """Base of the providers: passes each call of Pulumi to the bridge of its kind."""

    # Nothing secret is pickled, and a reference in plain text can be compared and needs no encryption.
    serialize_as_secret_always = False

    @staticmethod
    def _bridge() -> Bridge:
        """Return the bridge to the lifecycle of the kind."""
        raise NotImplementedError

    def configure(self, req: ConfigureRequest) -> None:
        with uncollected():  # Pulumi's first call to a provider, which loads the rest
            bridge = self._bridge()
        bridge.configure(req.config.get)

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        return self._bridge().check(_olds, news)

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        return self._bridge().diff(_olds, _news)

    def create(self, props: dict[str, Any]) -> CreateResult:
        return self._bridge().create(props)

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        return self._bridge().read(id_, props)

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        return self._bridge().update(_olds, _news)

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        self._bridge().delete(_id, _props)


class RuleInterventionProvider(_Provider):
    """The lifecycle of a rule intervention, as Pulumi calls it."""

    @staticmethod
    def _bridge() -> Bridge:
        from pulumi_snowplow_signals.bridge import RULE  # noqa: PLC0415  # see above

        return RULE


class DirectInterventionProvider(_Provider):
    """The lifecycle of a direct intervention, as Pulumi calls it."""

    @staticmethod
    def _bridge() -> Bridge:
        from pulumi_snowplow_signals.bridge import DIRECT  # noqa: PLC0415  # see above

        return DIRECT


class AttributeKeyProvider(_Provider):
    """The lifecycle of an attribute key, as Pulumi calls it."""

    @staticmethod
    def _bridge() -> Bridge:
        from pulumi_snowplow_signals.bridge import ATTRIBUTE_KEY  # noqa: PLC0415  # see above

        return ATTRIBUTE_KEY


class ServiceProvider(_Provider):
    """The lifecycle of a service, as Pulumi calls it."""

    @staticmethod
    def _bridge() -> Bridge:
        from pulumi_snowplow_signals.bridge import SERVICE  # noqa: PLC0415  # see above

        return SERVICE


class StreamAttributeGroupProvider(_Provider):
    """The lifecycle of an attribute group computed from the stream, as Pulumi calls it."""

    @staticmethod
    def _bridge() -> Bridge:
        from pulumi_snowplow_signals.bridge import STREAM_GROUP  # noqa: PLC0415  # see above

        return STREAM_GROUP


class BatchAttributeGroupProvider(_Provider):
    """The lifecycle of an attribute group computed in a warehouse, as Pulumi calls it."""

    @staticmethod
    def _bridge() -> Bridge:
        from pulumi_snowplow_signals.bridge import BATCH_GROUP  # noqa: PLC0415  # see above

        return BATCH_GROUP


class ExternalBatchAttributeGroupProvider(_Provider):
    """The lifecycle of an attribute group over a warehouse's table, as Pulumi calls it."""

    @staticmethod
    def _bridge() -> Bridge:
        from pulumi_snowplow_signals.bridge import EXTERNAL_GROUP  # noqa: PLC0415  # see above

        return EXTERNAL_GROUP


class LiveVersionProvider(_Provider):
    """The lifecycle of the child that retires older versions of an attribute group, as Pulumi calls it."""

    @staticmethod
    def _bridge() -> Bridge:
        from pulumi_snowplow_signals.bridge import LIVE_VERSION  # noqa: PLC0415  # see above

        return LIVE_VERSION
