"""Every preset on futures, A-shares and crypto under the rule book, at costs a trader knows.

Bars are those of the packaged set. It holds daily shares alone, one coin, and no perpetual: the
minutes of a share, a second coin that moves with the first, a second future that moves with
rebar, and a perpetual are made of them or by a random walk, and say so by their names.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import numpy as np
import pytest

from quantloom.backtest import BacktestResult, backtest
from quantloom.data import open_catalog
from quantloom.data.synthetic import random_walk
from quantloom.kit import to_ns
from quantloom.market import Bars, get_calendar
from quantloom.strategy import BadParameter, Strategy, presets
from quantloom.strategy.presets import MomentumRotation, OpeningRange, Pairs, SmaCross

pytestmark = pytest.mark.untraced

D = Decimal
REBAR, COIL = "rb-MAIN.SHFE", "hc-MAIN.SHFE"
SHARE, BANK = "600519.SSE", "600000.SSE"
COIN, ETHER = "BTC-USD.COINBASE", "ETH-USD.COINBASE"
PERPETUAL, TWIN = "BTC-USDT-PERP.BINANCE", "ETH-USDT-PERP.BINANCE"
PRESETS: tuple[type[Strategy], ...] = tuple(
    found
    for name in presets.__all__
    if isinstance(found := getattr(presets, name), type) and issubclass(found, Strategy)
)

# Of the parameters that a preset needs for as little as these bars, or for a pair that is made.
PARAMETERS: Mapping[type[Strategy], Mapping[str, Any]] = {
    MomentumRotation: {"top": 1, "lookback": 60, "skip": 5, "absolute": False},
    OpeningRange: {"minutes": 60, "latest": 600},
    Pairs: {"window": 100},
}


# The perpetual takes 120 coins at once and no more.
CASH = {"futures": 2_000_000, "shares": 2_000_000, "crypto": 200_000, "perpetual": 100_000}


@dataclass(frozen=True)
class Trade:
    """A fill as a trader sees it; `rate` is its commission as a share of the money traded."""

    symbol: str
    day: date
    is_buy: bool
    quantity: Decimal
    money: Decimal
    rate: Decimal
    cause: str


# Data


@cache
def read(symbol: str, timeframe: str, count: int = 1_000) -> Bars:
    """The last bars of the packaged set."""
    return open_catalog().read(symbol, timeframe)[-count:]


def moves_with(bars: Bars, symbol: str, *, digits: int) -> Bars:
    """Made: half of another price, around which it swings by some percent for weeks at a time."""
    swing, shocks = 0.0, np.random.default_rng(7).normal(0, 0.006, len(bars))
    swings = np.array([swing := 0.9 * swing + shock for shock in shocks])
    prices = {
        name: np.round(getattr(bars, name) * 0.5 * np.exp(swings), digits)
        for name in ("open", "high", "low", "close")
    }
    return Bars.of(symbol, str(bars.timeframe), ts=bars.ts, volume=bars.volume, **prices)


@cache
def minutes_of_a_share() -> Bars:
    """Made: half hours of Shanghai's sessions."""
    calendar = get_calendar("cn_stock")
    opens = [
        moment
        for day in calendar.trading_days(date(2019, 1, 2), date(2019, 6, 28))
        for session in calendar.sessions(day)
        for moment in range(to_ns(session.open), to_ns(session.close), 30 * 60 * 10**9)
    ]
    walk = random_walk(len(opens), 7, timeframe="30m", volatility=0.004)
    return replace(walk, symbol=SHARE, ts=np.array(opens), volume=walk.volume * 10_000)


@cache
def perpetual() -> Bars:
    """Made: the coin's hours, as those of a perpetual five years later."""
    hours = read(COIN, "1h", 3_000)
    later = hours.ts + int(np.timedelta64(5 * 366, "D") / np.timedelta64(1, "ns"))
    prices = {name: np.round(getattr(hours, name), 1) for name in ("open", "high", "low", "close")}
    return Bars.of(PERPETUAL, "1h", ts=later, volume=hours.volume, **prices)


