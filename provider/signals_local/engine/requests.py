"""Decode the program's gRPC requests into goals. An option that is not on the allow-list is refused by name.

New releases of the SDK send new options without asking whether the engine knows them, so unlisted options must never be ignored
silently.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

from signals_local.engine.errors import Refused
from signals_local.engine.model import DYNAMIC_PACKAGE, Alias, Goal
from signals_local.engine.wire import from_struct

if TYPE_CHECKING:
    from google.protobuf.message import Message
    from pulumi.runtime.proto import resource_pb2

# The options that are read below, and those that can be ignored because they do not affect this engine.
_REGISTER: Final = {
    "type", "name", "custom", "parent", "object", "dependencies", "propertyDependencies", "protect", "retainOnDelete",
    "deleteBeforeReplace", "deleteBeforeReplaceDefined", "deletedWith", "ignoreChanges", "replaceOnChanges",
    "additionalSecretOutputs", "aliases", "importId", "aliasSpecs",
    "acceptSecrets", "acceptResources", "supportsPartialValues", "supportsResultReporting", "sourcePosition",
    "stackTrace", "parentStackTraceHandle", "accepts_byte_string",
}  # fmt: skip
_READ: Final = {
    "id", "type", "name", "parent", "properties", "dependencies", "additionalSecretOutputs",
    "acceptSecrets", "acceptResources", "sourcePosition", "stackTrace", "parentStackTraceHandle", "accepts_byte_string",
}  # fmt: skip
_OPTIONS: Final = {
    "provider": "the option `provider` (explicit providers)",
    "providers": "the option `providers` (explicit providers)",
    "version": "the option `version`",
    "pluginDownloadURL": "the option `plugin_download_url`",
    "customTimeouts": "the option `custom_timeouts`",
    "remote": "components of other packages",
    "transforms": "the option `transforms`",
    "hooks": "the option `hooks`",
    "replace_with": "the option `replace_with`",
    "replacement_trigger": "the option `replacement_trigger`",
    "state_migrations": "the option `state_migrations`",
    "hideDiffs": "the option `hide_diffs`",
    "packageRef": "packages with parameters",
    "envVarMappings": "the option `env_var_mappings`",
}


def goal_from(request: resource_pb2.RegisterResourceRequest) -> Goal:
    """Decode a registration.

    Raises:
        Refused: It has an option, a type or a value that this engine does not know.
    """
    _refuse_others(request, _REGISTER)
    _refuse_type(request.type, custom=request.custom)
    if request.importId:
        raise Refused("the option `import_`")
    return Goal(
        # Most resources share their type, parent and input names with others, so share the strings.
        type=sys.intern(request.type),
        name=request.name,
        custom=request.custom,
        parent=sys.intern(request.parent),
        inputs=from_struct(request.object),
        dependencies=tuple(sorted(request.dependencies)),
        property_dependencies={
            sys.intern(key): tuple(sorted(found.urns))
            for key, found in sorted(request.propertyDependencies.items())
        },
        protect=request.protect,
        retain_on_delete=request.retainOnDelete,
        delete_before_replace=request.deleteBeforeReplace if request.deleteBeforeReplaceDefined else None,
        deleted_with=request.deletedWith,
        ignore_changes=tuple(request.ignoreChanges),
        replace_on_changes=tuple(request.replaceOnChanges),
        additional_secret_outputs=tuple(request.additionalSecretOutputs),
        aliases=tuple(_read_alias(alias) for alias in request.aliases),
    )


def read_goal_from(request: resource_pb2.ReadResourceRequest) -> Goal:
    """Decode a resource that is only read, as by `.get`. Its id stays in the request.

    Raises:
        Refused: As `goal_from`, and for stack references.
    """
    _refuse_others(request, _READ)
    _refuse_type(request.type, custom=True)
    return Goal(
        type=request.type,
        name=request.name,
        custom=True,
        parent=request.parent,
        inputs=from_struct(request.properties),
        dependencies=tuple(sorted(request.dependencies)),
        additional_secret_outputs=tuple(request.additionalSecretOutputs),
    )


def _refuse_others(request: Message, known: set[str]) -> None:
    for field, value in request.ListFields():
        # An empty message means that the option was not used (`hooks` is always sent).
        if field.name not in known and not _is_empty(value):
            raise Refused(_OPTIONS.get(field.name, f"the option `{field.name}`"))


def _is_empty(value: Any) -> bool:
    return hasattr(value, "ListFields") and not value.ListFields()


def _refuse_type(type_: str, *, custom: bool) -> None:
    if type_ == "pulumi:pulumi:StackReference":
        raise Refused("stack references")
    if type_.startswith("pulumi:providers:"):
        raise Refused(f"explicit providers ({type_})")
    if custom and not type_.startswith(DYNAMIC_PACKAGE):
        raise Refused(f"resources of type {type_} (it runs dynamic resources of a Python program only)")


def _read_alias(alias: Any) -> Alias:
    if alias.WhichOneof("alias") == "urn":
        return Alias(urn=alias.urn)
    spec = alias.spec
    return Alias(
        name=spec.name,
        type=spec.type,
        stack=spec.stack,
        project=spec.project,
        parent=spec.parentUrn,
        no_parent=spec.noParent,
    )
