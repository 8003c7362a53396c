"""The kernels of the core mean, compiled, what they say when read as Python."""

import os
import subprocess
import sys
from pathlib import Path

from tests.library.backtest.python_core import outcomes_of

_ROOT = Path(__file__).parents[3]
_SEEDS = range(900, 907)


def test_compiled_kernels_do_what_they_say() -> None:
    given = [sys.executable, "-m", "tests.library.backtest.python_core", *map(str, _SEEDS)]
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1"}
    read = subprocess.run(
        given, cwd=_ROOT, env=environment, capture_output=True, text=True, check=False
    )

    assert read.stderr == ""
    compiled = outcomes_of(_SEEDS)
    assert read.stdout.splitlines() == compiled
    assert sum(one.startswith("vectorised") for one in compiled) >= len(_SEEDS) - 2
