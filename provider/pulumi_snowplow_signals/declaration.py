"""The base of the resources: types, names, URNs, and the faults that can be found in the program alone.

Each class describes itself in a `Shape`. Everything else happens here, once: names, options, conversion, validation, hidden
inputs. Each step raises its faults; the constructor collects them and passes them to the gate (`gate`). A faulty resource can
still be used, so the program goes on and the next resource is checked too.
"""

from __future__ import annotations

import inspect
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, ClassVar, Final

import pulumi
from pulumi.dynamic import Resource, ResourceProvider
from pulumi.resource import create_urn

from pulumi_snowplow_signals.fields.hidden_inputs import NAMES, SECRET, URN
from pulumi_snowplow_signals.fields.names import NAME_PATTERN, NAME_RULE
from pulumi_snowplow_signals.fields.placeholders import is_output_as_text
from pulumi_snowplow_signals.fields.unknown import UNKNOWN, has_unknown
from pulumi_snowplow_signals.gate import Gate, current_gate
from pulumi_snowplow_signals.inputs.arguments import read_logical_name
from pulumi_snowplow_signals.inputs.faults import InputFault, refuse_unexpected
from pulumi_snowplow_signals.inputs.plain import MOST_TOLD, convert, to_plain, to_plain_id
from pulumi_snowplow_signals.inputs.reading import Later, read, type_of
from pulumi_snowplow_signals.mocked import is_mocked
from pulumi_snowplow_signals.shape import Computed, Inputs, Shape

if TYPE_CHECKING:
    from typing_extensions import Self

_PACKAGE: Final = "pulumi-python"
_UNTYPED: Final = f"{_PACKAGE}:dynamic:Resource"
"""The type of a class that declares no type (`Resource.__init_subclass__` in `pulumi/dynamic/dynamic.py`)."""

_OPTIONS: Final = "opts"


class _Faults:
    """The faults of one resource, each with its input."""

    def __init__(self) -> None:
        self.found: list[tuple[str, str]] = []

    @contextmanager
    def of(self, name: str) -> Iterator[None]:
        """Collect the faults that the block raises about an input."""
        try:
            yield
        except InputFault as fault:
            self.found += [(name, sentence) for sentence in fault.faults]

    def read(self, shape: Shape, resource: str, inputs: Inputs) -> dict[str, Any]:
        """Return the inputs that can be sent. Collect the faults of all inputs."""
        faulty = {name for name, _ in self.found}
        plain = dict[str, Any]()
        for name in inputs.keys() - faulty:
            value, sentences = convert(
                inputs[name], name, resource=resource, whole=shape.entire, takes_times=shape.takes_times
            )
            self.found += [(name, sentence) for sentence in sentences]
            plain[name] = shape.respell[name](value) if name in shape.respell else value
        # An input with a fault, and the inputs that it stands for, are not judged again.
        left_out = UNKNOWN if shape.composite in faulty else None
        known = {name: _mark_outputs(plain.get(name, UNKNOWN)) for name in inputs if name != shape.composite}
        given = {name: left_out if value is None else value for name, value in known.items()}
        judged = shape.faults({name: value for name, value in given.items() if value is not None})
        self.found += [(name, f"{resource}: {fault}") for name, fault in judged]
        return {name: plain[name] for name in inputs if name in plain}

    def in_order(self, resource: str, inputs: Iterable[str]) -> list[str]:
        """Return the faults in the order of the inputs, after those of the options."""
        by_input: dict[str, dict[str, None]] = {name: {} for name in (_OPTIONS, *inputs)}
        for name, sentence in self.found:
            by_input.setdefault(name, {})[sentence] = None
        return [
            sentence
            for name, sentences in by_input.items()
            for sentence in _cut(resource, name, [*sentences])
        ]


def _cut(resource: str, name: str, sentences: list[str]) -> list[str]:
    """Return the first faults of an input, and the number of the others."""
    more = len(sentences) - MOST_TOLD
    return (
        sentences
        if more <= 0
        else [*sentences[:MOST_TOLD], f"{resource}: {name}: has {more} more fault{'s' if more > 1 else ''}."]
    )


