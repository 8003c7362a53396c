"""What an import stored, told to people: each dataset, or a table of many."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from quantloom.cli.data.described import span
from quantloom.cli.output import print_table, say
from quantloom.data import DatasetInfo, FileBars, FileTicks
from quantloom.data.filing import Stored
from quantloom.kit import SystemClock

_ONE_BY_ONE = 5


@dataclass(frozen=True, slots=True)
class Read:
    """What reading the rows of one instrument took: what was left out and why, and notes."""

    dropped: tuple[tuple[str, int], ...]
    notes: tuple[str, ...]


Held = tuple[FileBars | FileTicks | Read, Stored]


def say_all(held: Sequence[Held]) -> None:
    """Tell what was stored of one file; of many instruments what is common to them is told once."""
    if len(held) <= _ONE_BY_ONE:
        for read, stored in held:
            _say(read, stored)
        return
    dropped: Counter[str] = Counter()
    for read, _ in held:
        dropped.update(dict(read.dropped))
    _say_dropped(dropped)
    rest = [set(read.notes) for read, _ in held[1:]]
    for note in held[0][0].notes:
        if all(note in notes for notes in rest):
            say(f"note: {note}")
    print_table("Stored", _HEADINGS, [_row(stored) for _, stored in held], right="llrlll")
    future = [note for note in (_future(stored) for _, stored in held) if note]
    for note in future[:_ONE_BY_ONE]:
        say(note)
    _say_next(held[0][1])


_HEADINGS = ("Symbol", "Timeframe", "Rows", "Span", "Grade", "What the grade hangs on")


def _row(stored: Stored) -> tuple[str, str, str, str, str, str]:
    info = stored.info
    grade, why = stored.report.grade, stored.report.why()
    if not isinstance(info, DatasetInfo):
        days = f"{info.start:%Y-%m-%d} .. {info.end:%Y-%m-%d}"
        return info.symbol, "ticks", f"{info.rows:,}", days, grade, why
    return info.symbol, str(info.timeframe), f"{info.rows:,}", span(info), grade, why


def _say(read: FileBars | FileTicks | Read, stored: Stored) -> None:
    info = stored.info
    _say_dropped(dict(read.dropped))
    for note in read.notes:
        say(f"note: {note}")
    if _future(stored):
        say(_future(stored))
    say(f"grade {stored.report.grade}: {stored.report.why()}".rstrip(": "))
    if isinstance(info, DatasetInfo):
        say(f"stored {info.rows:,} bars of {info.symbol} {info.timeframe}, {span(info)}")
        _say_next(stored)
        return
    say(f"stored {info.rows:,} ticks of {info.symbol}")


def _say_dropped(dropped: dict[str, int]) -> None:
    for problem, count in dropped.items():
        say(f"left out {count} row(s): {problem}")


def _say_next(stored: Stored) -> None:
    info = stored.info
    if isinstance(info, DatasetInfo):
        say(
            f"next: quantloom backtest run sma-cross --symbol {info.symbol} "
            f"--timeframe {info.timeframe}"
        )


def _future(stored: Stored) -> str:
    """A warning of times that have not come yet: a wrong year, day or unit of time."""
    info = stored.info
    if info.end <= SystemClock().now():
        return ""
    return (
        f"warning: {info.symbol} ends on {info.end:%Y-%m-%d %H:%M}, which has not come yet; see "
        "whether its dates were read right"
    )
