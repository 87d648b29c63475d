"""Owners whose addresses are taken without the library that judges the others."""

import json
import subprocess
import sys

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given
from hypothesis import strategies as st

from pulumi_snowplow_signals.fields.vocabulary import PLAIN_ADDRESS
from pulumi_snowplow_signals.kinds.intervention import Intervention

RULE = {"name": "a", "criteria": {"attribute": "g:a", "operator": "is null"}}
LONGEST = f"{'.'.join(['a' * 20] * 3)}@{'-'.join(['b' * 20] * 3)}.com"


@given(st.from_regex(PLAIN_ADDRESS, fullmatch=True))
def test_the_library_takes_every_plain_address(address: str) -> None:
    """What is taken without the library, the library takes, too, and as it is."""
    assert validate_email(address, check_deliverability=False).normalized == address


def test_the_library_takes_the_longest_plain_address() -> None:
    """The longest parts that a plain address has are no longer than the library allows."""
    assert PLAIN_ADDRESS.fullmatch(LONGEST)
    validate_email(LONGEST, check_deliverability=False)


@pytest.mark.parametrize(
    "domain", ["acme.test", "acme.local", "acme.invalid", "acme.onion", "a.arpa", "xn--a.com", "localhost"]
)
def test_what_the_library_refuses_is_refused(domain: str) -> None:
    """A name that cannot be used with mail is no plain address, so the library refuses it."""
    with pytest.raises(EmailNotValidError):
        validate_email(f"team@{domain}", check_deliverability=False)
    faults = Intervention.parse({**RULE, "owner": f"team@{domain}"}).faults
    assert [fault.path for fault in faults] == ["owner"]


def test_a_plain_address_does_not_load_the_library() -> None:
    """A program whose owners have plain addresses never loads it; another address does."""
    program = """
import json, sys
from pulumi_snowplow_signals.kinds.intervention import Intervention
def loads(owner):
    Intervention.parse({"name": "a", "owner": owner, "criteria": {"attribute": "g:a", "operator": "is null"}})
    return "email_validator" in sys.modules
print(json.dumps([loads("team@example.com"), loads("Team@example.com")]))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [False, True]
