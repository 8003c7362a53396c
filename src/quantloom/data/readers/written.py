"""The ways in which files write times, and what is read of them."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from quantloom.kit import BoolArray, IntArray
from quantloom.kit.clock import NS_PER_SECOND

NS_PER_DAY = 86_400 * NS_PER_SECOND
LAST_NS = np.iinfo(np.int64).max
NS_PER_MS = 1_000_000


class Written(StrEnum):
    """How the cells of a column write their times."""

    TEXT = "text"
    ISO = "iso"
    DAY_FIRST = "day first"
    MONTH_FIRST = "month first"
    TYPED = "typed"
    YMD = "yyyymmdd"
    YMD_H = "yyyymmddhh"
    YMD_HM = "yyyymmddhhmm"
    YMD_HMS = "yyyymmddhhmmss"
    YMD_HMSF = "yyyymmddhhmmssmmm"
    SECONDS = "unix seconds"
    MILLIS = "unix milliseconds"
    MICROS = "unix microseconds"
    NANOS = "unix nanoseconds"
    EXCEL = "excel days"
    HM = "hhmm"
    HMS = "hhmmss"
    HMSF = "hhmmssmmm"
    DAY_SECONDS = "seconds of the day"
    DAY_MILLIS = "milliseconds of the day"
    DAY_MICROS = "microseconds of the day"
    DAY_NANOS = "nanoseconds of the day"


EPOCHS = {
    Written.SECONDS: NS_PER_SECOND,
    Written.MILLIS: NS_PER_MS,
    Written.MICROS: 1_000,
    Written.NANOS: 1,
}
OF_DAY = {
    Written.DAY_SECONDS: NS_PER_SECOND,
    Written.DAY_MILLIS: NS_PER_MS,
    Written.DAY_MICROS: 1_000,
    Written.DAY_NANOS: 1,
}
CLOCKS = (Written.HM, Written.HMS, Written.HMSF)
TEXTS = (Written.TEXT, Written.ISO, Written.DAY_FIRST, Written.MONTH_FIRST)


@dataclass(frozen=True, slots=True)
class Moments:
    """Times of rows.

    Attributes:
        ns: (n,) what the clock on the wall showed, as nanoseconds since 1970-01-01 00:00 of that
            clock; since midnight where `has_date` is False. 0 where unreadable.
        offset: (n,) nanoseconds that clock is ahead of UTC; None where the source does not say.
        unreadable: (n,) True where the cell is empty or no time.
    """

    ns: IntArray
    unreadable: BoolArray
    offset: IntArray | None = None
    has_date: bool = True


def holds_date(written: Written | str) -> bool:
    """Whether a way of writing numbers brings the date; text and types say so themselves."""
    return Written(written) not in (*CLOCKS, *OF_DAY)


def is_instant(written: Written | str) -> bool:
    """Whether a way of writing counts from 1970 in UTC, and so needs no zone."""
    return Written(written) in EPOCHS
