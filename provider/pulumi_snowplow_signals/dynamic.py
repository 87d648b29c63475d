"""The providers as Pulumi stores them, and nothing more.

Pulumi pickles a dynamic provider into the state of every resource: an importable class without attributes as its address,
some thirty bytes. The addresses of the two classes below are therefore frozen. Moving or renaming one strands every stack
that was ever deployed, and an attribute set on an instance would land in the state. A test pins the bytes.

The classes import what they need when they are called: so a stack always runs the installed release, also in a refresh or
a destroy, and a program that only declares resources does not pay for it.
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

if TYPE_CHECKING:
    from pulumi_snowplow_signals.bridge import Bridge


def _rule() -> Bridge:
    from pulumi_snowplow_signals.bridge import RULE  # noqa: PLC0415  # see above

    return RULE


def _direct() -> Bridge:
    from pulumi_snowplow_signals.bridge import DIRECT  # noqa: PLC0415  # see above

    return DIRECT


class RuleInterventionProvider(ResourceProvider):
    """The lifecycle of a rule intervention, as Pulumi calls it."""

    # Nothing secret is ever pickled: a reference in plain text can be compared, and costs no encryption.
    serialize_as_secret_always = False

    def configure(self, req: ConfigureRequest) -> None:
        _rule().configure(req.config.get)

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        return _rule().check(_olds, news)

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        return _rule().diff(_olds, _news)

    def create(self, props: dict[str, Any]) -> CreateResult:
        return _rule().create(props)

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        return _rule().read(id_, props)

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        return _rule().update(_olds, _news)

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        _rule().delete(_id, _props)


class DirectInterventionProvider(ResourceProvider):
    """The lifecycle of a direct intervention, as Pulumi calls it."""

    serialize_as_secret_always = False  # as above

    def configure(self, req: ConfigureRequest) -> None:
        _direct().configure(req.config.get)

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        return _direct().check(_olds, news)

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        return _direct().diff(_olds, _news)

    def create(self, props: dict[str, Any]) -> CreateResult:
        return _direct().create(props)

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        return _direct().read(id_, props)

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        return _direct().update(_olds, _news)

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        _direct().delete(_id, _props)
