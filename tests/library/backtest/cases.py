"""Random bars, costs and scripts of orders of every kind, for running one case by two engines."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

from quantloom.backtest import BacktestResult, NoPriceYet, backtest
from quantloom.market import Bar, Bars, Instrument, Kind
from quantloom.simulation import Slippage, SquareRootImpact, VolumeShareSlippage
from quantloom.strategy import (
    Context,
    Strategy,
    above,
    at,
    below,
    percent,
    points,
    ticks,
    trailing,
)
from quantloom.trading import Commission, Margin, Order, Rate
from tests.library.backtest import reference_engine
from tests.library.backtest.builders import HOUR_NS
from tests.library.backtest.case_orders import random_action
from tests.library.backtest.reference_account import Book

_D = Decimal
_SECONDS = 3_600
_UNKNOWN = float("nan")
_DISTANCES = {"ticks": ticks, "percent": percent, "points": points}

Row = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """What two engines run.

    Attributes:
        instruments: tick, lot and so on, by symbol.
        bars: (hour, bars by symbol), each bar as (open, high, low, close, volume).
        script: what to send at the start and after each time.
        terms: cash, costs, volume, latency and sizing.
    """

    instruments: dict[str, Row]
    bars: list[tuple[int, dict[str, tuple[Any, ...]]]]
    script: list[list[Row]]
    terms: Row


def make_case(random: Random) -> Case:
    count = random.choice([1, 1, 1, 2, 3])
    instruments = {f"S{place}.LOCAL": _instrument(random) for place in range(count)}
    hours = _hours(random)
    walks = {symbol: _walk(random, hours, one) for symbol, one in instruments.items()}
    bars = [
        (hour, {name: walk[hour] for name, walk in walks.items() if hour in walk}) for hour in hours
    ]
    bars = [(hour, present) for hour, present in bars if present]
    closes = {symbol: one["start"] * one["tick"] for symbol, one in instruments.items()}
    script = [_actions(random, instruments, closes, hours, hours[0] - 1)]
    for hour, present in bars:
        closes |= {symbol: bar[3] for symbol, bar in present.items()}
        script.append(_actions(random, instruments, closes, hours, hour))
    return Case(instruments, bars, script, _terms(random, instruments))


def _instrument(random: Random) -> Row:
    pick = random.choice
    return {
        "kind": pick([Kind.STOCK, Kind.FUTURE, Kind.STOCK, Kind.FUTURE, Kind.FX]),
        "start": pick([3, 40, 100, 100, 100]),
        "tick": _D(pick(["0.01", "0.25", "5"])),
        "lot": _D(pick(["1", "100", "0.1"])),
        "multiplier": _D(pick(["1", "10"])),
        "can_short": pick([True, True, False]),
    }


def _hours(random: Random) -> list[int]:
    """Open times that rise, now and then past the end of a day."""
    hours = [random.choice([18, 20, 22])]
    for _ in range(random.randint(1, 13)):
        hours.append(hours[-1] + random.choice([1, 1, 1, 1, 1, 2, 9, 30]))
    return hours


def _terms(random: Random, instruments: dict[str, Row]) -> Row:
    pick = random.choice
    rates = [(_D(0), _D(0)), (_D("0.001"), _D(0)), (_D(0), _D("0.5")), (_D("0.0003"), _D("1.5"))]
    units = [
        one["start"] * one["tick"] * one["lot"] * one["multiplier"] for one in instruments.values()
    ]
    return {
        "cash": max(units) * pick([_D("0.5"), _D("2.5"), _D(6), _D(20), _D(500)]),
        "open": pick(rates),
        "close": pick(rates),
        "close_today": pick(rates),
        "minimum": pick([_D(0), _D(5)]),
        "sell_tax": pick([_D(0), _D("0.0005")]),
        "transfer": pick([_D(0), _D("0.00001")]),
        "margin_long": pick([_D(1), _D(1), _D("0.1")]),
        "margin_short": pick([_D(1), _D(1), _D("0.15")]),
        "slip_ticks": pick([_D(0), _D(1), _D("2.5")]),
        "slip_ratio": pick([_D(0), _D("0.0005")]),
        "impact": pick([None, None, _volume_share(random), _square_root(random)]),
        "participation": pick([None, _D("0.1"), _D("0.25"), _D("0.25"), _D(1)]),
        "latency": pick([0, 0, 0, 1, 2]),
        "size": pick([None, 2 * max(one["lot"] for one in instruments.values())]),
        "weight": pick([_D("0.95"), _D(1), _D(2)]),
    }


def _volume_share(random: Random) -> Row:
    return {"kind": "volume_share", "impact": random.choice([_D("0.1"), _D("0.02")])}


def _square_root(random: Random) -> Row:
    coefficient = random.choice([_D("0.5"), _D(1)])
    return {"kind": "square_root", "coefficient": coefficient, "window": random.choice([3, 5])}


def _walk(random: Random, hours: list[int], one: Row) -> dict[int, tuple[Any, ...]]:
    """Bars by hour. Some sources quote finer than the tick, leave hours out or know no volume."""
    finest = random.choice([_D(1), _D(1), _D("0.3")]) * one["tick"]
    lot = float(one["lot"])
    some = [0.0, 3 * lot, 10 * lot, 25.5 * lot, 60 * lot]
    traded = random.choice([[_UNKNOWN], [0.0], [1000 * lot], some, [*some, _UNKNOWN], some])
    is_sparse = random.random() < 0.3
    place = one["start"]
    bars: dict[int, tuple[Any, ...]] = {}
    for hour in hours:
        opened = max(place + random.choice([0, 0, 0, 1, -1, 6, -6]), 1)
        place = max(opened + random.randint(-4, 4), 1)
        high = max(opened, place) + random.choice([0, 0, 1, 5])
        low = max(min(opened, place) - random.choice([0, 0, 1, 5]), 1)
        prices = [count * finest for count in (opened, high, low, place)]
        if not bars or not is_sparse or random.random() < 0.7:
            bars[hour] = (*prices, random.choice(traded))
    if is_sparse and len(bars) > 1 and random.random() < 0.5:
        bars.pop(hours[0], None)
    return bars


def _actions(
    random: Random,
    instruments: dict[str, Row],
    closes: dict[str, Decimal],
    hours: list[int],
    now: int,
) -> list[Row]:
    count = random.choice([0, 0, 1, 1, 2, 3])
    return [random_action(random, instruments, closes, hours, now) for _ in range(count)]


# The plain engine


def run_reference(case: Case) -> Book:
    """Run the plain engine, in fractions."""
    terms: Row = {name: _plain(value) for name, value in case.terms.items()}
    for name in ("open", "close", "close_today"):
        by_money, by_unit = case.terms[name]
        terms[name] = {"by_money": Fraction(by_money), "by_unit": Fraction(by_unit)}
    instruments: dict[str, Row] = {
        symbol: {name: _plain(value) for name, value in one.items()}
        | {"is_margined": one["kind"] is Kind.FUTURE, "counts_volume": one["kind"] is not Kind.FX}
        for symbol, one in case.instruments.items()
    }
    times = [
        {"hour": hour, "bars": {symbol: _plain_bar(bar) for symbol, bar in present.items()}}
        for hour, present in case.bars
    ]
    return reference_engine.run(times, instruments, _plain(case.script), terms)


def _plain_bar(bar: tuple[Any, ...]) -> Row:
    *prices, volume = bar
    names = ("open", "high", "low", "close")
    known = None if volume != volume else Fraction(repr(volume))  # noqa: PLR0124  NaN
    return dict(zip(names, map(Fraction, prices), strict=True)) | {"volume": known}


def _plain(value: Any) -> Any:
    """Every decimal as a fraction, however deep it lies."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return Fraction(value) if isinstance(value, Decimal) else value


