"""Read corporate actions from a CSV file."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

from quantloom.data.readers.raw import FileNotThere
from quantloom.errors import Invalid
from quantloom.market import Action, BadAction, NotANumber, UnknownSymbol, resolve

_DAYS = ("ex_day", "pay_day", "credit_day")
_REST = "\0"
COLUMNS = tuple(field.name for field in fields(Action))


class BadActionFile(Invalid):
    """A file of corporate actions with a line that is none."""

    code = "data.bad_action_file"

    def __init__(self, path: Path, line: int, problem: str) -> None:
        super().__init__(path, line, problem)
        self.path, self.line, self.problem = path, line, problem

    def __str__(self) -> str:
        told = f"{self.path}, line {self.line}: {self.problem}"
        if self.line > 1:
            return told
        columns = f"symbol and ex_day and any of {', '.join(COLUMNS[2:])}"
        return f"{told}; the first line names the columns, {columns}"


def read_actions(path: Path) -> tuple[Action, ...]:
    """Read a CSV file whose first line names the columns, as the fields of `Action` are called.

    Days are written 2024-06-19; amounts are for one share held before; an empty cell is what the
    field is without one.

    Returns:
        The actions in the order of the file, their symbols spelled as everywhere.
    Raises:
        FileNotThere: there is no such file.
        BadActionFile: a line or a column that cannot be read.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            return tuple(_actions(path, csv.DictReader(file, strict=True)))
    except FileNotFoundError:
        raise FileNotThere(path) from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadActionFile(path, 1, str(error)) from error


def _actions(path: Path, rows: "csv.DictReader[str]") -> Iterator[Action]:
    names = [name.strip() for name in rows.fieldnames or ()]
    rows.fieldnames = names
    unknown = sorted({*names} - {*COLUMNS})
    if unknown or not {"symbol", "ex_day"} <= {*names}:
        problem = f"unknown columns {', '.join(unknown)}" if unknown else "no symbol or no ex_day"
        raise BadActionFile(path, 1, problem)
    rows.restkey = _REST
    for row in rows:
        if _REST in row:
            raise BadActionFile(path, rows.line_num, "it has more cells than columns")
        try:
            yield _action(row)
        except (BadAction, NotANumber, ValueError) as error:
            raise BadActionFile(path, rows.line_num, str(error)) from error


def _action(row: Mapping[str, str]) -> Action:
    cells: dict[str, Any] = {name: text.strip() for name, text in row.items() if text}
    cells = {name: text for name, text in cells.items() if text}
    if "symbol" not in cells or "ex_day" not in cells:
        raise ValueError("it has no symbol or no ex_day")
    days = {name: _day(name, cells[name]) for name in _DAYS if name in cells}
    return Action(**cells | days | {"symbol": _spelled(cells["symbol"])})


def _day(column: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} in {column} is no day like 2024-06-19") from None


def _spelled(symbol: str) -> str:
    try:
        return resolve(symbol).symbol
    except UnknownSymbol:  # of a venue that is not known, as in a run over a file
        return symbol