class SignalsResource(Resource):
    """Base of the resources. A subclass inherits the type of its base unless it declares its own.

    Pulumi does not inherit the type: release 0.1.0 stored a subclass without one as `pulumi-python:dynamic:Resource`. An alias
    of that type keeps such a state.
    """

    _shape: ClassVar[Shape]
    _was_untyped = False

    def __init_subclass__(cls, *, module: str = "", name: str = "", **others: Any) -> None:
        own = {key: value for key, value in (("module", module), ("name", name)) if value}
        inherited = cls._resource_type_name
        super().__init_subclass__(**own, **others)
        # Pulumi evaluates the annotations of outputs for each resource that it registers. Those that cannot be evaluated yet,
        # such as one from a module that is still being imported, are left to it.
        with suppress(Exception):
            cls.__annotations__ = inspect.get_annotations(cls, eval_str=True)
        cls._was_untyped = not own
        if cls._was_untyped:
            cls._resource_type_name = inherited

    _described = ""
    """The resource, as faults name it."""
    _is_declared = False
    """Whether it has no fault and will be deployed."""
    _named: pulumi.Input[list[pulumi.Resource]] | None = None
    """The resources of the program that it refers to by name, if there are any."""

    def __init__(
        self,
        resource_name: str | None,
        inputs: Inputs,
        opts: pulumi.ResourceOptions | None = None,
        unexpected: Collection[str] = (),
    ) -> None:
        """Declare a resource.

        Args:
            resource_name: Pulumi's logical name; None to use the name in Signals.
            inputs: The inputs that the program declares, including `name`.
            opts: Pulumi's resource options.
            unexpected: The names of arguments that do not exist.

        Raises:
            InputFault: There is a fault and no deployment, in which the gate would collect the faults of all resources.
        """
        shape, kind, faults = self._shape, type(self), _Faults()
        outputs = [*inputs, *shape.computed]
        resource = described(kind, resource_name, opts)
        with faults.of(shape.composite):
            inputs = shape.whole.take_apart(inputs, resource) if shape.whole else inputs
            with faults.of("name"):
                resource_name, name = resolve_names(kind.__name__, resource_name, inputs["name"])
                resource = described(kind, resource_name, opts)
                inputs = {**inputs, "name": name}
        self._described = resource
        with faults.of(_OPTIONS):
            refuse_unexpected(resource, unexpected, [*outputs, _OPTIONS])
        with faults.of(_OPTIONS):
            check_options(resource, opts, shape.instead_of_import)
        props = faults.read(shape, resource, inputs)
        gate = current_gate()
        with faults.of("name"):
            declare_once(gate, shape.kind, resource, props.get("name"))
        if faults.found:
            gate = _close(gate, resource, faults.in_order(resource, outputs))
            _register_faulty(self, gate, resource_name, outputs)
            return
        self._is_declared = True
        if gate is not None:
            self._named = gate.find_named(props, resource)
            opts = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=self._named))
            gate.register(shape.kind, props["name"], self, resource)
        if self._was_untyped:
            opts = pulumi.ResourceOptions.merge(
                opts, pulumi.ResourceOptions(aliases=_build_untyped_aliases(opts))
            )
        urn = _build_urn(str(resource_name), f"{_PACKAGE}:{self._resource_type_name}", opts)
        props = add_secret_names(props) | _build_placeholders(shape.computed, props)
        if is_mocked():
            props |= shape.as_deployed(props)
        props[URN] = gate.behind(urn) if gate else urn
        if gate is not None:
            props[NAMES] = gate.list_names(shape.provider, props["name"])
        props |= self._read_options(opts)
        super().__init__(shape.provider(), str(resource_name), props, opts)

    def _read_options(self, opts: pulumi.ResourceOptions | None) -> Inputs:  # noqa: ARG002  # for subclasses
        """Return the hidden inputs by which a provider learns of Pulumi's options, which Pulumi keeps from it."""
        return {}

    @classmethod
    def _look(
        cls,
        resource_name: str,
        given: Inputs,
        outputs: Iterable[str],
        opts: pulumi.ResourceOptions | None,
        unexpected: Collection[str],
    ) -> Self:
        """Read an object that is managed elsewhere.

        Args:
            resource_name: Pulumi's logical name.
            given: The arguments of the program: `id`, which is the name in Signals, and others that identify the object.
            outputs: The names of the outputs.
            opts: Pulumi's resource options.
            unexpected: The names of arguments that do not exist.

        Raises:
            InputFault: As in the constructor.
        """
        found, faults, gate = cls.__new__(cls), _Faults(), current_gate()
        resource, plain = described(cls, resource_name, opts), dict[str, Any]()
        with faults.of(_OPTIONS):
            refuse_unexpected(resource, unexpected, [*given, _OPTIONS])
        with faults.of(_OPTIONS):
            check_options(resource, opts, "")
        with faults.of(_OPTIONS):
            resource_name = read_logical_name(cls.__name__, resource_name)
        for name, value in given.items():
            with faults.of(name):
                plain_of = to_plain_id if name == "id" else to_plain
                plain[name] = plain_of(value, name, resource=resource)
        if faults.found:
            gate = _close(gate, resource, faults.in_order(resource, given))
            _register_faulty(found, gate, resource_name, outputs)
            return found
        by_id = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(id=plain.pop("id")))
        props = {**dict.fromkeys(outputs), "name": by_id.id, **plain}
        if gate:
            props[URN] = gate.behind(None)
        Resource.__init__(found, cls._shape.provider(), resource_name, props, by_id)
        return found