# The engine under test


def run_product(case: Case) -> BacktestResult:
    terms = case.terms
    rates: Row = {name: Rate(*terms[name]) for name in ("open", "close", "close_today")}
    taxes = {name: terms[name] for name in ("minimum", "sell_tax", "transfer")}
    data = {symbol: _bars(symbol, case) for symbol in case.instruments}
    instruments = {
        symbol: Instrument(
            symbol=symbol,
            kind=one["kind"],
            tick_size=one["tick"],
            lot=one["lot"],
            multiplier=one["multiplier"],
            can_short=one["can_short"],
        )
        for symbol, one in case.instruments.items()
    }
    is_one = len(data) == 1
    return backtest(
        strategy_of(case.script, is_one=is_one),
        next(iter(data.values())) if is_one else data,
        instrument=next(iter(instruments.values())) if is_one else instruments,
        cash=terms["cash"],
        commission=Commission(**(rates | taxes)),
        margin=Margin(terms["margin_long"], terms["margin_short"]),
        slippage=_slippage(terms),
        participation=terms["participation"],
        latency=terms["latency"],
        size=terms["size"],
        weight=None if terms["size"] is not None else terms["weight"],
    )


def _bars(symbol: str, case: Case) -> Bars:
    rows = [(hour, present[symbol]) for hour, present in case.bars if symbol in present]
    hours, bars = zip(*rows, strict=True)
    opens, highs, lows, closes, volumes = zip(*bars, strict=True)
    return Bars.of(
        symbol,
        "1h",
        ts=[hour * HOUR_NS for hour in hours],
        open=[float(price) for price in opens],
        high=[float(price) for price in highs],
        low=[float(price) for price in lows],
        close=[float(price) for price in closes],
        volume=volumes,
    )


