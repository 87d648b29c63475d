"""Faults in a program's inputs, and their translation from pydantic's report."""

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
"""A placeholder in a fault's text for the value that was found. A secret value can then be withheld."""

TAG: Final = "#"
"""The prefix of union tags, which pydantic puts into its locations and which users should not see."""

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
    """One fault: where it is, in the program's terms, and what to do about it.

    Attributes:
        path: Where it is, such as `criteria.all[1].operator`; empty for the resource as a whole.
        reason: What is wrong and what is allowed. `FOUND` in it stands for the value.
        found: The value.
        detail: The end of the sentence, which may reveal something about the value.
        key: The unknown name below `path`, if that is the fault.
    """

    path: str
    reason: str
    found: Any = None
    detail: str = ""
    key: str = ""

    def __str__(self) -> str:
        """Return the fault in full."""
        reason = self.reason.replace(FOUND, _show(self.found)) + self.detail
        path = ".".join(part for part in (self.path, key_in_path(self.key)) if part)
        return f"{path}: {reason}" if path else reason

    def without_values(self) -> str:
        """Return the fault without the value and without anything that reveals it."""
        reason = f"{'has a key that ' if self.key else ''}{self.reason.replace(FOUND, 'a secret')}"
        return f"{self.path}: {reason}" if self.path else reason

    @property
    def field(self) -> str:
        """The input with the fault."""
        return field_of(self.path) or self.key


def fault(reason: str, detail: str = "") -> PydanticCustomError:
    """Build a fault for a validator to raise.

    Args:
        reason: What is wrong and what is allowed. `FOUND` in it is replaced by the value.
        detail: The end of the sentence, which may reveal the value. It is omitted if the value is a secret.
    """
    # Pydantic would treat braces in the text as a template.
    return PydanticCustomError(_OWN, "{reason}", {"reason": reason, "detail": detail})


def add_faults(error: ValidationError, more: Iterable[InitErrorDetails]) -> ValidationError:
    """Return pydantic's report with more faults appended."""
    return ValidationError.from_exception_data(error.title, [*map(_line_of, error.errors()), *more])


def check_together(judge: Callable[[Mapping[str, Any]], Iterable[tuple[str, str]]]) -> Any:
    """Build a model validator that reports faults between fields together with the faults of single fields.

    Pydantic's own model validators run only if every field is valid, so their faults would stay hidden until then.

    Args:
        judge: Yields the faults of an object as written, each as the `reason` and `detail` that `fault` takes. Any value in
            the object may have the wrong type, or be `UNKNOWN`.
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
    """Translate pydantic's report on a model. Unknown values have no faults.

    Args:
        error: The report.
        model: The model that was read.
        inputs: The names of all inputs of the resource, if the model has only some of them.
    """
    found = [details for details in error.errors(include_url=False) if details["input"] is not UNKNOWN]
    return [_fault_of(details, model, inputs) for details in found]


def suggestion(found: object, allowed: Iterable[str]) -> str:
    """Return ` Did you mean "x"?` for the closest allowed word, or an empty string."""
    near = difflib.get_close_matches(str(found).lower(), list(allowed), n=1, cutoff=0.6)
    return f' Did you mean "{near[0]}"?' if near else ""


def path_of(location: Sequence[str | int]) -> str:
    """Return a location as a path, such as `criteria.all[1].operator`."""
    path = ""
    for step in location:
        if isinstance(step, int):
            path += f"[{step}]"
        elif not step.startswith(TAG):
            path += f".{key_in_path(step)}" if path else key_in_path(step)
    return path


def field_of(path: str) -> str:
    """Return the input that a path starts at."""
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
        allowed = list(inputs if inputs and len(location) == 1 else _list_names(model, location[:-1]))
        reason, key = f"does not exist; allowed: {', '.join(allowed)}.", str(location[-1])
        return Fault(path_of(location[:-1]), reason, detail=suggestion(key, allowed), key=key)
    return Fault(
        path_of(location), _REASONS.get(kind) or f"is {FOUND}, which cannot be read", details["input"]
    )


def _list_names(model: type[BaseModel], location: Sequence[str | int]) -> list[str]:
    """Return the field names of the object at a location, in the order of their declaration."""
    models = [model]
    for step in location:
        held = [each.model_fields[step].annotation for each in models if step in each.model_fields]
        models = [below for annotation in held for below in _find_models(annotation)] or models
    return [*dict.fromkeys(name for each in models for name in each.model_fields)]


def _find_models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _find_models(argument)


def _show(value: Any) -> str:
    text = json.dumps(_as_written(value), ensure_ascii=False, default=repr)
    cut = text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
    return printable(cut)


def _as_written(value: Any) -> Any:
    """Return whole numbers as a program writes them, since Pulumi passes every number as a float."""
    if isinstance(value, float):
        return as_carried(value) if abs(value) <= LARGEST_EXACT_INTEGER else value
    if isinstance(value, Mapping):
        return {key: _as_written(item) for key, item in value.items()}
    return [_as_written(item) for item in value] if isinstance(value, (list, tuple)) else value
