"""When a portfolio was rebalanced, what that traded and cost: for people and for programs."""

from typing import Any

import numpy as np

from quantloom.backtest import BacktestResult, Table
from quantloom.cli.output import print_table, say
from quantloom.kit import from_ns

_SHOWN, _LISTED = 5, 20
_HEADINGS = ("Decided", "Orders", "Turnover", "Costs", "Holdings", "Exposure", "Not reached")
_UNKNOWN = "\N{EN DASH}"


def print_rebalances(result: BacktestResult) -> None:
    """Print the last rebalances of a portfolio, the newest first."""
    moments = result.rebalance_moments
    if not moments:
        return
    rows = [
        (
            row["decided"],
            f"{row['orders']:,}",
            _share(row["turnover"]),
            f"{row['commission'] + row['slippage']:,.2f}",
            f"{row['holdings']:,}",
            _share(row["gross"]),
            _share(row["missed"]),
        )
        for row in reversed(_last(result, _SHOWN))
    ]
    print_table("Last rebalances", _HEADINGS, rows, right="lrrrrrr")
    traded = _share(_mean(moments))
    say(f"{len(moments):,} rebalance(s), each buying and selling {traded} of equity on average")


def plain_rebalances(result: BacktestResult) -> dict[str, Any]:
    """How many there were, their mean turnover, and the last ones, the oldest first."""
    moments = result.rebalance_moments
    return {
        "count": len(moments),
        "mean_turnover": _known(_mean(moments)),
        "last": [
            {name: _known(value) for name, value in row.items()} for row in _last(result, _LISTED)
        ],
    }


def _last(result: BacktestResult, count: int) -> list[dict[str, Any]]:
    """Rows with the day, or within a day the time, of the bar at whose close they were decided."""
    moments = result.rebalance_moments
    last = Table({name: column[-count:] for name, column in moments.items()})
    is_intraday = result.bars.timeframe.is_intraday
    found = []
    for row in last.rows():
        ts_ns, day = row.pop("ts_ns"), row.pop("day")
        moment = f"{from_ns(ts_ns):%Y-%m-%d %H:%M}" if is_intraday else str(day)
        found.append({"decided": moment, **row})
    return found


def _mean(moments: Table) -> float:
    known = moments["turnover"][np.isfinite(moments["turnover"])]
    return float(known.mean()) if len(known) else np.nan


def _known(value: Any) -> Any:
    return None if isinstance(value, float) and not np.isfinite(value) else value


def _share(value: float) -> str:
    return f"{value:,.2%}" if np.isfinite(value) else _UNKNOWN
