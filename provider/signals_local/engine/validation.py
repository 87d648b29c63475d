"""The base of every model that is read from a file: it is parsed strictly, and the first fault becomes one phrase.

The phrase says where the fault is, what was expected and what kind of value was found. It never repeats the value, since a
configuration may contain one that nobody should see.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, Final, NoReturn

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

_KINDS: Final = {
    str: "text",
    bool: "a boolean",
    int: "a number",
    float: "a number",
    list: "a list",
    dict: "a mapping",
}
_EXPECTED: Final = {
    "string_type": "text",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
}


_HALF_CHARACTER: Final = re.compile(r"\\u[dD][89a-fA-F]")


def parse_json(text: bytes | str) -> Any:
    """Return a JSON value. Pydantic's own parser fails on deep trees that a program may well contain.

    Raises:
        ValueError: The text is not JSON in UTF-8, contains an unpaired surrogate, or is nested too deeply.
    """
    try:
        if isinstance(text, bytes):
            text = text.decode()
        found = json.loads(text, parse_constant=_refuse_constant)
        if _HALF_CHARACTER.search(text):
            json.dumps(found, ensure_ascii=False).encode()
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


class Strict(BaseModel):
    """A model whose values have exactly the declared types."""

    model_config = ConfigDict(frozen=True, strict=True)


class Stored(Strict):
    """A model in which null means an omitted value."""

    @model_validator(mode="before")
    @classmethod
    def _drop_nulls(cls, found: Any) -> Any:
        if not isinstance(found, dict):
            return found
        return {key: value for key, value in found.items() if value is not None}


def first_fault(error: ValidationError) -> str:
    """Return the first fault, such as `deployment.resources[0] should be a mapping, not null`."""
    fault = error.errors(include_url=False)[0]
    place = _path(fault["loc"]) or "it"
    if fault["type"] == "missing":
        return f"{place} is missing"
    if expected := _EXPECTED.get(fault["type"]):
        return f"{place} should be {expected}, not {kind_of(fault['input'])}"
    return f"{place} {fault['msg'].removeprefix('Input ').removeprefix('String ')}"


def kind_of(value: Any) -> str:
    """Return the kind of a value, in words."""
    return "null" if value is None else _KINDS.get(type(value), f"a {type(value).__name__}")


def _path(parts: Sequence[int | str]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts).removeprefix(".")
