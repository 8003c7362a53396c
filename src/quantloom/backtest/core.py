"""A run as the compiled core takes it: its settings and bars in floats, and what keeps it out."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from quantloom.backtest.desk import BarDesk
from quantloom.backtest.feed import Feed
from quantloom.backtest.kernels import layout
from quantloom.backtest.spec import BacktestSpec
from quantloom.kit import BoolArray, FloatArray, freeze
from quantloom.market import Instrument, exact, exactly
from quantloom.market.rulebook.topics import Grid
from quantloom.simulation import AnySlippage, Slippage, SquareRootImpact, VolumeShareSlippage
from quantloom.strategy import (
    AnySizing,
    EquityShare,
    FixedSize,
    RiskPerTrade,
    Signals,
    VolatilityTarget,
)
from quantloom.trading import AtrDistance, Commission, DayTerms, Distance, Rate, Trailing

# A tick or a lot in fractions of larger numbers than this would not stay exact in floats.
_LARGEST = 2**40
# Prices that are quoted finer than the tick are quoted in such parts of it at the finest.
_FINEST = 1_000
# What a product of floats may be off by, as a share of it.
_NEARLY = 1e-12
_NOWHERE = freeze(np.empty(0))

AnyAway = Distance | AtrDistance | Trailing | None


def gap_of(desk: BarDesk, spec: BacktestSpec, signals: Signals | None) -> str:
    """What of a run the compiled core does not know; empty where it knows all of it.

    Args:
        signals: that it follows; None where it is sent orders.
    """
    gaps = (*_gaps_of_run(desk, spec), *_gaps_of_signals(spec, signals))
    found = next((name for name, is_there in gaps if is_there), "")
    if found or desk.regime is None:
        return found
    return next(_gaps_of_rules(desk, spec, signals), "")


def _gaps_of_run(desk: BarDesk, spec: BacktestSpec) -> Iterator[tuple[str, bool]]:
    feed, instrument = next(iter(desk.feeds.values())), spec.instrument
    yield "several instruments", len(desk.feeds) > 1
    yield "a continuous series", bool(desk.chains)
    yield "corporate actions", bool(desk.facts.actions)
    yield "several currencies", desk.exchange is not None
    yield "finer bars", feed.detail is not None
    yield "mark prices", feed.marks is not None
    yield "interest", not spec.carry.is_nothing
    yield "rebates of makers", desk.ledger.may_pay_makers(instrument)
    yield "an inverse swap", instrument.is_inverse
    yield "a saved state", bool(spec.state)
    steps = (Fraction(instrument.tick_size), Fraction(instrument.lot))
    yield "a tick too fine", any(max(step.as_integer_ratio()) > _LARGEST for step in steps)


def _gaps_of_signals(spec: BacktestSpec, signals: Signals | None) -> Iterator[tuple[str, bool]]:
    sizing = spec.sizing
    yield (
        "a size off the lot",
        (isinstance(sizing, FixedSize) and sizing.size % spec.instrument.lot != 0),
    )
    if signals is None:
        return
    no_stop = signals.stop_loss is None
    yield "a risk without a stop", isinstance(sizing, RiskPerTrade) and no_stop


def _gaps_of_rules(desk: BarDesk, spec: BacktestSpec, signals: Signals | None) -> Iterator[str]:
    instrument = spec.instrument
    if desk.is_routed:
        yield "an offset router"
    if instrument.is_margined or instrument.is_crypto:
        yield "settlement, funding or fee tiers"
    if any(one.delisted is not None for one in desk.facts.listings.values()):
        yield "a delisting"
    if instrument.can_short and _may_short(signals):
        yield "margin calls"
    for _, terms in _terms_by_day(desk):
        if terms.closing is not None or terms.is_settled or terms.only_closes:
            yield "a futures contract"
        if terms.margin.long < 1:
            yield "margin calls"
        if terms.grid is not None and not _is_plain(terms.grid, instrument):
            yield "sizes that change"


def _may_short(signals: Signals | None) -> bool:
    if signals is None:
        return True
    # A step down to a smaller weight, sent twice over, may take a position through zero.
    return signals.weights is not None or signals.short_entries is not None


def _is_plain(grid: Grid, instrument: Instrument) -> bool:
    """Whether the core knows what a grid asks for."""
    most_of_halves, most = grid.maximum, grid.maximum_market
    is_wider = most_of_halves is None or most is None or most <= most_of_halves
    return grid.step == instrument.lot and is_wider and not grid.inverse


def _terms_by_day(desk: BarDesk) -> Iterator[tuple[int, DayTerms]]:
    """What holds on each trading day that has bars."""
    feed = next(iter(desk.feeds.values()))
    for day in np.unique(feed.day_numbers).tolist():
        yield (
            day,
            desk.ledger.terms_of(feed.symbol)
            if desk.regime is None
            else desk.regime.terms(feed.symbol, day),
        )


# The market


def market_of(desk: BarDesk, spec: BacktestSpec) -> layout.Market:
    """The bars of a run's only instrument, and what holds on each of their days."""
    feed = next(iter(desk.feeds.values()))
    bars = feed.bars
    place, days = _days(desk, spec, feed)
    return layout.Market(
        open=_column(bars.open),
        high=_column(bars.high),
        low=_column(bars.low),
        close=_column(bars.close),
        volume=_column(bars.volume if feed.has_volume else np.full(len(bars), np.nan)),
        day=freeze(place),
        days=freeze(days),
        stop_far=_NOWHERE,
        target_far=_NOWHERE,
    )


