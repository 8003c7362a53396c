"""The rebalances of a portfolio: what each traded, cost and left, and the last one in full."""

import numpy as np

from quantloom.backtest import BacktestResult, Table
from quantloom.report.formats import UNKNOWN, LocalClock, fixed, percent
from quantloom.report.tables import MAX_ROWS, Cell, Sheet, sheet_of
from quantloom.report.texts import Words

_HEADS = "decided* orders turnover commission slippage costs holdings gross missed"
_LAST_HEADS = "symbol* before wanted reached turnover commission slippage"
# A thousandth of a percent of equity is a rounding of lots.
_MISSED = 1e-5


def rebalances_sheet(result: BacktestResult, words: Words, clock: LocalClock) -> Sheet:
    """The last rebalances of a portfolio, newest first; none of one instrument."""
    if len(result.data) == 1:
        return sheet_of(words, _HEADS, [])
    moments = result.rebalance_moments
    last = Table({name: column[-MAX_ROWS:] for name, column in moments.items()})
    rows = [
        [
            Cell(_moment(row["ts_ns"], str(row["day"]), clock), row["ts_ns"] // 1_000_000),
            _count(row["orders"]),
            _share(row["turnover"]),
            Cell(fixed(row["commission"]), row["commission"]),
            Cell(fixed(row["slippage"]), row["slippage"]),
            Cell(fixed(row["commission"] + row["slippage"]), row["commission"] + row["slippage"]),
            _count(row["holdings"]),
            _share(row["gross"]),
            _share(row["missed"]),
        ]
        for row in reversed([*last.rows()])
    ]
    return sheet_of(words, _HEADS, rows, len(moments))


def last_rebalance_sheet(result: BacktestResult, words: Words) -> Sheet:
    """Each order of the last rebalance, the largest first; none of one instrument."""
    log = result.rebalances
    if len(result.data) == 1 or not log:
        return sheet_of(words, _LAST_HEADS, [])
    rows = np.flatnonzero(log["ts_ns"] == log["ts_ns"][-1])
    wanted = np.nan_to_num(np.abs(log["wanted"][rows] - log["held"][rows]))
    rows = rows[np.argsort(-wanted, kind="stable")]
    sent = Table({name: column[rows] for name, column in log.items()})
    return sheet_of(
        words,
        _LAST_HEADS,
        [
            [
                Cell(row["symbol"]),
                *(_share(row[name]) for name in ("held", "wanted", "reached", "turnover")),
                *(Cell(fixed(row[name]), row[name]) for name in ("commission", "slippage")),
            ]
            for row in list(sent.rows())[:MAX_ROWS]
        ],
        len(sent),
    )


def rebalances_note(result: BacktestResult, words: Words) -> str:
    """How much a rebalance traded on average, and how often less than was wanted."""
    if len(result.data) == 1 or not result.rebalances:
        return ""
    moments = result.rebalance_moments
    turnover = moments["turnover"][np.isfinite(moments["turnover"])]
    return words(
        "rebalances.note",
        count=fixed(len(moments), 0),
        turnover=percent(turnover.mean(), 1) if len(turnover) else UNKNOWN,
        missed=fixed(int((moments["missed"] > _MISSED).sum()), 0),
    )


def _moment(ts_ns: int, day: str, clock: LocalClock) -> str:
    """A daily bar closes at midnight, so its session tells more than the time of the orders."""
    return day if clock.zone is None else clock.show(ts_ns)


def _count(value: int) -> Cell:
    return Cell(fixed(value, 0), value)


def _share(value: float) -> Cell:
    return Cell(percent(value), value) if np.isfinite(value) else Cell(UNKNOWN)