def _close(gate: Gate | None, resource: str, faults: list[str]) -> Gate:
    """Close the gate for these faults and return it. Raise InputFault if there is no gate."""
    if gate is None:
        raise InputFault(*faults)
    gate.note(resource, faults)
    return gate


def _register_faulty(declared: SignalsResource, gate: Gate, name: Any, outputs: Iterable[str]) -> None:
    """Register a faulty resource so that the program goes on. Its outputs never resolve, since the gate stays closed."""
    # The faulty inputs are not passed on.
    props = {URN: gate.behind(None), **dict.fromkeys(outputs)}
    found = read(name)
    Resource.__init__(
        declared, ResourceProvider(), found if isinstance(found, str) and found else "unnamed", props
    )


def _build_urn(name: str, type_: str, opts: pulumi.ResourceOptions | None) -> pulumi.Input[str | None]:
    """Return the URN that the engine will give to a resource.

    It is made from the parent's URN but carries no dependency on the parent: a dependency on a component includes all of its
    children, so two of them would wait for each other.
    """
    parent = opts.parent if opts else None
    # The URNs of the stack's children do not mention the stack resource.
    if parent is None or parent is pulumi.runtime.get_root_resource():
        # The same as `create_urn`, which takes eight outputs and a millisecond to join these parts.
        return f"urn:pulumi:{pulumi.get_stack()}::{pulumi.get_project()}::{type_}::{name}"
    return pulumi.Output.from_input(create_urn(name, type_, parent).future())


def _build_untyped_aliases(opts: pulumi.ResourceOptions | None) -> list[pulumi.Input[str | pulumi.Alias]]:
    """Return the aliases of a resource from the time when it had no type: by its name and by each of its former names."""
    given = opts.aliases if opts and opts.aliases else []
    return [
        pulumi.Alias(type_=_UNTYPED),
        *(
            pulumi.Alias(alias.name, _UNTYPED, alias.parent, alias.stack, alias.project)
            for alias in given
            if isinstance(alias, pulumi.Alias) and not isinstance(alias.type_, str)
        ),
    ]


def described(kind: type[Resource], resource_name: str | None, opts: pulumi.ResourceOptions | None) -> str:
    """Return how messages name a resource: its class and logical name, and those of its parent."""
    resource = kind.__name__
    if (
        isinstance(resource_name, str)
        and resource_name.isprintable()
        and not is_output_as_text(resource_name)
    ):
        resource = f'{kind.__name__} "{resource_name}"'
    parent = opts.parent if isinstance(opts, pulumi.ResourceOptions) else None
    parent_name = getattr(parent, "pulumi_resource_name", None)  # a reference to a resource has none
    return f'{resource} in {type(parent).__name__} "{parent_name}"' if parent_name else resource