def with_ways_out(market: layout.Market, signals: Signals, feed: Feed) -> layout.Market:
    """A market with how far the ways out of signals are at each bar, where that changes."""
    return market._replace(
        stop_far=_measured(signals.stop_loss, feed),
        target_far=_measured(signals.take_profit, feed),
    )


def _column(values: FloatArray) -> FloatArray:
    return freeze(np.ascontiguousarray(values, dtype=np.float64))


def _measured(given: AnyAway, feed: Feed) -> FloatArray:
    """How far, in ticks, a multiple of the average true range is at each bar; see `Market`."""
    away = far_of(given)
    if not isinstance(away, AtrDistance):
        return _NOWHERE
    ranges = feed.average_ranges(away.period)
    tick = feed.instrument.tick_size
    found = np.where(ranges > 0, ranges * (float(away.multiple) / float(tick)), np.nan)
    for row in np.flatnonzero(_looks_round(found)).tolist():
        finest = Fraction(measured_at(away, feed, row).points) / Fraction(tick) * _FINEST
        found[row] = float(finest / _FINEST) * (1 if finest.denominator == 1 else -1)
    return freeze(found)


def measured_at(away: AtrDistance, feed: Feed, row: int) -> Distance:
    """What a multiple of the average true range is at a bar, exactly."""
    with exactly():
        return Distance(points=away.multiple * exact(float(feed.average_ranges(away.period)[row])))


def _looks_round(ticks: FloatArray) -> BoolArray:
    """Whether prices that far away may lie on the tick, but for what rounding has left of them."""
    finest = ticks * _FINEST
    looks_round: BoolArray = np.abs(finest - np.rint(finest)) <= _NEARLY * (1 + np.abs(finest))
    return looks_round


def _days(desk: BarDesk, spec: BacktestSpec, feed: Feed) -> tuple[layout.IntColumn, layout.Records]:
    if desk.regime is None and not spec.commission.knows_today:
        found = [(0, desk.ledger.terms_of(feed.symbol))]
        return np.zeros(len(feed.bars), dtype=np.int32), _records(found, spec.instrument)
    _, place = np.unique(feed.day_numbers, return_inverse=True)
    return place.astype(np.int32), _records([*_terms_by_day(desk)], spec.instrument)


def _records(found: list[tuple[int, DayTerms]], instrument: Instrument) -> layout.Records:
    days = np.zeros(len(found), dtype=layout.DAY)
    known: dict[int, dict[str, float]] = {}
    for row, (number, terms) in enumerate(found):
        # Days of one era share their commission.
        key = id(terms.commission)
        if key not in known:
            known[key] = _costs(terms.commission, float(instrument.lot))
        for name, value in (known[key] | _limits(terms, instrument)).items():
            days[row][name] = value
        days[row]["number"] = number
    return days


def _costs(commission: Commission, lot: float) -> dict[str, float]:
    today = commission.close if commission.close_today is None else commission.close_today
    return {
        **_rate("open", commission.open, lot),
        **_rate("close", commission.close, lot),
        **_rate("today", today, lot),
        "minimum": float(commission.minimum),
        "buy_tax": float(commission.buy_tax + commission.transfer),
        "sell_tax": float(commission.sell_tax + commission.transfer),
        "sell_levy": float(commission.sell_levy) * lot,
    }


def _rate(name: str, rate: Rate, lot: float) -> dict[str, float]:
    return {f"{name}_money": float(rate.by_money), f"{name}_unit": float(rate.by_unit) * lot}


def _limits(terms: DayTerms, instrument: Instrument) -> dict[str, float]:
    return {
        **_sizes(terms.grid, instrument),
        "margin_long": float(terms.margin.long),
        "margin_short": float(terms.margin.short),
        "up": _in_ticks(terms.up, instrument),
        "down": _in_ticks(terms.down, instrument),
        "holds_today": terms.holds_today,
    }


