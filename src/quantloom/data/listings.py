"""Listings from a CSV file: one line for each instrument."""

import csv
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from quantloom.data.readers.raw import FileNotThere
from quantloom.errors import Invalid
from quantloom.market import DaySpan, Listing, NotANumber, UnknownSymbol, exact, resolve


class BadListingsFile(Invalid):
    """A file of listings that cannot be read.

    Attributes:
        line: in the file, the first one being 1.
    """

    code = "data.bad_listings_file"

    def __init__(self, path: Path, line: int, problem: str) -> None:
        super().__init__(path, line, problem)
        self.path, self.line, self.problem = path, line, problem

    def __str__(self) -> str:
        return f"{self.path}, line {self.line}: {self.problem}; see docs/how-to/listings.md"


def read_listings(path: Path) -> tuple[Listing, ...]:
    """Read when instruments were listed, delisted and under special treatment.

    Args:
        path: UTF-8 CSV with a column `symbol` and any of `listed`, `delisted`, `issue_price`,
            `final_price` and `special_treatment`; an empty cell is not known. Days are written
            like 2024-01-31, spans of them like `2021-04-30/2022-06-15 2023-05-04/`.
    Raises:
        FileNotThere: the path leads to no file.
        BadListingsFile: a line or the header cannot be read, or a symbol stands there twice.
        BadListing: what a line says cannot be true.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise FileNotThere(path) from None
    except (OSError, UnicodeDecodeError):
        raise BadListingsFile(path, 1, "it is no UTF-8 text") from None
    found: dict[str, Listing] = {}
    for line, row in _rows(text, path):
        listing = _listing(row, path, line)
        if listing.symbol in found:
            raise BadListingsFile(path, line, f"{listing.symbol} stands there twice")
        found[listing.symbol] = listing
    return tuple(found.values())


def _rows(text: str, path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.DictReader(text.splitlines(), restkey="", restval="")
    names = [name.strip() for name in reader.fieldnames or ()]
    reader.fieldnames = names
    if "symbol" not in names:
        raise BadListingsFile(path, 1, "there is no column symbol")
    unknown = set(names) - {"symbol", *_READERS}
    if unknown:
        raise BadListingsFile(path, 1, f"there is no such column as {', '.join(sorted(unknown))}")
    for row in reader:
        if "" in row:
            raise BadListingsFile(path, reader.line_num, "it has more cells than the header")
        yield reader.line_num, {name: cell.strip() for name, cell in row.items()}


def _listing(row: Mapping[str, str], path: Path, line: int) -> Listing:
    read: dict[str, Any] = {}
    for name, reader in _READERS.items():
        cell = row.get(name, "")
        try:
            read |= {name: reader(cell)} if cell else {}
        except (ValueError, NotANumber):
            raise BadListingsFile(path, line, f"{cell!r} is no {name}") from None
    return Listing(symbol=_symbol(row["symbol"]), **read)


def _symbol(text: str) -> str:
    try:
        return resolve(text).symbol
    except UnknownSymbol:
        return text


def _spans(cell: str) -> tuple[DaySpan, ...]:
    return tuple(_span(text) for text in cell.split())


def _span(text: str) -> DaySpan:
    first, slash, last = text.partition("/")
    if not slash:
        raise ValueError(text)
    return DaySpan(date.fromisoformat(first), date.fromisoformat(last) if last else None)


_READERS: dict[str, Callable[[str], object]] = {
    "listed": date.fromisoformat,
    "delisted": date.fromisoformat,
    "issue_price": exact,
    "final_price": exact,
    "special_treatment": _spans,
}