def check_options(resource: str, opts: Any, instead_of_import: str) -> None:
    """Raise InputFault if these are not resource options, or hold one that Pulumi lacks for dynamic resources."""
    if opts is None:
        return
    if not isinstance(opts, pulumi.ResourceOptions):
        raise InputFault(f"{resource}: opts: is {type_of(opts)}. Write pulumi.ResourceOptions(...).")
    if opts.parent is not None and not isinstance(opts.parent, pulumi.Resource):
        raise InputFault(f"{resource}: opts.parent: is {type_of(opts.parent)}. Write a resource.")
    if opts.import_ is not None:
        raise InputFault(
            f"{resource}: import_ does not work for dynamic resources (pulumi/pulumi#16175). {instead_of_import}"
        )


def resolve_names(
    kind: str, resource_name: str | None, name: pulumi.Input[str] | None
) -> tuple[str, pulumi.Input[str]]:
    """Return the logical name and the name in Signals. Each defaults to the other.

    Raises:
        InputFault: Neither is a plain string, or the logical name would be the name in Signals and is not a valid one.
    """
    if resource_name is None:
        if name is None or isinstance(read(name), Later):
            raise InputFault(
                f"{kind}: needs a name. Pass name=..., or a logical name as the first argument. If the name is an output, pass a logical name as well."
            )
        resource_name = read_logical_name(kind, name, "name")
        return resource_name, resource_name
    resource_name = read_logical_name(kind, resource_name)
    if name is not None:
        return resource_name, name
    if not NAME_PATTERN.fullmatch(resource_name):
        raise InputFault(
            f'{kind} "{resource_name}": name is not set, so the logical name is used; {NAME_RULE}. '
            "Pass name=... as well."
        )
    return resource_name, resource_name


def declare_once(gate: Gate | None, kind: str, resource: str, name: pulumi.Input[str] | None) -> None:
    """Raise InputFault if the program has already declared an object of this kind and name.

    Args:
        gate: The gate of the program; None without a deployment, since unit tests of a program declare the same resources
            again and again in one process.
        kind: Its kind in Signals, whatever subclass the program uses.
        resource: The resource, as faults name it.
        name: Its name in Signals. If it is not known yet, create refuses the second one.
    """
    if gate is None or not isinstance(name, str):
        return
    other = gate.names.setdefault((kind, name), resource)
    if other is not resource:
        raise InputFault(
            f'{resource} and {other} are both named "{name}" in Signals. Declare it once, or rename one of them.'
        )


def add_secret_names(props: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs, with one more that names those which hold secrets if any may.

    Inputs that were left out stay as None: Pulumi makes an output of every name that is present, and does not send None.
    """
    undecided = {name: value for name, value in props.items() if _holds_output(value)}
    if not undecided:
        return dict(props)
    return {**props, SECRET: pulumi.Output.from_input(_find_secret_names(undecided))}


async def _find_secret_names(props: Mapping[str, Any]) -> list[str]:
    return [name for name, value in props.items() if await pulumi.Output.from_input(value).is_secret()]


def _build_placeholders(computed: Mapping[str, Computed], props: Inputs) -> dict[str, Any]:
    """Return the placeholders of the outputs that the provider computes."""
    return {
        name: _build_placeholder(each, [props[source] for source in each.sources])
        for name, each in computed.items()
    }


def _build_placeholder(computed: Computed, sources: list[Any]) -> Any:
    if not _holds_output(sources):
        return computed.placeholder
    return pulumi.Output.all(*sources).apply(lambda _: computed.placeholder)


def _holds_output(value: Any) -> bool:
    return has_unknown(_mark_outputs(value))


def _mark_outputs(value: Any) -> Any:
    """Return a value with `UNKNOWN` in place of each output."""
    if isinstance(value, Mapping):
        return {key: _mark_outputs(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_mark_outputs(item) for item in value]
    return value if value is None or isinstance(value, (str, int, float)) else UNKNOWN
