"""`python -m quantloom_server.cli COMMAND`: how `quantloom up` starts the service's own commands.

They are found by their module, so that an installation whose entry points are older than its code
still runs the whole of it.
"""

import sys
from importlib import import_module

from quantloom.cli.failure import tell_failure


def main() -> None:
    """Run one command; leaves the process with its exit code."""
    name, *arguments = sys.argv[1:]
    command = import_module(f"quantloom_server.cli.{name}")
    try:
        command.app(arguments, prog_name=f"quantloom {name}")
    except Exception as error:  # noqa: BLE001  the entry point: told once, never shown raw
        sys.exit(tell_failure(error, arguments))


if __name__ == "__main__":
    main()
