"""Declares COUNT cheap resources."""

import os

from cheap import Cheap

for number in range(int(os.environ["COUNT"])):
    Cheap(f"cheap-{number}", f"text {number}")
