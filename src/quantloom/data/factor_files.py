"""Adjustment factors from a file: a table of days and factors, or LEAN's factor files."""

import csv
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import numpy as np

from quantloom.data.readers.raw import FileNotThere
from quantloom.errors import Invalid
from quantloom.kit import DayArray, FloatArray
from quantloom.market import BadFactors, Factors

_HEADER = ("day", "factor", "volume_factor")
_FEWEST = 2
_ONE_DAY = np.timedelta64(1, "D")
_LONG_AGO = np.array(["1900-01-01"], dtype="datetime64[D]")


class BadFactorFile(Invalid):
    """A file of adjustment factors with a line that is none."""

    code = "data.bad_factor_file"

    def __init__(self, path: Path, line: int, problem: str) -> None:
        super().__init__(path, line, problem)
        self.path, self.line, self.problem = path, line, problem

    def __str__(self) -> str:
        return (
            f"{self.path}, line {self.line}: {self.problem}; write a line day,factor and below it "
            "2024-06-19,1.25 and so on, or give a factor file of LEAN"
        )


def read_factors(path: Path, symbol: str) -> Factors:
    """Read adjustment factors.

    Either UTF-8 CSV whose first line is `day,factor` or `day,factor,volume_factor`, as `Factors`
    has them; or a factor file of LEAN, without a header: yyyymmdd, price factor, split factor and
    perhaps a reference price, each in force up to its day. LEAN's are forward factors, by which
    every dividend moves the past; they are turned into backward ones, which nothing moves later.

    Args:
        symbol: whose factors they are, which neither kind of file says.
    Raises:
        FileNotThere: the path leads to no file.
        BadFactorFile: a line or the header cannot be read.
        BadFactors: a factor is not above zero, or days do not rise.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = [[cell.strip() for cell in row] for row in csv.reader(file) if any(row)]
    except FileNotFoundError:
        raise FileNotThere(path) from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadFactorFile(path, 1, str(error)) from error
    if not rows or len(rows[0]) < _FEWEST:
        raise BadFactorFile(path, 1, "there are no factors in it")
    if rows[0][0].isdecimal():
        return _of_lean(path, symbol, rows)
    if tuple(rows[0]) != _HEADER[: len(rows[0])]:
        raise BadFactorFile(path, 1, f"unknown columns {', '.join(rows[0])}")
    return _of_days(path, symbol, rows[1:])


def _of_days(path: Path, symbol: str, rows: Sequence[Sequence[str]]) -> Factors:
    days, numbers = _read(path, rows, "%Y-%m-%d", first_line=2)
    volume = numbers[:, 1] if numbers.shape[1] > 1 else None
    return Factors(symbol=symbol, day=days, factor=numbers[:, 0], volume_factor=volume)


def _of_lean(path: Path, symbol: str, rows: Sequence[Sequence[str]]) -> Factors:
    ends, numbers = _read(path, [row[:3] for row in rows], "%Y%m%d", first_line=1)
    if numbers.shape[1] < _FEWEST:
        raise BadFactorFile(path, 1, "it has no split factor")
    price, split = numbers[:, 0] * numbers[:, 1], numbers[:, 1]
    if not (price > 0).all():
        raise BadFactors(symbol, "a factor that is not above zero")
    first: DayArray = np.append(_LONG_AGO, ends[:-1] + _ONE_DAY)
    return Factors(
        symbol=symbol, day=first, factor=price / price[0], volume_factor=split / split[0]
    )


def _read(
    path: Path, rows: Sequence[Sequence[str]], spelling: str, *, first_line: int
) -> tuple[DayArray, FloatArray]:
    """The day and the numbers of each row."""
    days: list[date] = []
    numbers: list[list[float]] = []
    for line, (day, *cells) in enumerate(rows, first_line):
        try:
            days.append(datetime.strptime(day, spelling).date())  # noqa: DTZ007  a day, no moment
            numbers.append([float(cell) for cell in cells])
        except ValueError as error:
            raise BadFactorFile(path, line, str(error)) from None
        if len(cells) != len(rows[0]) - 1:
            raise BadFactorFile(path, line, f"{len(cells) + 1} cells, not {len(rows[0])}")
    if not days:
        raise BadFactorFile(path, first_line, "there are no factors in it")
    return np.array(days, dtype="datetime64[D]"), np.array(numbers)
