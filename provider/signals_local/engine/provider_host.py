"""Run Pulumi's own dynamic provider server, and end it when the engine is gone. The engine starts this script.

`python -m pulumi.dynamic` survives its killed parent, and would finish its calls behind the back of the next run. This script starts
the same module, with its address read from standard input, whose end means that the engine died.
"""

from __future__ import annotations

import os
import runpy
import sys
import threading


def main() -> None:
    """Serve until the engine closes the pipe."""
    sys.path[0] = os.getcwd()  # noqa: PTH109 -- as `python -m` has it, so that the program's own modules are found
    import pulumi.dynamic  # noqa: PLC0415 -- loaded while the engine is still starting

    engine = os.fdopen(os.dup(0), "rb")
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123 -- a descriptor is needed, no path
        os.dup2(nothing.fileno(), 0)
    address = engine.readline().strip()
    if not address:
        os._exit(1)

    def watch() -> None:
        engine.read()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
    sys.argv = [pulumi.dynamic.__file__, address.decode()]
    runpy.run_module("pulumi.dynamic", run_name="__main__", alter_sys=False)


if __name__ == "__main__":
    main()
