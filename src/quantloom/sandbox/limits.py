"""How much a job may use."""

import math
from dataclasses import dataclass, fields

from quantloom.sandbox.errors import BadLimit

MIB = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds of one job; reaching one ends it.

    Attributes:
        memory: bytes of address space beyond what is loaded and the payload.
        cpu_s: seconds of processor time, rounded up to whole ones.
        wall_s: seconds from start to answer.
        output: bytes of the answer.
        log: bytes of standard output and standard error together.
        progress: bytes of all that is told on the way.
    """

    memory: int = 1024 * MIB
    cpu_s: float = 60.0
    wall_s: float = 120.0
    output: int = 64 * MIB
    log: int = 256 * 1024
    progress: int = 4 * MIB

    def __post_init__(self) -> None:
        for one in fields(self):
            value: object = getattr(self, one.name)
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            if not is_number or not math.isfinite(value) or value <= 0:  # type: ignore[operator, arg-type]
                raise BadLimit(one.name, value)
