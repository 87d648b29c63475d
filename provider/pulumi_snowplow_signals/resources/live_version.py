"""The child of an attribute group that retires its older versions; see `lifecycle.live_version`."""

from __future__ import annotations

import pulumi
from pulumi.dynamic import Resource

from pulumi_snowplow_signals.declaration import URN
from pulumi_snowplow_signals.dynamic import LiveVersionProvider


class LiveVersion(Resource, module="signals", name="LiveVersion"):
    """Stands for the live version of an attribute group. Every attribute group makes its own."""

    group: pulumi.Output[str]
    """The group's name in Signals."""
    version: pulumi.Output[int]
    """The number of the version that is live."""

    def __init__(
        self,
        resource_name: str,
        *,
        group: pulumi.Input[str],
        version: pulumi.Input[int],
        keeps_older: bool,
        parent: pulumi.Resource,
    ) -> None:
        """Declare the child.

        Args:
            resource_name: Pulumi's logical name.
            group: The group's name.
            version: The number of its declared version.
            keeps_older: Whether older versions are to stay for good.
            parent: The group.
        """
        # What protects the group must not keep its child from being replaced: that is how an older version is retired.
        opts = pulumi.ResourceOptions(
            parent=parent, protect=False, retain_on_delete=False, delete_before_replace=False
        )
        # The group's URN: what is said of a version stands beside the group.
        props = {"group": group, "version": version, "__retain": keeps_older, URN: parent.urn}
        super().__init__(LiveVersionProvider(), resource_name, props, opts)
