"""The project's files as models, and the YAML reader for them."""

from __future__ import annotations

import re
from collections.abc import Hashable
from pathlib import Path
from typing import Annotated, Any, Final

import yaml
from pydantic import BeforeValidator, ConfigDict, Field, JsonValue
from pydantic.alias_generators import to_camel

from signals_local.engine.errors import UsageError, reason
from signals_local.engine.validation import Stored, kind_of

# More than any project has. Aliases (`*name`) can expand endlessly or exponentially.
_MOST_VALUES: Final = 100_000

_UNUSABLE: Final = re.compile("[\\ud800-\\udfff\\0]")

Values = dict[str, JsonValue]


class _Options(Stored):
    virtualenv: str = ""


class Runtime(Stored):
    """The runtime of the program."""

    name: str
    options: _Options = _Options()


def _by_name(found: Any) -> Any:
    return {"name": found} if isinstance(found, str) else found


class ProjectFile(Stored):
    """The parts of Pulumi.yaml that this engine uses."""

    model_config = ConfigDict(alias_generator=to_camel)

    name: Annotated[str, Field(min_length=1)]
    runtime: Annotated[Runtime, BeforeValidator(_by_name)]
    main: str = "."
    stack_config_dir: str = "."
    config: Values = Field(default_factory=dict)


class StackFile(Stored):
    """The parts of Pulumi.<stack>.yaml that this engine uses."""

    config: Values = Field(default_factory=dict)
    environment: JsonValue = None


class _Loader(yaml.SafeLoader):
    """Reads the YAML that JSON can express: keys are unique strings, and dates must be quoted.

    As in YAML 1.2 and as seen in Pulumi 3.260, `true` and `false` are booleans and `yes` is a string.
    """

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 -- PyYAML's signature
        """Return the mapping of a node."""
        seen = set()
        for key_node, _ in node.value:
            if key_node.tag == "tag:yaml.org,2002:merge":
                continue
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                raise _fault(f"a key is {kind_of(key)}; write it in quotes", key_node)
            if key in seen:
                raise _fault(f"the key {key!r} appears twice", key_node)
            seen.add(key)
        return super().construct_mapping(node, deep=deep)

    def construct_scalar(self, node: yaml.ScalarNode | yaml.MappingNode) -> Any:
        """Return the value of a node. Raise ConstructorError for a string that cannot be passed to the program."""
        text = super().construct_scalar(node)
        if isinstance(text, str) and _UNUSABLE.search(text):
            raise _fault("text with an unpaired surrogate or a NUL character", node)
        return text


def _fault(text: str, node: yaml.Node) -> yaml.constructor.ConstructorError:
    return yaml.constructor.ConstructorError(None, None, text, node.start_mark)


def _refuse_date(_: _Loader, node: yaml.Node) -> Any:
    raise _fault("this is a date; write it in quotes", node)


def _refuse_kind(_: _Loader, node: yaml.Node) -> Any:
    raise _fault(f"values of the type !!{node.tag.rpartition(':')[2]} are not supported", node)


def _number(loader: _Loader, node: yaml.ScalarNode) -> float:
    """Return a whole number as an int: Pulumi 3.260 was seen to pass `1.0` to a program as 1."""
    found = float(loader.construct_yaml_float(node))
    return int(found) if found.is_integer() else found


_Loader.add_constructor("tag:yaml.org,2002:timestamp", _refuse_date)
_Loader.add_constructor("tag:yaml.org,2002:float", _number)
for _tag in ("binary", "omap", "pairs", "set"):
    _Loader.add_constructor(f"tag:yaml.org,2002:{_tag}", _refuse_kind)
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile("true|True|TRUE|false|False|FALSE"), list("tTfF")
)


def read_yaml(file: Path) -> Any:
    """Return the contents of a YAML file, or an empty mapping if it is empty.

    Raises:
        UsageError: It cannot be read, or contains something that JSON cannot express.
    """
    try:
        found = yaml.load(file.read_bytes(), _Loader)  # noqa: S506 -- a SafeLoader
    except OSError as fault:
        raise UsageError(f"{file} cannot be read: {reason(fault)}") from None
    except yaml.MarkedYAMLError as fault:
        place = f", line {fault.problem_mark.line + 1}" if fault.problem_mark else ""
        raise UsageError(f"{file} cannot be read{place}: {fault.problem}") from None
    except (UnicodeDecodeError, yaml.reader.ReaderError):
        raise UsageError(f"{file} is not text in UTF-8") from None
    except Exception as fault:  # noqa: BLE001 -- of damaged text, PyYAML's constructors raise whatever comes of it
        raise UsageError(f"{file} is not YAML that can be read ({type(fault).__name__})") from None
    if _is_endless(found):
        raise UsageError(
            f"{file}: its aliases (`*name`) refer to themselves or expand to more than {_MOST_VALUES} values. Write"
            " the values out"
        )
    return {} if found is None else found


def _is_endless(found: Any) -> bool:
    left, count = [found], 0
    while left and count <= _MOST_VALUES:
        count += 1
        part = left.pop()
        if isinstance(part, dict):
            left += part.values()
        elif isinstance(part, list):
            left += part
    return bool(left)
