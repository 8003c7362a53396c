"""Funding rates from a file, as venues and archives write them."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa

from quantloom.data.arrow import Column
from quantloom.data.readers.figures import read_figures
from quantloom.data.readers.moments import guess_written, is_two_way, read_moments
from quantloom.data.readers.opening import open_tables
from quantloom.data.readers.raw import UnreadableFile
from quantloom.data.readers.written import Moments, Written
from quantloom.trading import FundingRates

_TIMES = ("ts", "time", "timestamp", "calc_time", "fundingtime", "datetime", "date")
_RATES = ("rate", "funding_rate", "fundingrate", "last_funding_rate", "open")
_COLUMNS = (_TIMES, _RATES)


def read_funding(path: Path) -> FundingRates:
    """Read when funding was paid on one contract, and at which rate.

    Args:
        path: CSV or Parquet with a column of times (`ts`, `time`, `timestamp`, `calc_time`,
            `fundingTime`, `datetime` or `date`; UTC where they name no zone) and one of rates as
            shares (`rate`, `funding_rate`, `fundingRate`, `last_funding_rate`, or `open` as
            freqtrade writes it), in any order. A row without a rate is not known, as if it were
            not there.
    Raises:
        FileNotThere: the path leads to no file.
        UnreadableFile: it is no table, lacks one of the two columns, holds no such times, or
            dates that can be read day or month first.
        BadFundingRates: two payments in one minute, or a rate that is no number.
    """
    table = open_tables(path)[0]
    places = {name.strip().lower(): place for place, name in enumerate(table.columns)}
    found = [place for names in _COLUMNS for place in _first(names, places)]
    if len(found) < len(_COLUMNS):
        wanted = f"a column of times ({', '.join(_TIMES)}) and one of rates ({', '.join(_RATES)})"
        raise UnreadableFile(path, f"it needs {wanted}")
    whole = pa.Table.from_batches(list(table.batches()))
    cells = whole.column(str(found[0]))
    times = _times(path, cells)
    rates, _ = read_figures(whole.column(str(found[1])))
    if times.unreadable.any():
        row = int(np.argmax(times.unreadable)) + 1
        raise UnreadableFile(path, f"row {row} has no readable time")
    ns = times.ns if times.offset is None else times.ns - times.offset
    known = ~np.isnan(rates)
    order = np.argsort(ns[known], kind="stable")
    return FundingRates(ns[known][order], rates[known][order])


def _times(path: Path, cells: Column) -> Moments:
    found = read_moments(cells, guess_written(cells, may_be_clock=False)[0])
    if not is_two_way(cells):
        return found
    first, second = (read_moments(cells, way) for way in (Written.DAY_FIRST, Written.MONTH_FIRST))
    if first.unreadable.any() or second.unreadable.any() or np.array_equal(first.ns, second.ns):
        return found
    problem = "its dates can be read day or month first; write them as 2024-01-31"
    raise UnreadableFile(path, problem)


def _first(names: tuple[str, ...], places: Mapping[str, int]) -> list[int]:
    """Where the first of the names stands; nowhere if none is there."""
    return [places[name] for name in names if name in places][:1]
