"""Random bars, signals and settings of one instrument, over the whole range of both engines."""

from dataclasses import dataclass, replace
from decimal import Decimal
from random import Random
from typing import Any

import numpy as np

from quantloom.backtest import BacktestResult, backtest
from quantloom.market import Bars, Instrument, Kind
from quantloom.simulation import Slippage, SquareRootImpact, VolumeShareSlippage
from quantloom.strategy import (
    EquityShare,
    FixedSize,
    KellyFraction,
    RiskPerTrade,
    Signals,
    Strategy,
    VolatilityTarget,
)
from quantloom.trading import (
    AtrDistance,
    Commission,
    Distance,
    Margin,
    Rate,
    atr,
    percent,
    points,
    ticks,
    trailing,
)
from tests.library.backtest.builders import HOUR_NS
from tests.library.backtest.ruled_cases import SHARES, US, bars_of, instrument_of, make_ruled_case

_D = Decimal
_UNKNOWN = float("nan")
HOURS_A_DAY = 24
ENGINES = ("event", "vectorised")

Row = dict[str, Any]


@dataclass(frozen=True)
class SignalCase:
    """What is run: bars, an instrument, signals, and the settings of `backtest`."""

    bars: Bars
    instrument: Instrument
    signals: Signals
    settings: Row

    def run(self, engine: str) -> BacktestResult:
        given: Row = {"instrument": self.instrument, "engine": engine} | self.settings
        return backtest(following(self.signals), self.bars, **given)


def following(signals: Signals) -> type[Strategy]:
    class Given(Strategy):
        def generate_signals(self, bars: Bars) -> Signals:
            return signals

    return Given


def make_signal_case(random: Random) -> SignalCase:
    if random.random() < 0.25:
        return _ruled(random)
    instrument = _instrument(random)
    bars = _bars(random, instrument)
    signals = _signals(random, len(bars))
    price = _D(repr(float(bars.open[0])))
    settings = _settings(random, instrument, price * instrument.lot * instrument.multiplier)
    settings |= _costs(random)
    return _sized(random, SignalCase(bars, instrument, signals, settings))


def _ruled(random: Random) -> SignalCase:
    """A share under the rule book: price limits, locked bars, bought today, least sizes."""
    case = make_ruled_case(random, (*SHARES, *SHARES, US))
    bars, instrument = bars_of(case), instrument_of(case)
    signals = _signals(random, len(bars), may_short=random.random() < 0.3)
    unit = case.market.start * case.market.tick * case.market.lot
    settings = _settings(random, instrument, unit) | {"rules": True}
    if random.random() < 0.2:
        settings |= {"commission": random.choice([0, "0.001"])}
    return _sized(random, SignalCase(bars, instrument, signals, settings))


def _instrument(random: Random) -> Instrument:
    pick = random.choice
    kind = pick([Kind.STOCK, Kind.FUTURE, Kind.STOCK, Kind.FUTURE, Kind.FX])
    return Instrument(
        symbol="TEST.LOCAL",
        kind=kind,
        tick_size=_D(pick(["0.01", "0.25", "5", "0.05"])),
        lot=_D(pick(["1", "100", "0.1", "0.001"])),
        multiplier=_D(pick(["1", "10"])),
        can_short=pick([True, True, True, False]),
    )


def _bars(random: Random, instrument: Instrument) -> Bars:
    """Bars that gap, stand still and tie; some sources quote finer, or know little of volume."""
    pick, count = random.choice, random.randint(15, 110)
    finest = float(pick([_D(1), _D(1), _D(1), _D("0.3")]) * instrument.tick_size)
    lot = float(instrument.lot)
    some = [0.0, 3 * lot, 10 * lot, 25.5 * lot, 60 * lot, 700 * lot]
    traded = pick([[_UNKNOWN], [0.0], [100_000 * lot], some, [*some, _UNKNOWN], some])
    wild, place, hour = pick([1, 3, 8]), pick([3, 40, 100, 100, 2_000]), pick([0, 18, 22])
    rows: list[tuple[Any, ...]] = []
    for _ in range(count):
        opened = max(place + pick([0, 0, 0, 1, -1, 2 * wild, -2 * wild]), 1)
        place = max(opened + random.randint(-wild, wild), 1)
        high = max(opened, place) + pick([0, 0, 1, wild])
        low = max(min(opened, place) - pick([0, 0, 1, wild]), 1)
        prices = [round(one * finest, 10) for one in (opened, high, low, place)]
        rows.append((hour, *prices, pick(traded)))
        hour += pick([1, 1, 1, 1, 1, 2, 9, 30])
    hours, opens, highs, lows, closes, volumes = map(np.array, zip(*rows, strict=True))
    return Bars.of(
        instrument.symbol,
        "1h",
        ts=hours.astype(np.int64) * HOUR_NS,
        open=opens,
        high=highs,
        low=lows,
        close=closes,
        volume=volumes,
    )


