"""`python -m quantloom_server.cli COMMAND`: how `quantloom up` starts the service's own commands.

They are found by their module, so that an installation whose entry points are older than its code
still runs the whole of it.
"""

import gc
import os
import sys
from importlib import import_module
from types import ModuleType

from quantloom.cli.failure import tell_failure
from quantloom_server.platform.embedded.launch import PARENT_GONE
from quantloom_server.platform.supervision.processes import NOTHING, WAITS, WORD

_DECORATION = "rich"


def main() -> None:
    """Run one command; leaves the process with its exit code."""
    name, *arguments = sys.argv[1:]
    waits = os.environ.pop(WAITS, None)
    command = _load(f"quantloom_server.cli.{name}", waits)
    if waits is not None:
        _wait_for_word()
    try:
        command.app(arguments, prog_name=f"quantloom {name}")
    except Exception as error:  # noqa: BLE001  the entry point: told once, never shown raw
        sys.exit(tell_failure(error, arguments))


def _load(module: str, further: str | None) -> ModuleType:
    """Import a command, and what it is told to have ready.

    Each process does that at every start, so what it does not need is spared: structlog loads what
    draws in colours, for a renderer that is not ours, which takes 0.2 s of a core.
    """
    gc.disable()
    sys.modules[_DECORATION] = None  # type: ignore[assignment]
    import_module("structlog")
    del sys.modules[_DECORATION]
    command = import_module(module)
    if further not in {None, NOTHING}:
        import_module(str(further))
    gc.enable()
    # Nothing that lives as long as the process is looked at again, nor copied after a fork.
    gc.freeze()
    return command


def _wait_for_word() -> None:
    """Begin when the supervisor says that what this needs is there; never where it has gone."""
    if sys.stdin.buffer.read(1) != WORD:
        sys.exit(PARENT_GONE)


if __name__ == "__main__":
    main()
