"""The child of an attribute group that retires its older versions; see `lifecycle.live_version`."""

from __future__ import annotations

import pulumi
from pulumi.dynamic import Resource

from pulumi_snowplow_signals.dynamic import LiveVersionProvider
from pulumi_snowplow_signals.fields.hidden_inputs import URN


class LiveVersion(Resource, module="signals", name="LiveVersion"):
    """The live version of an attribute group. Every attribute group creates its own."""

    group: pulumi.Output[str]
    """The group's name in Signals."""
    version: pulumi.Output[int]
    """The number of the live version."""

    def __init__(
        self,
        resource_name: str,
        *,
        group: pulumi.Input[str],
        version: pulumi.Input[int],
        key: pulumi.Input[list[pulumi.Resource]] | None,
        parent: pulumi.Resource,
    ) -> None:
        """Declare the child.

        Args:
            resource_name: Pulumi's logical name.
            group: The group's name.
            version: The group's declared version.
            key: The resource of the group's attribute key, if the program has one. When the key goes, it has to wait until the
                version on it has been withdrawn.
            parent: The group.
        """
        # Protecting the group must not keep its child from being replaced: that is how an older version is retired.
        opts = pulumi.ResourceOptions(
            parent=parent,
            depends_on=key,
            protect=False,
            retain_on_delete=False,
            delete_before_replace=False,
        )
        # With the group's URN, remarks about a version appear at the group.
        props = {"group": group, "version": version, URN: parent.urn}
        super().__init__(LiveVersionProvider(), resource_name, props, opts)
