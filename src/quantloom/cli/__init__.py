"""The console script `quantloom`: commands that need no server, each loaded when it is called.

Further commands come from installed packages by the entry-point group `quantloom.commands`.
"""

from quantloom.cli.entry import main

__all__ = ["main"]
