"""Rows that cannot be bars: out of order, repeated, impossible; and those a reader left out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from quantloom.data.cleaning import CONFLICTING, REPEATED
from quantloom.data.quality.report import Example, Finding, RowAccount
from quantloom.data.quality.view import EXAMPLES
from quantloom.kit import BoolArray, IntArray, from_ns
from quantloom.market import Bars, bar_problems
from quantloom.market.bars import FIELDS

PROBLEMS: Mapping[str, str] = {
    "a price that is not a finite number": "bad_prices",
    "a price that is not above zero": "bad_prices",
    "high below low": "bad_ohlc",
    "open or close outside low to high": "bad_ohlc",
    "negative or infinite volume": "bad_volume",
    REPEATED: "duplicates",
    CONFLICTING: "conflicts",
    "a trade without a price above zero": "bad_prices",
    "a trade without a size above zero": "bad_volume",
    "a snapshot of a day that has traded, without a last price": "bad_prices",
    "a bid above the ask": "crossed_quotes",
    "a level on neither side of the book": "unreadable",
}
"""The check that each problem of `bar_problems` and of a reader belongs to."""

ROW_CHECKS = (
    "unreadable",
    "unsorted",
    "duplicates",
    "conflicts",
    "bad_prices",
    "bad_ohlc",
    "bad_volume",
)
"""What is asked of every row, before bars are made of them."""

_ABOUT_ORDER = 2


@dataclass(frozen=True, slots=True)
class Sifted:
    """Rows told apart.

    Attributes:
        order: (n,) rows by time; those of one time in the order given.
        bad: by check, (n,) masks over the rows as given.
        usable: rows that make bars, by time.
    """

    order: IntArray
    bad: Mapping[str, BoolArray]
    usable: IntArray


def sift(bars: Bars) -> Sifted:
    """Tell rows that make bars from those that cannot, in columns that nobody has checked."""
    bad = {name: np.zeros(len(bars), dtype=np.bool_) for name in ROW_CHECKS[1:]}
    if not len(bars):
        return Sifted(np.empty(0, dtype=np.int64), bad, np.empty(0, dtype=np.int64))
    for problem, mask in list(bar_problems(bars))[_ABOUT_ORDER:]:
        bad[PROBLEMS[problem]] |= mask
    steps = np.diff(bars.ts)
    order = np.arange(len(bars))
    if (steps < 0).any():
        order = np.argsort(bars.ts, kind="stable")
        # A file that runs backwards from end to end is in order, in its own way.
        is_reversed = not (steps > 0).any()
        bad["unsorted"][1:] = (steps < 0) & (not is_reversed)
    is_possible = ~(bad["bad_prices"] | bad["bad_ohlc"] | bad["bad_volume"])
    kept = order[is_possible[order]]
    ts = bars.ts[kept]
    again = np.diff(ts, prepend=ts[:1] - 1) == 0
    if again.any():
        first = kept[np.searchsorted(ts, ts)]
        same = again & _are_equal(bars, kept, first)
        bad["duplicates"][kept[same]] = True
        bad["conflicts"][kept[again & ~same]] = True
    return Sifted(order, bad, kept[~again])


def sound(bars: Bars) -> Sifted:
    """Rows of which every one makes a bar, and which are in order."""
    rows = np.arange(len(bars))
    return Sifted(rows, {}, rows)


def pick(bars: Bars, rows: IntArray) -> Bars:
    """Bars of some rows, as they are."""
    if len(rows) == len(bars) and (np.diff(rows) > 0).all():
        return bars
    columns = {name: getattr(bars, name)[rows] for name in ("ts", *FIELDS)}
    extras = {name: column[rows] for name, column in bars.extras.items()}
    return Bars(bars.symbol, bars.timeframe, **columns, extras=extras)


def row_findings(bars: Bars, sifted: Sifted, account: RowAccount | None) -> Iterator[Finding]:
    """What is wrong with rows, those that a reader left out among them."""
    left_out = _left_out(account)
    unsorted = 0 if account is None else account.unsorted
    read = len(bars) if account is None else max(account.read, len(bars))
    for name in ROW_CHECKS:
        is_bad = sifted.bad.get(name)
        rows = np.empty(0, np.int64) if is_bad is None else np.flatnonzero(is_bad)
        count = len(rows) + left_out.get(name, (0, ""))[0] + (unsorted * (name == "unsorted"))
        if count:
            facts = {"why": left_out[name][1]} if name == "unreadable" else {}
            yield Finding(
                check=name, count=count, of=read, facts=facts, examples=_examples(bars, rows)
            )


def account_findings(rows: int, account: RowAccount | None) -> Iterator[Finding]:
    """What a reader left out, beside so many rows that it kept."""
    if account is None:
        return
    left_out = _left_out(account)
    read = max(account.read, rows)
    if account.unsorted:
        yield Finding(check="unsorted", count=account.unsorted, of=read)
    for name, (count, why) in left_out.items():
        facts = {"why": why} if name == "unreadable" else {}
        yield Finding(check=name, count=count, of=read, facts=facts)


def _left_out(account: RowAccount | None) -> dict[str, tuple[int, str]]:
    found: dict[str, tuple[int, str]] = {}
    for problem, count in () if account is None else account.dropped:
        name = PROBLEMS.get(problem, "unreadable")
        before, why = found.get(name, (0, ""))
        found[name] = (before + count, f"{why}, {problem}" if why else problem)
    return found


def _examples(bars: Bars, rows: IntArray) -> tuple[Example, ...]:
    return tuple(
        Example(
            time=from_ns(int(bars.ts[row])),
            values={name: float(getattr(bars, name)[row]) for name in FIELDS},
        )
        for row in rows[:EXAMPLES].tolist()
    )


def _are_equal(bars: Bars, rows: IntArray, others: IntArray) -> BoolArray:
    equal: BoolArray = np.ones(len(rows), dtype=np.bool_)
    for column in (*(getattr(bars, name) for name in FIELDS), *bars.extras.values()):
        mine, its = column[rows], column[others]
        equal &= (mine == its) | (np.isnan(mine) & np.isnan(its))
    return equal