def _slippage(terms: Row) -> Slippage | VolumeShareSlippage | SquareRootImpact:
    base, model = Slippage(terms["slip_ticks"], terms["slip_ratio"]), terms["impact"]
    if model is None:
        return base
    if model["kind"] == "volume_share":
        return VolumeShareSlippage(impact=model["impact"], base=base)
    return SquareRootImpact(coefficient=model["coefficient"], window=model["window"], base=base)


def strategy_of(script: list[list[Row]], *, is_one: bool) -> type[Strategy]:
    class Scripted(Strategy):
        def initialize(self, ctx: Context) -> None:
            self.row = -1
            self.sent: list[Order] = []

        def on_start(self, ctx: Context) -> None:
            self.go_on(ctx)

        def go_on(self, ctx: Context) -> None:
            self.row += 1
            for action in script[self.row]:
                order = _act(ctx, self.sent, action)
                self.sent += [] if order is None else [order, *order.children]

    def on_bar(self: Any, ctx: Context, bar: Bar) -> None:
        self.go_on(ctx)

    def on_bars(self: Any, ctx: Context, bars: Any) -> None:
        self.go_on(ctx)

    callbacks = {"on_bar": on_bar} if is_one else {"on_bars": on_bars}
    return type("Scripted", (Scripted,), callbacks)


def _act(ctx: Context, sent: list[Order], action: Row) -> Order | None:
    do = action["do"]
    if do == "cancel":
        for order in sent[action["order"] : action["order"] + 1]:
            ctx.cancel(order)
        return None
    if do == "cancel_all":
        ctx.cancel_all(action["symbol"])
        return None
    if do == "oco":
        linked = [sent[number] for number in action["orders"] if number < len(sent)]
        if len(linked) > 1:
            ctx.oco(*linked)
        return None
    method = {"target": "target_quantity", "value": "target_value", "weight": "target_weight"}
    send = getattr(ctx, str(method.get(do, do)))
    try:
        return send(*_positional(action), **_product_terms(action))  # type: ignore[no-any-return]
    except NoPriceYet:
        return None


def _positional(action: Row) -> Iterable[Any]:
    yield action["symbol"]
    if action["do"] != "close":
        yield action["quantity"]


def _product_terms(action: Row) -> Row:
    terms = {
        name: value for name, value in action.items() if name not in {"do", "symbol", "quantity"}
    }
    if "trail" in terms:
        terms["trail"] = _distance(terms["trail"])
    if "until" in terms:
        terms["until"] = datetime.fromtimestamp(terms["until"] * _SECONDS, UTC)
    if "when" in terms:
        terms["when"] = _condition(terms["when"])
    for name in ("stop_loss", "take_profit"):
        if name in terms:
            half = terms[name]
            given = half["price"] if "price" in half else _distance(half["distance"])
            terms[name] = trailing(given) if half.get("trails") else given
    return terms


def _distance(given: Row) -> Any:
    return _DISTANCES[given["unit"]](given["count"])


def _condition(given: Row) -> Any:
    if "at" in given:
        return at(datetime.fromtimestamp(given["at"] * _SECONDS, UTC))
    return (above if given["is_above"] else below)(given["price"], symbol=given["symbol"])
