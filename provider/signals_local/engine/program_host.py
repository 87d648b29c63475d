"""Run a Pulumi program in its own process. The engine starts this script with the interpreter that the project names.

It imports nothing from this package, so it works in a virtual environment that has only Pulumi. Its settings arrive as one line of
JSON on standard input, so its imports overlap with the start of the engine. The end of the input means that the engine is gone, and
ends this process.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import runpy
import sys
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from typing import Any


def _settings() -> dict[str, Any]:
    """Read the line of settings. Afterwards standard input is empty, and a thread watches the original for its end."""
    engine = os.fdopen(os.dup(0), "rb")
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123 -- a descriptor is needed, no path
        os.dup2(nothing.fileno(), 0)
    line = engine.readline()
    if not line:
        os._exit(1)

    def watch() -> None:
        engine.read()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
    settings: dict[str, Any] = json.loads(line)
    return settings


def _traceback_from(program: str) -> str:
    """Return the traceback, starting at the program's first own frame."""
    frames = traceback.extract_tb(sys.exc_info()[2])
    directory = os.path.dirname(program) if not os.path.isdir(program) else program  # noqa: PTH112, PTH120 -- stays light
    for index, frame in enumerate(frames):
        # Frames of frozen modules have no file.
        if frame.filename[0] != "<" and os.path.dirname(os.path.abspath(frame.filename)) == directory:  # noqa: PTH100, PTH120
            return traceback.format_exc(limit=-(len(frames) - index))
    return traceback.format_exc()


async def _outputs_are_known() -> None:
    """Wait for the program's outputs, as the SDK would do next.

    Whenever an output resolves, the SDK checks all outstanding ones, so its time is quadratic: it took six minutes for 10,000
    resources. At this point a program given to `pulumi.run` has not run yet, and outputs may wait for it; those are left to the
    SDK. So are failed outputs: if they raised here, the SDK would first wait for all registrations.
    """
    from pulumi.runtime.settings import SETTINGS, _get_rpc_manager, get_root_resource  # noqa: PLC0415 -- as in main

    if getattr(get_root_resource(), "_async_program", None) is not None:
        return
    while True:
        with SETTINGS.lock:
            outstanding = list(SETTINGS.outputs)
            SETTINGS.outputs.clear()
        if not outstanding:
            return
        done, still_open = await asyncio.wait(outstanding, return_when=asyncio.FIRST_EXCEPTION)
        failed = [output for output in done if output.cancelled() or output.exception() is not None]
        with SETTINGS.lock:
            SETTINGS.outputs.update(still_open, failed)
        if failed:
            # The SDK first checks outputs before any registration has started; by now all have.
            _get_rpc_manager().rpcs.clear()
            return


def main() -> int:
    """Run the program. The exit code is 0 only if it raised nothing."""
    import pulumi  # noqa: PLC0415 -- imported while the engine is still starting
    import pulumi.runtime  # noqa: PLC0415

    # Like Pulumi's own host, silence asyncio's warnings about futures that were never awaited.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    # The SDK sends five debug messages per resource. The engine drops them, but sending them takes half of the run.
    pulumi.log.debug = lambda *_args, **_options: None
    settings = _settings()
    program: str = settings["program"]
    os.chdir(settings["directory"])
    sys.argv = [program]
    sys.path[0] = program if os.path.isdir(program) else os.path.dirname(program)  # noqa: PTH112, PTH120
    pulumi.runtime.set_all_config(settings["config"], settings["secret_keys"])
    pulumi.runtime.configure(
        pulumi.runtime.Settings(
            monitor=settings["address"],
            engine=settings["address"],
            project=settings["project"],
            stack=settings["stack"],
            organization=settings["organization"],
            root_directory=settings["root"],
            parallel=settings["parallel"],
            dry_run=settings["dry_run"],
        )
    )
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    # Each registration in flight occupies one of these threads.
    loop.set_default_executor(ThreadPoolExecutor(max_workers=settings["parallel"] * 4))

    # A file is always compiled again. For a directory, Python caches the compiled program next to it, secrets included, and
    # reuses the cache until the size or the modification time (in seconds) of the source changes.
    main = os.path.join(program, "__main__.py") if os.path.isdir(program) else program  # noqa: PTH112, PTH118

    async def run() -> None:
        runpy.run_path(main, run_name="__main__")
        await _outputs_are_known()

    try:
        loop.run_until_complete(pulumi.runtime.run_in_stack(run))
    except pulumi.RunError as fault:
        pulumi.log.error(str(fault))
        return 1
    except SystemExit as fault:
        return 0 if fault.code in (None, 0) else 1
    except Exception:  # noqa: BLE001 -- whatever the program raises is shown to its author
        pulumi.log.error("Program failed with an unhandled exception:\n" + _traceback_from(program))
        return 1
    return 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # Threads that still wait for an engine that has given up on them must not keep the process alive.
    os._exit(code)