def _sizes(grid: Grid | None, instrument: Instrument) -> dict[str, float]:
    if grid is None:
        return {"least": np.nan, "most": np.nan}
    most = grid.maximum if grid.maximum_market is None else grid.maximum_market
    return {
        "least": _in_lots(grid.minimum, instrument),
        "most": _in_lots(most, instrument),
        "notional": float(grid.min_notional or 0),
        "sells_rest": grid.odd_lot_sells,
    }


def _in_ticks(price: float, instrument: Instrument) -> float:
    return price if np.isinf(price) else float(np.rint(price / float(instrument.tick_size)))


def _in_lots(quantity: Decimal | None, instrument: Instrument) -> float:
    return np.nan if quantity is None else float(quantity / instrument.lot)


# The terms


def terms_of(spec: BacktestSpec, signals: Signals, feed: Feed, *, is_ruled: bool) -> layout.Records:
    """(1,) what holds for a whole run.

    Args:
        feed: of its only instrument.
    """
    instrument = spec.instrument
    unit = instrument.lot * instrument.multiplier
    record = np.zeros(1, dtype=layout.TERMS)
    values: dict[str, Any] = {
        **_fractional("tick", Fraction(instrument.tick_size)),
        "unit": float(unit),
        "lot_size": float(instrument.lot),
        "is_margined": instrument.is_margined,
        "can_short": instrument.can_short,
        "is_ruled": is_ruled,
        "knows_today": is_ruled or spec.commission.knows_today,
        "turns": signals.turns,
        "latency": spec.latency,
        "bars_per_year": feed.bars_per_year,
        **_cap(spec.participation, instrument),
        **_slippage(spec.slippage),
        **_sizing(spec.sizing, instrument),
        **_away("stop", signals.stop_loss, instrument),
        **_away("target", signals.take_profit, instrument),
    }
    for name, value in values.items():
        record[0][name] = value
    return record


def far_of(given: AnyAway) -> Distance | AtrDistance | None:
    """How far a way out waits, whether it trails or not."""
    return given.distance if isinstance(given, Trailing) else given


def _fractional(name: str, value: Fraction) -> dict[str, float]:
    return {f"{name}_top": float(value.numerator), f"{name}_bottom": float(value.denominator)}


def _cap(participation: Decimal | None, instrument: Instrument) -> dict[str, float]:
    if participation is None:
        return {"cap_top": np.nan, "cap_bottom": 1.0}
    return _fractional("cap", Fraction(participation) / Fraction(instrument.lot))


def _slippage(model: AnySlippage) -> dict[str, float]:
    base = model if isinstance(model, Slippage) else model.base
    found = {"slip_ticks": float(base.ticks), **_fractional("slip", Fraction(base.ratio))}
    if isinstance(model, VolumeShareSlippage):
        found |= {"impact": layout.VOLUME_SHARE, "impact_size": float(model.impact)}
    if isinstance(model, SquareRootImpact):
        found |= {"impact": layout.SQUARE_ROOT, "impact_size": float(model.coefficient)}
        found |= {"impact_window": model.window}
    return found


def _sizing(sizing: AnySizing, instrument: Instrument) -> dict[str, float]:
    if isinstance(sizing, FixedSize):
        return {"sizing": layout.FIXED, "size": float(sizing.size / instrument.lot)}
    if isinstance(sizing, EquityShare):
        return {"sizing": layout.SHARE, "size": float(sizing.weight)}
    if isinstance(sizing, RiskPerTrade):
        return {"sizing": layout.RISK, "size": float(sizing.risk)}
    if isinstance(sizing, VolatilityTarget):
        found = {"sizing": layout.VOLATILITY, "size": float(sizing.target)}
        return found | {"size_cap": float(sizing.cap), "size_window": sizing.window}
    return {
        "sizing": layout.KELLY,
        "size": float(sizing.fraction),
        "size_cap": float(sizing.cap),
        "size_window": sizing.least,
        "size_start": float(sizing.start),
    }


def _away(name: str, given: AnyAway, instrument: Instrument) -> dict[str, float]:
    """A distance in ticks and as a share of the price; whole ticks stay whole."""
    found = far_of(given)
    if found is None:
        return {f"{name}_bottom": 1.0}
    kind = layout.IS_TRAILING if isinstance(given, Trailing) else layout.IS_FIXED
    if isinstance(found, AtrDistance):
        # The market has it, bar by bar.
        return {f"{name}_kind": kind, f"{name}_ticks": np.nan, f"{name}_bottom": 1.0}
    points = Fraction(found.points) / Fraction(instrument.tick_size)
    ticks = float(Fraction(found.ticks) + points)
    share = _fractional(name, Fraction(found.ratio))
    return {f"{name}_kind": kind, f"{name}_ticks": ticks, **share}
