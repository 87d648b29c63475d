"""Services: versions of attribute groups under one name that applications read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from pulumi import Input, Output, ResourceOptions
from typing_extensions import Never

from pulumi_snowplow_signals.declaration import SignalsResource
from pulumi_snowplow_signals.dynamic import ServiceProvider
from pulumi_snowplow_signals.inputs import PydanticModel, VersionedLinkAttributeGroup
from pulumi_snowplow_signals.mocked import as_deployed
from pulumi_snowplow_signals.resources.attribute_group import AttributeGroup
from pulumi_snowplow_signals.resources.options import OnDestroy
from pulumi_snowplow_signals.shape import Shape, faults_of_kind

Member: TypeAlias = AttributeGroup | VersionedLinkAttributeGroup | Mapping[str, Any] | PydanticModel


def _as_pins(members: Any) -> Any:
    """Return attribute groups with whole groups of the official client replaced by links, as that client does."""
    if not isinstance(members, (list, tuple)):
        return members
    return [_as_pin(member) for member in members]


def _as_pin(member: Any) -> Any:
    fields = getattr(type(member), "model_fields", {})
    return {"name": member.name, "version": member.version} if "attribute_key" in fields else member


class Service(SignalsResource, module="signals", name="Service"):
    """Attribute groups under one name that applications read.

    It has no versions: it changes in place, all of its groups at once. It is never withdrawn for a change, since its readers would
    get nothing in the meantime.

    Args:
        resource_name: Pulumi's logical name. Defaults to `name`.
        name: The service's name in Signals: 1 to 128 letters, digits and underscores. A different name is a different
            service, so its readers have to switch. Defaults to the logical name.
        owner: The e-mail address of the person or team that owns the service. Required.
        attribute_groups: The 1 to 100 attribute groups to serve. Required. A resource means the version that the program
            declares; `{"name": ..., "version": ...}` pins a version. All groups must have the same attribute key, and no two
            may have an attribute with the same name.
        description: A description for people who read the registry.
        published: Whether the service is published. Defaults to True.
        adopt: Whether to take over an existing service of this name even if it differs.
        on_destroy: `"unpublish"`, `"delete"` or `"retain"`; see `RuleIntervention`.
        opts: Pulumi's resource options.
        unexpected: No other arguments exist.

    Raises:
        pulumi.RunError: Something in the program can never be valid; the text says what.
    """

    _shape = Shape(
        "Service",
        ServiceProvider,
        faults_of_kind("service", "Service"),
        "Set adopt=True to take over what is in the registry.",
        {},
        as_deployed("service", "Service"),
    )

    name: Output[str]
    """The service's name in Signals."""
    owner: Output[str]
    """The e-mail address of the owner."""
    description: Output[str | None]
    """The description."""
    attribute_groups: Output[list[dict[str, Any]]]
    """The name and version of each attribute group."""
    published: Output[bool]
    """Whether it is published."""
    on_destroy: Output[str]
    """What a destroy will do."""

    def __init__(  # noqa: PLR0913  # the inputs of the resource
        self,
        resource_name: str | None = None,
        *,
        name: Input[str] | None = None,
        owner: Input[str] | None = None,
        attribute_groups: Input[Sequence[Member]] | None = None,
        description: Input[str] | None = None,
        published: Input[bool] | None = None,
        adopt: Input[bool] | None = None,
        on_destroy: Input[OnDestroy] | None = None,
        opts: ResourceOptions | None = None,
        **unexpected: Never,
    ) -> None:
        inputs = {
            "name": name,
            "owner": owner,
            "description": description,
            "attribute_groups": _as_pins(attribute_groups),
            "published": published,
            "adopt": adopt,
            "on_destroy": on_destroy,
        }
        super().__init__(resource_name, inputs, opts, unexpected)

    @classmethod
    def get(
        cls,
        resource_name: str,
        id: Input[str],  # noqa: A002  # Pulumi's own name for it
        *,
        opts: ResourceOptions | None = None,
        **unexpected: Never,
    ) -> Service:
        """Look up a service that something else manages. It is never changed.

        Args:
            resource_name: Pulumi's logical name for this lookup.
            id: The service's name in Signals.
            opts: Pulumi's resource options.
            unexpected: No other arguments exist.
        """
        return cls._look(resource_name, {"id": id}, Service.__annotations__, opts, unexpected)
