"""What a run of an indicator's kernel is."""

from collections.abc import Callable
from typing import Any

from quantloom.kit import FloatArray

Columns = tuple[FloatArray, ...]
State = tuple[Any, ...]
Run = tuple[Callable[[Columns, State, FloatArray], None], State]
"""A kernel and what it remembers: it reads columns and writes one row of `out` for each output."""
