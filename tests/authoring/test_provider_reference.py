"""What Pulumi stores of the providers in every stack: an address that is the same for ever, and readable by every Python."""

from __future__ import annotations

import base64
import json
import os
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pulumi.dynamic import ResourceProvider

from pulumi_snowplow_signals import dynamic

MODULE = "pulumi_snowplow_signals.dynamic"

# A change here is one that strands every stack that was ever deployed.
STORED = {
    "RuleInterventionProvider": (
        "gASVQwAAAAAAAACMH3B1bHVtaV9zbm93cGxvd19zaWduYWxzLmR5bmFtaWOUjBhSdWxlSW50ZXJ2ZW50aW9uUHJvdmlkZXKUk5QpgZQu"
    ),
    "DirectInterventionProvider": (
        "gASVRQAAAAAAAACMH3B1bHVtaV9zbm93cGxvd19zaWduYWxzLmR5bmFtaWOUjBpEaXJlY3RJbnRlcnZlbnRpb25Qcm92aWRlcpSTlCmBlC4="
    ),
    "AttributeKeyProvider": (
        "gASVPwAAAAAAAACMH3B1bHVtaV9zbm93cGxvd19zaWduYWxzLmR5bmFtaWOUjBRBdHRyaWJ1dGVLZXlQcm92aWRlcpSTlCmBlC4="
    ),
    "ServiceProvider": (
        "gASVOgAAAAAAAACMH3B1bHVtaV9zbm93cGxvd19zaWduYWxzLmR5bmFtaWOUjA9TZXJ2aWNlUHJvdmlkZXKUk5QpgZQu"
    ),
    "StreamAttributeGroupProvider": (
        "gASVRwAAAAAAAACMH3B1bHVtaV9zbm93cGxvd19zaWduYWxzLmR5bmFtaWOUjBxTdHJlYW1BdHRyaWJ1dGVHcm91cFByb3ZpZGVylJOUKYGULg=="
    ),
    "BatchAttributeGroupProvider": (
        "gASVRgAAAAAAAACMH3B1bHVtaV9zbm93cGxvd19zaWduYWxzLmR5bmFtaWOUjBtCYXRjaEF0dHJpYnV0ZUdyb3VwUHJvdmlkZXKUk5QpgZQu"
    ),
    "ExternalBatchAttributeGroupProvider": (
        "gASVTgAAAAAAAACMH3B1bHVtaV9zbm93cGxvd19zaWduYWxzLmR5bmFtaWOUjCNFeHRlcm5hbEJhdGNoQXR0cmlidXRlR3JvdXBQcm92aWRlcpSTlCmBlC4="
    ),
    "LiveVersionProvider": (
        "gASVPgAAAAAAAACMH3B1bHVtaV9zbm93cGxvd19zaWduYWxzLmR5bmFtaWOUjBNMaXZlVmVyc2lvblByb3ZpZGVylJOUKYGULg=="
    ),
}

NAMES = tuple(STORED)

SERIALIZES = f"""
import json
from pulumi.dynamic.dynamic import serialize_provider
from {MODULE} import {", ".join(NAMES)}
print(json.dumps({{kind.__name__: serialize_provider(kind()) for kind in ({", ".join(NAMES)})}}))
"""

# Without Pulumi, which that Python need not have: what is asked for has to be a class of ours and nothing else.
READS = """
import base64, io, json, pickle, sys

class Reader(pickle.Unpickler):
    def find_class(self, module, name):
        return type(name, (), {"__module__": module})

read = [Reader(io.BytesIO(base64.b64decode(text))).load() for text in json.loads(sys.argv[1])]
print(json.dumps([[type(each).__module__, type(each).__name__, vars(each)] for each in read]))
"""


def told(python: str, program: str, *arguments: str, **variables: str) -> object:
    """Return what a program prints as JSON."""
    done = subprocess.run(
        [python, "-c", program, *arguments],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **variables},
    )
    return json.loads(done.stdout)


def found(minor: int) -> str | None:
    """Find a Python 3.`minor`, which need not be on PATH."""
    kept = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    candidates = [shutil.which(f"python3.{minor}"), *map(str, kept.glob(f"3.{minor}.*/bin/python"))]
    return next((candidate for candidate in candidates if candidate and is_python(candidate, minor)), None)


def is_python(command: str, minor: int) -> bool:
    """Return whether a command really starts that Python: some stand for one that is not chosen here."""
    program = f"import sys; sys.exit(sys.version_info[:2] != (3, {minor}))"
    return subprocess.run([command, "-c", program], capture_output=True, check=False).returncode == 0


def test_every_provider_is_pinned() -> None:
    """What is stored of a provider is held from its first release on."""
    kinds = [kind for kind in vars(dynamic).values() if isinstance(kind, type)]
    own = {kind.__name__ for kind in kinds if issubclass(kind, ResourceProvider)} - {
        "ResourceProvider",
        "_Provider",
    }
    assert own == STORED.keys()


@pytest.mark.skipif(pickle.DEFAULT_PROTOCOL != 4, reason="this Python pickles in another protocol")
@pytest.mark.parametrize("seed", ["0", "1", "random"])
def test_what_is_stored_is_the_same_in_every_run(seed: str) -> None:
    """Whatever order a run's sets and dicts have, the bytes are those of every release."""
    assert told(sys.executable, SERIALIZES, PYTHONHASHSEED=seed) == STORED


def test_what_is_stored_loads_as_a_provider() -> None:
    """The address leads to the class, also in a release that others wrote the state for."""
    for name, text in STORED.items():
        provider = pickle.loads(base64.b64decode(text))
        assert (type(provider).__module__, type(provider).__name__) == (MODULE, name)
        assert vars(provider) == {}


@pytest.mark.parametrize("minor", range(10, 15))
def test_every_python_reads_what_is_stored(minor: int) -> None:
    """It asks for one class of ours, in a protocol that is old enough, and for no code of the Python that wrote it."""
    python = found(minor)
    if python is None:
        pytest.skip(f"there is no Python 3.{minor} here")
    assert told(python, READS, json.dumps(list(STORED.values()))) == [[MODULE, name, {}] for name in STORED]
