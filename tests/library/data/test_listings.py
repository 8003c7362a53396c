"""Listings from a file."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from quantloom.data import BadListingsFile, FileNotThere, read_listings
from quantloom.market import DaySpan


def write(folder: Path, text: str) -> Path:
    path = folder / "listings.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_is_read_line_by_line(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "symbol,delisted,issue_price,special_treatment\n"
        "600000.SH,2024-03-11,10.00,2021-04-30/2022-06-15 2023-05-04/\n"
        "688001,,,\n",
    )

    first, second = read_listings(path)

    assert (first.symbol, second.symbol) == ("600000.SSE", "688001.SSE")
    assert (first.delisted, first.issue_price) == (date(2024, 3, 11), Decimal(10))
    spans = DaySpan(date(2021, 4, 30), date(2022, 6, 15)), DaySpan(date(2023, 5, 4), None)
    assert first.special_treatment == spans
    assert (second.listed, second.final_price) == (None, None)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("code,listed\n600000,2024-01-01\n", 1),
        ("symbol,name\n600000,x\n", 1),
        ("symbol,listed\n600000,soon\n", 2),
        ("symbol,issue_price\n600000,dear\n", 2),
        ("symbol,special_treatment\n600000,2024-01-01\n", 2),
        ("symbol,listed\n600000,2024-01-01,more\n", 2),
        ("symbol\n600000\n600000.SSE\n", 3),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(tmp_path: Path, text: str, line: int) -> None:
    with pytest.raises(BadListingsFile) as told:
        read_listings(write(tmp_path, text))

    assert told.value.line == line


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotThere):
        read_listings(tmp_path / "none.csv")
