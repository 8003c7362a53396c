"""`quantloom data import` at a terminal: one question, answered by whoever sits there."""

import os
import pty
import select
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest

from quantloom.data import Catalog
from quantloom.data.readers import recall

pytestmark = pytest.mark.untraced

QUANTLOOM = str(Path(sys.executable).with_name("quantloom"))
LONGEST_S = 60
END_OF_INPUT = "\x04"
TRADES = "time,symbol,price,size\n09:30:00,AAPL,10,5\n09:30:01,AAPL,10.5,7\n"
BOTH_WAYS = "date,tic,open,high,low,close,volume\n" + "".join(
    f"03/04/2024 09:{minute},AAPL,10,12,9,11,{minute}00\n" for minute in range(31, 38)
)
BARS = "date,open,high,low,close,volume\n" + "".join(
    f"2024-01-{day:02},10,12,9,11,{day}00\n" for day in range(2, 9)
)


class Talk(NamedTuple):
    """What stood on the screen before and after the answer, and how the command ended."""

    before: str
    after: str
    code: int


def environment(home: Path) -> dict[str, str]:
    settings = {"QUANTLOOM_DATA_DIR": str(home / "catalog"), "QUANTLOOM_LANG": "en"}
    return os.environ | settings | {"HOME": str(home), "TERM": "dumb", "COLUMNS": "160"}


def file_of(folder: Path, text: str) -> Path:
    path = folder / "prices.csv"
    path.write_text(text, encoding="utf-8")
    return path


def talk(file: Path, answer: str) -> Talk:
    """Import a file in a terminal of its own, and type an answer where it asks."""
    screen, terminal = pty.openpty()
    with subprocess.Popen(
        [QUANTLOOM, "data", "import", file.name],
        cwd=file.parent,
        env=environment(file.parent),
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
    ) as command:
        os.close(terminal)
        try:
            before = read_screen(screen, until="?")
            os.write(screen, answer.encode())
            after = read_screen(screen)
            return Talk(before, after, command.wait(LONGEST_S))
        finally:
            os.close(screen)
            command.kill()


def read_screen(screen: int, until: str | None = None) -> str:
    """Read what is shown, to the end or until a question waits for its answer."""
    shown = b""
    while until is None or not (until.encode() in shown and shown.endswith(b": ")):
        ready, _, _ = select.select([screen], [], [], LONGEST_S)
        assert ready, f"nothing came after {shown.decode()}"
        try:
            piece = os.read(screen, 4_096)
        except OSError:  # so a terminal says that nobody has it open any more
            piece = b""
        if not piece:
            break
        shown += piece
    return shown.decode()


def test_the_day_that_a_human_types_is_that_of_the_stored_ticks(tmp_path: Path) -> None:
    told = talk(file_of(tmp_path, TRADES), "2014-06-05\n")

    assert told.before.endswith("Which day are they of (YYYY-MM-DD)?: ")
    assert told.code == 0
    assert "stored 2 ticks of AAPL.US" in told.after
    (info,) = Catalog(tmp_path / "catalog").list_ticks()
    assert (info.symbol, info.start.date()) == ("AAPL.US", date(2014, 6, 5))


def test_an_order_of_day_and_month_that_a_human_types_is_kept_for_the_next_file(
    tmp_path: Path,
) -> None:
    file = file_of(tmp_path, BOTH_WAYS)

    told = talk(file, "day first\n")

    assert "2024-04-03 with the day first, 2024-03-04 with the month first" in told.before
    assert told.code == 0
    (info,) = Catalog(tmp_path / "catalog").list()
    assert info.start.date() == date(2024, 4, 3)
    assert (
        recall(tmp_path / "catalog", BOTH_WAYS.partition("\n")[0].split(",")).dates == "day-first"
    )


@pytest.mark.parametrize(("answer", "symbol"), [("RB2410", "rb2410.SHFE"), ("", "prices.LOCAL")])
def test_a_name_that_a_human_types_or_leaves_is_that_of_the_stored_bars(
    answer: str, symbol: str, tmp_path: Path
) -> None:
    told = talk(file_of(tmp_path, BARS), f"{answer}\n")

    assert told.before.count("?") == 1
    assert told.before.endswith("[prices.LOCAL]: ")
    assert told.code == 0
    assert f"stored 7 bars of {symbol} 1d" in told.after
    (info,) = Catalog(tmp_path / "catalog").list()
    assert (info.symbol, info.rows) == (symbol, 7)


@pytest.mark.parametrize(
    ("answer", "code", "said"),
    [("soon\n", 2, "day is 'soon', not a date"), (END_OF_INPUT, 1, "Aborted")],
)
def test_no_good_answer_stores_nothing(answer: str, code: int, said: str, tmp_path: Path) -> None:
    told = talk(file_of(tmp_path, TRADES), answer)

    assert told.code == code
    assert said in told.after
    assert "Traceback" not in told.after
    assert not (tmp_path / "catalog").exists()


def test_without_a_terminal_a_question_ends_in_the_flag_that_answers_it(tmp_path: Path) -> None:
    file = file_of(tmp_path, TRADES)

    refused = subprocess.run(
        [QUANTLOOM, "data", "import", file.name],
        cwd=tmp_path,
        env=environment(tmp_path),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=LONGEST_S,
    )

    assert refused.returncode == 2
    assert refused.stderr == (
        "error: prices.csv: The times have no date. Which day are they of (YYYY-MM-DD)? "
        "Say so by --day\n"
    )
    assert not (tmp_path / "catalog").exists()
