"""Counts the memory in use, on both sides: Python's objects and the C heap of TA-Lib's handles."""

import ctypes
import gc
import tracemalloc
from collections.abc import Callable


class _Mallinfo(ctypes.Structure):
    _fields_ = [
        (name, ctypes.c_size_t)
        for name in (
            *("arena", "ordblks", "smblks", "hblks", "hblkhd"),
            *("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
        )
    ]


_library = ctypes.CDLL(None)
can_count = hasattr(_library, "mallinfo2")


def growth_of(work: Callable[[], None], *, little: int) -> int:
    """Bytes that each run of the work leaves in use; what only the first one takes is not counted.

    A cache that fills once, in the library or in a coverage tracer, is no growth; a value kept for
    each bar is there again after every run. A run that leaves less than `little` is the last.
    """
    _library.mallinfo2.restype = _Mallinfo
    tracemalloc.start()
    # What is there already is not searched for garbage at each count.
    gc.freeze()
    try:
        least = _growth_of_one(work)
        for _ in range(2):
            if least < little:
                break
            least = min(least, _growth_of_one(work))
        return least
    finally:
        gc.unfreeze()
        tracemalloc.stop()


def _growth_of_one(work: Callable[[], None]) -> int:
    before = _in_use()
    work()
    return _in_use() - before


def _in_use() -> int:
    gc.collect()
    info = _library.mallinfo2()
    return int(info.uordblks + info.hblkhd) + tracemalloc.get_traced_memory()[0]
