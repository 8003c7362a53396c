"""Random bars, costs and scripts of orders, for running one case through two engines."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

from quantloom.backtest import BacktestResult, backtest
from quantloom.market import Bar, Bars, Instrument, Kind
from quantloom.simulation import Slippage
from quantloom.strategy import Context, Strategy
from quantloom.trading import Commission, Margin, Order, Rate
from tests.library.backtest import reference_engine
from tests.library.backtest.builders import HOUR_NS, SYMBOL

_D = Decimal
# The first bars lie in the last hours of a day, so that a run spans two trading days.
_START_NS = 20 * HOUR_NS
_DAY_HOURS = 24

Settings = dict[str, Any]
Row = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """Bars as (open, high, low, close, volume), what to send after each, and the terms."""

    bars: list[tuple[Any, ...]]
    script: list[list[Row]]
    terms: Settings


def make_case(random: Random) -> Case:
    terms = _terms(random)
    count = random.randint(2, 14)
    bars = _walk(random, count, terms)
    closes = [close for *_, close, _ in bars]
    script = [_actions(random, close, terms) for close in closes]
    return Case(bars, script, terms)


def _terms(random: Random) -> Settings:
    pick = random.choice
    tick, lot, multiplier = (
        pick(["0.01", "0.25", "5"]),
        pick(["1", "100", "0.1"]),
        pick(["1", "10"]),
    )
    rates = [(_D(0), _D(0)), (_D("0.001"), _D(0)), (_D(0), _D("0.5")), (_D("0.0003"), _D("1.5"))]
    start = pick([3, 40, 100, 100, 100])
    unit = start * _D(tick) * _D(lot) * _D(multiplier)
    return {
        "start": start,
        "tick": _D(tick),
        "lot": _D(lot),
        "multiplier": _D(multiplier),
        "is_margined": pick([False, True]),
        "can_short": pick([True, True, False]),
        "cash": unit * pick([_D("0.5"), _D("2.5"), _D(6), _D(20), _D(500)]),
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
        "size": pick([None, 2 * _D(lot)]),
        "weight": pick([_D("0.95"), _D(1), _D(2)]),
    }


def _walk(random: Random, count: int, terms: Settings) -> list[Any]:
    # Some sources quote finer than the tick; some know no volume.
    finest = random.choice([_D(1), _D(1), _D("0.3")]) * terms["tick"]
    traded = random.choice([[float("nan")], [0.0], [3.0], [0.0, 3.0, 3.0], [float("nan"), 3.0]])
    at, bars = terms["start"], []
    for _ in range(count):
        opened = max(at + random.choice([0, 0, 0, 1, -1, 6, -6]), 1)
        at = max(opened + random.randint(-4, 4), 1)
        high = max(opened, at) + random.choice([0, 0, 1, 5])
        low = max(min(opened, at) - random.choice([0, 0, 1, 5]), 1)
        prices = [count * finest for count in (opened, high, low, at)]
        bars.append((*prices, random.choice(traded)))
    return bars


def _actions(random: Random, close: Decimal, terms: Settings) -> list[Row]:
    count = random.choice([0, 0, 1, 1, 2, 4])
    return [_action(random, close, terms) for _ in range(count)]


def _action(random: Random, close: Decimal, terms: Settings) -> Row:
    lot, tick = terms["lot"], terms["tick"]
    do = random.choice(
        [
            "buy",
            "buy",
            "short",
            "short",
            "sell",
            "cover",
            "target",
            "value",
            "weight",
            "close",
            "cancel",
        ]
    )
    if do == "cancel":
        return {"do": do, "order": random.randint(0, 8)}
    if do == "close":
        return {"do": do}
    if do == "weight":
        return {"do": do, "quantity": random.choice([_D("0.5"), _D(1), _D(-1), _D(0), _D(3)])}
    if do == "value":
        return {"do": do, "quantity": random.randint(-8, 8) * lot * close * terms["multiplier"]}
    if do == "target":
        return {
            "do": do,
            "quantity": random.choice([_D(1), _D("1.5")]) * random.randint(-9, 9) * lot,
        }
    action: Row = {"do": do}
    lots = random.choice([None, None, _D(1), _D(2), _D(5), _D("1.5"), _D(0), _D(100_000)])
    action["quantity"] = None if lots is None else lots * lot
    kind = random.choice(["market", "price", "price", "stop", "stop"])
    if kind != "market":
        odd = random.choice([_D(0)] * 12 + [_D("0.5")])
        ticks = close // tick + random.randint(-6, 6)
        action[kind] = (ticks + odd) * tick
    return action


def run_reference(case: Case) -> Row:
    """Run the plain engine, in fractions."""
    terms = {name: _fraction(value) for name, value in case.terms.items()}
    for name in ("open", "close", "close_today"):
        by_money, by_unit = case.terms[name]
        terms[name] = {"by_money": Fraction(by_money), "by_unit": Fraction(by_unit)}
    bars = [
        dict(zip(("open", "high", "low", "close"), map(Fraction, prices), strict=True))
        # A bar of unknown volume fills like one with volume.
        | {"volume": 0 if volume == 0 else 1, "day": (hour + 20) // _DAY_HOURS}
        for hour, (*prices, volume) in enumerate(case.bars)
    ]
    script = [
        [{name: _fraction(value) for name, value in action.items()} for action in actions]
        for actions in case.script
    ]
    return reference_engine.run(bars, script, terms)


def _fraction(value: Any) -> Any:
    return Fraction(value) if isinstance(value, Decimal) else value


def run_product(case: Case) -> BacktestResult:
    """Run the engine under test."""
    terms = case.terms
    rates: Settings = {name: Rate(*terms[name]) for name in ("open", "close", "close_today")}
    taxes = {name: terms[name] for name in ("minimum", "sell_tax", "transfer")}
    opens, highs, lows, closes, volumes = zip(*case.bars, strict=True)
    return backtest(
        _scripted(case.script),
        Bars.of(
            SYMBOL,
            "1h",
            ts=[_START_NS + hour * HOUR_NS for hour in range(len(opens))],
            open=[float(price) for price in opens],
            high=[float(price) for price in highs],
            low=[float(price) for price in lows],
            close=[float(price) for price in closes],
            volume=volumes,
        ),
        instrument=Instrument(
            symbol=SYMBOL,
            kind=Kind.FUTURE if terms["is_margined"] else Kind.STOCK,
            tick_size=terms["tick"],
            lot=terms["lot"],
            multiplier=terms["multiplier"],
            can_short=terms["can_short"],
        ),
        cash=terms["cash"],
        commission=Commission(**(rates | taxes)),
        margin=Margin(terms["margin_long"], terms["margin_short"]),
        slippage=Slippage(terms["slip_ticks"], terms["slip_ratio"]),
        size=terms["size"],
        weight=None if terms["size"] is not None else terms["weight"],
    )


def _scripted(script: list[list[Row]]) -> type[Strategy]:
    class Scripted(Strategy):
        row = -1

        def initialize(self, ctx: Context) -> None:
            self.sent: list[Order] = []

        def on_bar(self, ctx: Context, bar: Bar) -> None:
            self.row += 1
            for action in script[self.row]:
                order = self.act(ctx, **action)
                self.sent += [] if order is None else [order]

        def act(self, ctx: Context, do: str, quantity: Any = None, **terms: Any) -> Order | None:
            if do == "cancel":
                for order in self.sent[terms["order"] : terms["order"] + 1]:
                    ctx.cancel(order)
                return None
            if do == "close":
                return ctx.close(SYMBOL)
            if do in {"target", "value", "weight"}:
                method = {"target": "target_quantity"}.get(do, f"target_{do}")
                return getattr(ctx, method)(SYMBOL, quantity)  # type: ignore[no-any-return]
            return getattr(ctx, do)(SYMBOL, quantity, **terms)  # type: ignore[no-any-return]

    return Scripted
