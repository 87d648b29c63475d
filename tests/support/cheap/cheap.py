"""A dynamic provider whose calls cost next to nothing."""

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider


class Nothing(ResourceProvider):
    serialize_as_secret_always = False

    def diff(self, id_, olds, news):
        return DiffResult(changes=olds["text"] != news["text"])

    def create(self, props):
        return CreateResult(f"id of {props['text']}", {**props, "out": props["text"].upper()})


class Cheap(Resource, module="cheap", name="Cheap"):
    out: pulumi.Output[str]

    def __init__(self, name, text):
        super().__init__(Nothing(), name, {"text": text, "numbers": [1, 2, 3], "out": None})