def _signals(random: Random, count: int, *, may_short: bool = True) -> Signals:
    if random.random() < 0.2:
        some = [0.0, 0.3, 0.95, 1.0, 2.0] + ([-0.4, -1.0] if may_short else [])
        density = random.choice([0.1, 0.5, 1.0])
        is_set = [random.random() < density for _ in range(count)]
        weights = [random.choice(some) if one else np.nan for one in is_set]
        return Signals(weights=np.array(weights))
    generator = np.random.default_rng(random.getrandbits(32))
    shares = {"entries": random.choice([0.1, 0.4]), "exits": random.choice([0.0, 0.1, 0.5])}
    if may_short and random.random() < 0.7:
        shares["short_entries"] = random.choice([0.1, 0.4])
        shares["short_exits"] = random.choice([0.1, 0.5])
    flags: Row = {name: generator.random(count) < share for name, share in shares.items()}
    return Signals(
        **flags,
        turns=random.random() < 0.5,
        stop_loss=random.choice([None, _stop(random), _stop(random)]),
        take_profit=random.choice([None, _distance(random), _distance(random)]),
    )


def _stop(random: Random) -> Any:
    distance = _distance(random)
    return random.choice([distance, trailing(distance)])


def _distance(random: Random) -> Distance | AtrDistance:
    found: list[Distance | AtrDistance] = [
        atr(random.choice(["2", "0.5", "1.37"]), random.choice([1, 3, 14])),
        ticks(random.choice([1, 3, 8])),
        percent(random.choice(["1", "2.5"])),
        points("0.37"),
    ]
    return random.choice(found)


def _settings(random: Random, instrument: Instrument, unit: Decimal) -> Row:
    pick = random.choice
    base = Slippage(pick([_D(0), _D(0), _D(1), _D("2.5")]), pick([_D(0), _D(0), _D("0.0005")]))
    return {
        "cash": unit * pick([_D("0.5"), _D("2.5"), _D(6), _D(20), _D(500), _D(50_000)]),
        "slippage": pick(
            [
                base,
                base,
                base,
                VolumeShareSlippage(impact=pick([_D("0.1"), _D("0.02")]), base=base),
                SquareRootImpact(coefficient=pick([_D("0.5"), _D(1)]), window=5, base=base),
            ]
        ),
        "participation": pick([None, _D("0.1"), _D("0.25"), _D("0.25"), _D(1)]),
        "latency": pick([0, 0, 0, 1, 2]),
    }


def _costs(random: Random) -> Row:
    pick = random.choice
    rates = [Rate(), Rate(_D("0.001")), Rate(_D(0), _D("0.5")), Rate(_D("0.0003"), _D("1.5"))]
    return {
        "commission": Commission(
            open=pick(rates),
            close=pick(rates),
            close_today=pick([None, *rates]),
            minimum=pick([_D(0), _D(0), _D(5)]),
            sell_tax=pick([_D(0), _D("0.0005")]),
            transfer=pick([_D(0), _D("0.00001")]),
        ),
        "margin": Margin(pick([_D(1), _D(1), _D("0.1")]), pick([_D(1), _D(1), _D("0.15")])),
    }


def _sized(random: Random, case: SignalCase) -> SignalCase:
    pick, lot = random.choice, case.instrument.lot
    sizings: list[Any] = [
        FixedSize.of(lot * pick([1, 2, 7])),
        EquityShare.of(pick(["0.95", "1", "0.3", "2"])),
        VolatilityTarget.of(pick(["0.15", "2"]), window=pick([3, 5, 20]), cap=pick([1, 2])),
        KellyFraction.of(pick(["0.5", "1"]), least=pick([1, 3]), start=pick(["0.1", "0.9"])),
    ]
    if case.signals.stop_loss is not None:
        sizings += [RiskPerTrade.of(pick(["0.01", "0.2"]))] * 2
    return replace(case, settings=case.settings | {"sizing": pick(sizings)})