def data_of(market: str, preset: type[Strategy]) -> Any:
    if preset is Pairs or preset is MomentumRotation:
        listed = several(market, is_pair=preset is Pairs)
        return {bars.symbol: bars for bars in listed}
    is_of_days = preset is not OpeningRange
    return {
        "futures": read(REBAR, "1d") if is_of_days else read(REBAR, "5m", 6_000),
        "shares": read(SHARE, "1d") if is_of_days else minutes_of_a_share(),
        "crypto": read(COIN, "1h", 3_000),
        "perpetual": perpetual(),
    }[market]


def several(market: str, *, is_pair: bool) -> list[Bars]:
    rebar, coin, swap = read(REBAR, "1d"), read(COIN, "1d"), perpetual()
    others = [read("m-MAIN.DCE", "1d"), read("TA-MAIN.CZCE", "1d")]
    return {
        "futures": [rebar, *([moves_with(rebar, COIL, digits=0)] if is_pair else others)],
        "shares": [read(SHARE, "1d"), read(BANK, "1d")],
        "crypto": [coin, moves_with(coin, ETHER, digits=2)],
        "perpetual": [swap, moves_with(swap, TWIN, digits=2)],
    }[market]


def ran(market: str, preset: type[Strategy], weight: int | None = None) -> BacktestResult:
    return _ran(market, preset.__name__, weight)


@cache
def _ran(market: str, name: str, weight: int | None) -> BacktestResult:
    preset = getattr(presets, name)
    return backtest(
        preset,
        data_of(market, preset),
        parameters=PARAMETERS.get(preset, {}),
        rules=True,
        cash=CASH[market],
        weight=weight,
    )


def trades_of(result: BacktestResult) -> list[Trade]:
    return list(_trades(result))


def _trades(result: BacktestResult) -> Iterator[Trade]:
    multipliers = {one.symbol: one.multiplier for one in result.spec.instruments}
    days = dict(zip(result.equity["ts_ns"].tolist(), result.days.tolist(), strict=True))
    for row in result.fills.rows():
        money = row["quantity"] * row["price"] * multipliers[row["symbol"]]
        day = days[row["ts_ns"]]
        yield Trade(
            row["symbol"],
            day,
            row["side"] == "buy",
            row["quantity"],
            money,
            row["commission"] / money,
            row["cause"],
        )


# What holds in every market

RUNS = [
    (preset, market)
    for preset in PRESETS
    for market in ("futures", "shares", "crypto", "perpetual")
    # A pair sells one of its two short.
    if not (preset is Pairs and market in {"shares", "crypto"})
]


def of(*markets: str) -> pytest.MarkDecorator:
    runs = [(preset, market) for preset, market in RUNS if market in markets]
    names = [f"{preset.__name__}-{market}" for preset, market in runs]
    return pytest.mark.parametrize(("preset", "market"), runs, ids=names)


@of("futures", "shares", "crypto", "perpetual")
@pytest.mark.sample(0.5)
def test_a_preset_trades_whole_lots_by_the_rule_book(preset: type[Strategy], market: str) -> None:
    result = ran(market, preset)

    assert result.rules is not None
    assert result.hashes.rules == result.rules.version
    lots = {one.symbol: one.lot for one in result.spec.instruments}
    assert len(result.fills) > 1
    assert all(not one.quantity % lots[one.symbol] for one in trades_of(result))


def test_the_lots_are_those_of_the_markets() -> None:
    lots = {
        one.symbol: one.lot
        for market in ("futures", "shares", "crypto", "perpetual")
        for one in ran(market, SmaCross).spec.instruments
    }

    assert lots == {REBAR: 1, SHARE: 100, COIN: D("1e-8"), PERPETUAL: D("0.001")}


# Costs


