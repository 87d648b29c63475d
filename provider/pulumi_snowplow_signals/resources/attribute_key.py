"""Attribute keys: the identities that attributes are computed for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi import Input, Output, ResourceOptions
from typing_extensions import Never

from pulumi_snowplow_signals.declaration import SignalsResource
from pulumi_snowplow_signals.dynamic import AttributeKeyProvider
from pulumi_snowplow_signals.inputs.attributes import Duration, LeafProperty
from pulumi_snowplow_signals.inputs.reading import Linked
from pulumi_snowplow_signals.mocked import as_deployed
from pulumi_snowplow_signals.resources.options import OnDestroy
from pulumi_snowplow_signals.shape import Shape, faults_of_kind


class AttributeKey(Linked, SignalsResource, module="signals", name="AttributeKey"):
    """An identity that attributes are computed for, such as a visitor's account.

    It has no versions: description, owner and ttl change in place. What identifies people cannot change while a published
    attribute group is on the key. The built-in keys, such as `domain_userid`, are constants of this package, and no resources.

    Args:
        resource_name: Pulumi's logical name; left out, it is `name`.
        name: The key's own name in Signals: letters, digits and underscores, 1 to 128 of them. Another name is another key.
            Left out, it is the logical name; without that, the column, or the last part of the property, as the official
            client has it.
        property: The property of events, or the entity's, that holds the key's values.
        external_column: The column of a warehouse's tables that does; it has the key's name.
        key: Deprecated by the official client.
        description: For whoever reads the registry.
        owner: The person or team that owns it.
        ttl: How long attributes of this key are kept, unless their group says something else.
        published: Whether it is published; True if left out.
        adopt: Take over a key of this name that is in the registry already, though it differs.
        on_destroy: `"unpublish"`, `"delete"` or `"retain"`; see `RuleIntervention`. A key in use is left in any case.
        opts: Pulumi's resource options.
        unexpected: There is nothing else.

    Raises:
        pulumi.RunError: Something in the program can never be right; the text says what.
    """

    _shape = Shape(
        "AttributeKey",
        AttributeKeyProvider,
        faults_of_kind("attribute_key", "AttributeKey"),
        "Set adopt=True to take over what is in the registry.",
        {},
        as_deployed("attribute_key", "AttributeKey"),
        takes_times=True,
    )

    name: Output[str]
    """The key's name in Signals."""
    property: Output[dict[str, Any] | None]
    """The property that holds the key's values, if one was given."""
    external_column: Output[str | None]
    """The column that holds them, if one was given."""
    key: Output[str | None]
    """The deprecated key."""
    description: Output[str | None]
    """The description."""
    owner: Output[str | None]
    """The owner."""
    ttl: Output[str | None]
    """How long attributes are kept, in ISO 8601."""
    published: Output[bool]
    """Whether it is published."""
    on_destroy: Output[str]
    """What a destroy will do."""

    def __init__(  # noqa: PLR0913  # the inputs of the resource
        self,
        resource_name: str | None = None,
        *,
        name: Input[str] | None = None,
        property: Input[LeafProperty] | None = None,  # noqa: A002  # Signals' own name for it
        external_column: Input[str] | None = None,
        key: Input[str] | None = None,
        description: Input[str] | None = None,
        owner: Input[str] | None = None,
        ttl: Input[Duration] | None = None,
        published: Input[bool] | None = None,
        adopt: Input[bool] | None = None,
        on_destroy: Input[OnDestroy] | None = None,
        opts: ResourceOptions | None = None,
        **unexpected: Never,
    ) -> None:
        if name is None and resource_name is None:
            name = _derived_name(property, external_column)
        inputs = {
            "name": name,
            "property": property,
            "external_column": external_column,
            "key": key,
            "description": description,
            "owner": owner,
            "ttl": ttl,
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
    ) -> AttributeKey:
        """Look at an attribute key that something else manages: nothing of it is ever changed.

        Args:
            resource_name: Pulumi's logical name for this look.
            id: The key's name in Signals.
            opts: Pulumi's resource options.
            unexpected: There is nothing else.
        """
        return cls._look(resource_name, {"id": id}, AttributeKey.__annotations__, opts, unexpected)

    def _as_link(self) -> Any:
        return self.name


def _derived_name(held: Any, external_column: Any) -> str | None:
    """Return the name that the official client gives to a key without one."""
    if isinstance(external_column, str):
        return external_column
    fields = held if isinstance(held, Mapping) else getattr(held, "__dict__", {})
    path = fields.get("path")
    name = path.rpartition(".")[2] if isinstance(path, str) else fields.get("name")
    return name if isinstance(name, str) else None
