"""One fault of a program's inputs, and how pydantic's report becomes a list of them."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, get_args

from pydantic import BaseModel, ValidationError, ValidationInfo, model_validator
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from pulumi_snowplow_signals.fields.text import key_in_path, printable
from pulumi_snowplow_signals.fields.unknown import UNKNOWN
from pulumi_snowplow_signals.fields.values import LARGEST_EXACT_INTEGER, as_carried

FOUND: Final = "\0"
"""Stands in a fault's text for the value that was found, so that it can be withheld where it is a secret."""

TAG: Final = "#"
"""Begins the tags of unions, which pydantic puts into its locations and no user wants to read."""

_OWN: Final = "signals"
_LONGEST_SHOWN: Final = 60

_REASONS: Final = {
    "missing": "is required",
    "string_type": f"is {FOUND}; expected a string",
    "bool_type": f"is {FOUND}; expected true or false",
    "list_type": f"is {FOUND}; expected a list",
    "model_type": f"is {FOUND}; expected an object",
    "dict_type": f"is {FOUND}; expected an object",
}


@dataclass(frozen=True)
class Fault:
    """One fault: where it is, in the user's own terms, and what to do about it.

    Attributes:
        path: Where it is, such as `criteria.all[1].operator`; empty for the resource as a whole.
        reason: What is wrong and what is allowed; `FOUND` in it stands for the value.
        found: The value.
        detail: What hints at the value.
        key: The name that does not exist below `path`, if that is the fault.
    """

    path: str
    reason: str
    found: Any = None
    detail: str = ""
    key: str = ""

    def __str__(self) -> str:
        """Return it in full."""
        reason = self.reason.replace(FOUND, _show(self.found)) + self.detail
        path = ".".join(part for part in (self.path, key_in_path(self.key)) if part)
        return f"{path}: {reason}" if path else reason

    def without_values(self) -> str:
        """Return it without the value, and without anything that hints at it."""
        reason = f"{'has a key that ' if self.key else ''}{self.reason.replace(FOUND, 'a secret')}"
        return f"{self.path}: {reason}" if self.path else reason

    @property
    def field(self) -> str:
        """The input that it is in."""
        return field_of(self.path) or self.key


def fault(reason: str, detail: str = "") -> PydanticCustomError:
    """Build a fault for a validator to raise.

    Args:
        reason: What is wrong and what is allowed; `FOUND` in it is replaced by the value in question.
        detail: What hints at the value, so that it is left out where the value is a secret.
    """
    # Braces would be taken for a template.
    return PydanticCustomError(_OWN, "{reason}", {"reason": reason, "detail": detail})


def add_faults(error: ValidationError, more: Iterable[InitErrorDetails]) -> ValidationError:
    """Return pydantic's report with more lines at its end."""
    return ValidationError.from_exception_data(error.title, [*map(_line_of, error.errors()), *more])


def judged_whole(judge: Callable[[Mapping[str, Any]], Iterable[tuple[str, str]]]) -> Any:
    """Build a validator of a model that yields, beside the faults of its fields, those of the fields together.

    Pydantic's own validators of a whole model only run once every field is right, and would hide what they have to say.

    Args:
        judge: Yields the faults of an object as it is written, each as a reason and what hints at values, as `fault` takes
            them. Any value in the object may be of a wrong type, or `UNKNOWN`.
    """

    def validate(cls: Any, raw: Any, read: Callable[[Any], Any], info: ValidationInfo) -> Any:
        faults = [*judge(raw)] if isinstance(raw, Mapping) and info.context is None else []
        lines = [InitErrorDetails(type=fault(*each), input=None) for each in faults]
        try:
            value = read(raw)
        except ValidationError as error:
            raise add_faults(error, lines) from None
        if lines:
            raise ValidationError.from_exception_data(cls.__name__, lines)
        return value

    as_method: Any = classmethod(validate)
    return model_validator(mode="wrap")(as_method)


def faults_of(error: ValidationError, model: type[BaseModel], inputs: Collection[str] = ()) -> list[Fault]:
    """Translate pydantic's report on a model. What is unknown has no fault.

    Args:
        error: The report.
        model: The model that was read.
        inputs: The names of all inputs of the resource, if the model has only some of them.
    """
    found = [details for details in error.errors(include_url=False) if details["input"] is not UNKNOWN]
    return [_fault_of(details, model, inputs) for details in found]


def suggestion(found: object, allowed: Iterable[str]) -> str:
    """Return ` Did you mean "x"?` for the nearest of the allowed words, or nothing."""
    near = difflib.get_close_matches(str(found).lower(), list(allowed), n=1, cutoff=0.6)
    return f' Did you mean "{near[0]}"?' if near else ""


def path_of(location: Sequence[str | int]) -> str:
    """Return a location as a program would write it: `criteria.all[1].operator`."""
    path = ""
    for step in location:
        if isinstance(step, int):
            path += f"[{step}]"
        elif not step.startswith(TAG):
            path += f".{key_in_path(step)}" if path else key_in_path(step)
    return path


def field_of(path: str) -> str:
    """Return the input that a path leads into."""
    return re.split(r"[.\[]", path, maxsplit=1)[0]


def _line_of(details: ErrorDetails) -> InitErrorDetails:
    kind: Any = details["type"]
    if kind == _OWN:
        kind = PydanticCustomError(_OWN, "{reason}", details["ctx"])
    return InitErrorDetails(type=kind, loc=details["loc"], input=details["input"], ctx=details.get("ctx", {}))


def _fault_of(details: ErrorDetails, model: type[BaseModel], inputs: Collection[str]) -> Fault:
    location, kind = details["loc"], details["type"]
    if kind == _OWN:
        context = details["ctx"]
        return Fault(
            path_of(location), str(context["reason"]), details["input"], str(context.get("detail", ""))
        )
    if kind == "extra_forbidden":
        allowed = list(inputs if inputs and len(location) == 1 else _names_at(model, location[:-1]))
        reason, key = f"does not exist; allowed: {', '.join(allowed)}.", str(location[-1])
        return Fault(path_of(location[:-1]), reason, detail=suggestion(key, allowed), key=key)
    return Fault(
        path_of(location), _REASONS.get(kind) or f"is {FOUND}, which cannot be read", details["input"]
    )


def _names_at(model: type[BaseModel], location: Sequence[str | int]) -> list[str]:
    """Return the names that the object at a location may have, in the order of their declaration."""
    models = [model]
    for step in location:
        held = [each.model_fields[step].annotation for each in models if step in each.model_fields]
        models = [below for annotation in held for below in _models_in(annotation)] or models
    return [*dict.fromkeys(name for each in models for name in each.model_fields)]


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models_in(argument)


def _show(value: Any) -> str:
    text = json.dumps(_as_written(value), ensure_ascii=False, default=repr)
    cut = text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
    return printable(cut)


def _as_written(value: Any) -> Any:
    """Return whole numbers as a program writes them: Pulumi hands them all over as floats."""
    if isinstance(value, float):
        return as_carried(value) if abs(value) <= LARGEST_EXACT_INTEGER else value
    if isinstance(value, Mapping):
        return {key: _as_written(item) for key, item in value.items()}
    return [_as_written(item) for item in value] if isinstance(value, (list, tuple)) else value
