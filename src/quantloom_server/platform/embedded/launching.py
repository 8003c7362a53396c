"""Commands that give up rights and end with the process that starts them; see `launch.py`."""

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from quantloom_server.platform.embedded.account import Account

_LAUNCH = Path(__file__).with_name("launch.py")


def tied_to_us(
    command: Sequence[str | Path], at_our_end: signal.Signals, account: Account | None = None
) -> list[str]:
    """The command to start instead, from this very process.

    Args:
        command: the program, by its whole path, and its arguments.
        at_our_end: what the kernel sends it when the thread that starts it ends.
        account: who it becomes; by default nobody else.
    """
    uid, gid = (-1, -1) if account is None else (account.uid, account.gid)
    head = (sys.executable, "-I", "-S", _LAUNCH, os.getpid(), int(at_our_end), uid, gid)
    return [str(part) for part in (*head, *command)]