@of("futures")
def test_futures_cost_about_a_basis_point_a_side(preset: type[Strategy], market: str) -> None:
    for one in trades_of(ran(market, preset)):
        # Rebar at its exchange: 0.45 in ten thousand before 2019 and nothing for what is closed
        # on its day, 1 in ten thousand since. The others pay some yuan a lot of tens of thousands.
        assert one.rate == 0 or D("0.00003") < one.rate < D("0.0003")
        if one.symbol == REBAR and one.day >= date(2019, 1, 2):
            assert one.rate == D("0.0001")


@of("shares")
def test_shares_cost_three_basis_points_and_a_sale_its_duty(
    preset: type[Strategy], market: str
) -> None:
    # Below 16,667 the least of 5 yuan is more than 0.03 %.
    large = [one for one in trades_of(ran(market, preset)) if one.money > 16_667]

    # 0.03 % and a transfer fee of 0.002 % at most; 0.1 % of duty until 2023, of sales alone.
    assert {one.is_buy for one in large} == {True, False}
    for one in large:
        duty = 0 if one.is_buy else D("0.001")
        assert D("0.0003") <= one.rate - duty <= D("0.00033")


@of("crypto")
def test_coins_cost_what_the_tiers_of_the_exchange_say(preset: type[Strategy], market: str) -> None:
    rates = [one.rate.normalize() for one in trades_of(ran(market, preset))]

    # Its first tier takes 0.6 % of who takes and 0.4 % of who gives; who trades much pays less.
    assert rates[0] in {D("0.006"), D("0.004")}
    assert all(D("0.0005") <= rate <= D("0.006") for rate in rates)


@of("perpetual")
def test_perpetuals_cost_five_basis_points_to_take_and_two_to_give(
    preset: type[Strategy], market: str
) -> None:
    trades = trades_of(ran(market, preset))

    assert {one.rate.normalize() for one in trades} <= {D("0.0005"), D("0.0002")}
    assert {one.rate.normalize() for one in trades if one.cause == "market"} <= {D("0.0005")}


# What may be sold


@of("shares")
def test_no_share_is_sold_on_the_day_of_its_purchase(preset: type[Strategy], market: str) -> None:
    bought: dict[tuple[str, date], Decimal] = defaultdict(D)
    held: dict[str, Decimal] = defaultdict(D)
    for one in trades_of(ran(market, preset)):
        key = one.symbol, one.day
        if one.is_buy:
            bought[key] += one.quantity
            held[one.symbol] += one.quantity
        else:
            assert one.quantity <= held[one.symbol] - bought[key]
            held[one.symbol] -= one.quantity


@pytest.mark.parametrize("preset", [one for one in PRESETS if "both_sides" in one.parameters])
def test_only_futures_are_sold_short(preset: type[Strategy]) -> None:
    parameters = {**PARAMETERS.get(preset, {}), "both_sides": True}
    terms: dict[str, Any] = {"parameters": parameters, "rules": True, "cash": 2_000_000}

    result = backtest(preset, data_of("futures", preset), **terms)

    assert "sell" in result.round_trips["side"].tolist()
    with pytest.raises(BadParameter, match="short"):
        backtest(preset, data_of("shares", preset), **terms)


@pytest.mark.parametrize(("market", "first"), [("shares", SHARE), ("crypto", COIN)])
def test_a_pair_of_what_cannot_be_sold_short_is_refused(market: str, first: str) -> None:
    with pytest.raises(BadParameter, match=f"would sell {re.escape(first)} short"):
        ran(market, Pairs)


# Margin


@pytest.mark.parametrize(
    ("market", "least", "most"),
    # Five times the equity: a future asks for a tenth of that, a share for all of it.
    [("futures", 4, 12), ("shares", 0.9, 1)],
)
def test_credit_is_what_the_margin_of_the_market_gives(
    market: str, least: float, most: float
) -> None:
    equity = ran(market, SmaCross, weight=5).equity

    used = (equity["gross_exposure"] / equity["equity"]).max()

    assert least < used <= most + 1e-9
