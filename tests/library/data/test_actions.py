from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from quantloom.data import BadActionFile, FileNotThere, read_actions
from quantloom.market import Action

D = Decimal


def written(folder: Path, text: str) -> Path:
    path = folder / "actions.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_line_is_an_action_and_an_empty_cell_what_it_is_without(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "symbol,ex_day,pay_day,cash,bonus,split\n"
        "600000.SH,2024-06-19,2024-06-21,0.2,0.3,\n"
        "MADE.LOCAL,2024-06-20,,,,7\n",
    )

    assert read_actions(path) == (
        Action(
            symbol="600000.SSE",
            ex_day=date(2024, 6, 19),
            pay_day=date(2024, 6, 21),
            cash=D("0.2"),
            bonus=D("0.3"),
        ),
        Action(symbol="MADE.LOCAL", ex_day=date(2024, 6, 20), split=D(7)),
    )


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("symbol,day,cash\n", 1, "unknown columns day"),
        ("symbol,cash\n600000.SSE,1\n", 1, "no symbol or no ex_day"),
        ("symbol,ex_day,cash\n600000.SSE,19.6.2024,1\n", 2, "'19.6.2024' in ex_day is no day"),
        ("symbol,ex_day,cash\n600000.SSE,2024-06-19,much\n", 2, "'much' is not a finite number"),
        ("symbol,ex_day,cash\n600000.SSE,,1\n", 2, "ex_day"),
        ("symbol,ex_day,cash\n600000.SSE,2024-06-19,1,2\n", 2, "more cells than columns"),
        ("symbol,ex_day\n600000.SSE,2024-06-19\n", 2, "changes nothing"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(
    tmp_path: Path, text: str, line: int, problem: str
) -> None:
    with pytest.raises(BadActionFile) as caught:
        read_actions(written(tmp_path, text))

    assert caught.value.line == line
    assert problem in caught.value.problem


def test_a_file_that_is_not_there_is_told_of(tmp_path: Path) -> None:
    with pytest.raises(FileNotThere):
        read_actions(tmp_path / "none.csv")
