"""`python -m ... URL N`: migrates a database, and is killed as it sends its n-th statement."""

import asyncio
import os
import signal
import sys
from itertools import count
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

from quantloom_server.platform import migrating

if __name__ == "__main__":
    url, at = sys.argv[1], int(sys.argv[2])
    numbers = count(1)

    def die_in_turn(*_: Any) -> None:
        if next(numbers) == at:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", die_in_turn)
    asyncio.run(migrating.upgrade(url))
