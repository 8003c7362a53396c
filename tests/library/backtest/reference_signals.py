"""How signals are followed, from docs/reference/signals.md, whose sentences numbers cite."""

import math
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any

from quantloom.simulation import Slippage, SquareRootImpact, counts_volume
from quantloom.strategy import FixedSize, KellyFraction, RiskPerTrade, Signals
from quantloom.trading import Rate, Trailing
from tests.library.backtest import reference_engine
from tests.library.backtest.builders import HOUR_NS
from tests.library.backtest.reference_account import Book, Order, Row
from tests.library.backtest.reference_engine import Lines
from tests.library.backtest.signal_cases import SignalCase

_HUNDRED = 100


def run_signals_plainly(case: SignalCase) -> Book:
    """Follow the signals of a case, which knows no market rules, in fractions."""
    bars, one, symbol = case.bars, case.instrument, case.instrument.symbol
    rows = zip(bars.ts, bars.open, bars.high, bars.low, bars.close, bars.volume, strict=True)
    names = ("open", "high", "low", "close", "volume")
    times = [
        {
            "hour": int(ts) // HOUR_NS,
            "bars": {symbol: dict(zip(names, map(_number, values), strict=True))},
        }
        for ts, *values in rows
    ]
    instrument = {
        "tick": Fraction(one.tick_size),
        "lot": Fraction(one.lot),
        "multiplier": Fraction(one.multiplier),
        "can_short": one.can_short,
        "is_margined": one.is_margined,
        "counts_volume": counts_volume(one),
    }
    script: list[Lines] = [[], *_lines(symbol, case.signals)]
    return reference_engine.run(times, {symbol: instrument}, script, _terms(case))


def _lines(symbol: str, signals: Signals) -> Iterator[Lines]:
    """1: what to send after each bar."""
    if signals.weights is not None:
        for weight in signals.weights.tolist():
            share = _number(weight)
            line = {"do": "weight", "symbol": symbol, "quantity": share}
            yield [] if share is None else [line]  # 8
        return
    columns = {
        name: [False] * len(signals) if column is None else column.tolist()
        for name in ("entries", "exits", "short_entries", "short_exits")
        for column in [getattr(signals, name)]
    }
    for row in range(len(signals)):
        asked = {name: column[row] for name, column in columns.items()}
        yield partial(_follow, symbol, asked, signals)


def _follow(symbol: str, asked: Row, signals: Signals, book: Book) -> list[Row]:
    held = book.held(symbol)
    own = [order for order in book.waiting() if order.entry is None]
    lines: list[Row] = []
    is_left = (held > 0 and asked["exits"]) or (held < 0 and asked["short_exits"])
    if is_left:
        lines += _leave(symbol, held, own, book)
    if own:
        return lines  # 3
    if asked["entries"] and (not held or (held < 0 and signals.turns)):  # 5
        do = "buy"
    elif asked["short_entries"] and (not held or (held > 0 and signals.turns)):
        do = "short"
    else:
        return lines
    if held and not is_left:
        lines += _leave(symbol, held, own, book)  # 4
    return [*lines, {"do": do, "symbol": symbol} | _ways_out(signals)]


def _leave(symbol: str, held: Fraction, own: list[Order], book: Book) -> list[Row]:
    """2: one order closes, and what would add is taken back."""
    adds = [order for order in own if order.sign * held > 0]
    lines: list[Row] = [{"do": "cancel", "order": book.orders.index(order)} for order in adds]
    is_leaving = any(
        order.sign * held < 0 and order.acts_as == "market" and order.cancel_out is None
        for order in own
    )
    if is_leaving:
        return lines
    way_out = {"do": "sell" if held > 0 else "cover", "symbol": symbol, "quantity": abs(held)}
    return [*lines, way_out]


def _ways_out(signals: Signals) -> Row:
    """7: the bracket of each entry."""
    found: Row = {}
    if signals.stop_loss is not None:
        found["stop_loss"] = _half(signals.stop_loss)
    if signals.take_profit is not None:
        found["take_profit"] = _half(signals.take_profit)
    return found


def _half(given: Any) -> Row:
    away: Any = given.distance if isinstance(given, Trailing) else given
    counts = {"ticks": away.ticks, "percent": away.ratio * _HUNDRED, "points": away.points}
    distance = next(
        {"unit": unit, "count": Fraction(count)} for unit, count in counts.items() if count
    )
    return {"distance": distance} | ({"trails": True} if isinstance(given, Trailing) else {})


def _terms(case: SignalCase) -> Row:
    given = case.settings
    commission, margin = given["commission"], given["margin"]
    return {
        "cash": Fraction(given["cash"]),
        "open": _rate(commission.open),
        "close": _rate(commission.close),
        "close_today": _rate(commission.close_today or commission.close),
        "minimum": Fraction(commission.minimum),
        "sell_tax": Fraction(commission.sell_tax),
        "transfer": Fraction(commission.transfer),
        "margin_long": Fraction(margin.long),
        "margin_short": Fraction(margin.short),
        **_slippage(given["slippage"]),
        "participation": _fraction(given["participation"]),
        "latency": given["latency"],
        **_sizing(given["sizing"]),
    }


def _rate(rate: Rate) -> Row:
    return {"by_money": Fraction(rate.by_money), "by_unit": Fraction(rate.by_unit)}


def _slippage(model: Any) -> Row:
    base = model if isinstance(model, Slippage) else model.base
    impact: Row | None = None
    if isinstance(model, SquareRootImpact):
        size = Fraction(model.coefficient)
        impact = {"kind": "square_root", "coefficient": size, "window": model.window}
    elif not isinstance(model, Slippage):
        impact = {"kind": "volume_share", "impact": Fraction(model.impact)}
    ratio = Fraction(base.ratio)
    return {"slip_ticks": Fraction(base.ticks), "slip_ratio": ratio, "impact": impact}


def _sizing(sizing: Any) -> Row:
    if isinstance(sizing, FixedSize):
        return {"size": Fraction(sizing.size), "weight": None}
    if isinstance(sizing, RiskPerTrade):
        return {"size": None, "sizing": {"kind": "risk", "risk": Fraction(sizing.risk)}}
    if isinstance(sizing, KellyFraction):
        names = ("fraction", "cap", "start")
        shares = {name: Fraction(getattr(sizing, name)) for name in names}
        return {"size": None, "sizing": {"kind": "kelly", "least": sizing.least, **shares}}
    return {"size": None, "weight": Fraction(sizing.weight)}


def _number(value: float) -> Fraction | None:
    return None if math.isnan(value) else Fraction(repr(float(value)))


def _fraction(value: Decimal | None) -> Fraction | None:
    return None if value is None else Fraction(value)
