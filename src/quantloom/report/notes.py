"""What a reader must know before believing the figures: warnings and assumptions."""

from collections.abc import Iterator
from decimal import Decimal

from quantloom.backtest import BacktestResult
from quantloom.market import Calendar, get_calendar, knows_holidays
from quantloom.report.formats import exact_percent, fixed, plain
from quantloom.report.tables import order_counts
from quantloom.report.texts import Words
from quantloom.simulation import Slippage, SquareRootImpact, VolumeShareSlippage
from quantloom.strategy import EquityShare, FixedSize, RiskPerTrade, VolatilityTarget
from quantloom.trading import Commission, Rate

FEW_TRIPS = 30
FEW_DAYS = 63
"""A quarter of a year of trading."""


def warnings(result: BacktestResult, words: Words) -> list[str]:
    """What speaks against the figures, gravest first."""
    metrics, instrument = result.metrics, result.spec.instrument
    refused = order_counts(result).get("rejected", 0)
    # `default_instrument` writes where each of its values came from.
    is_assumed = instrument.source.startswith("default")
    calendar = get_calendar(instrument.calendar)
    found = {
        "warn.ruined": float(result.equity.floats("equity").min()) <= 0,
        "warn.default_instrument": is_assumed,
        "warn.inferred_tick": not is_assumed and "inferred" in instrument.source,
        "warn.unknown_holidays": not knows_holidays(result.bars, calendar),
        "warn.no_fills": not result.fills,
        "warn.refused": refused > 0,
        "warn.no_commission": bool(result.fills) and metrics.commission == 0,
        "warn.no_slippage": bool(result.fills) and metrics.slippage == 0,
        "warn.few_trips": bool(result.fills) and metrics.round_trip_count < FEW_TRIPS,
        "warn.short_span": metrics.trading_days < FEW_DAYS,
        "warn.open_position": bool(result.positions),
    }
    facts: dict[str, dict[str, object]] = {
        "warn.default_instrument": {"symbol": instrument.symbol},
        "warn.inferred_tick": {"symbol": instrument.symbol},
        "warn.unknown_holidays": {"calendar": calendar.name},
        "warn.refused": {"count": fixed(refused, 0), "total": fixed(len(result.orders), 0)},
        "warn.few_trips": {"count": metrics.round_trip_count, "enough": FEW_TRIPS},
        "warn.short_span": {"count": metrics.trading_days},
    }
    return [words(key, **facts.get(key, {})) for key, applies in found.items() if applies]


def assumptions(result: BacktestResult, words: Words, calendar: Calendar) -> list[tuple[str, str]]:
    """Everything the run took for granted, as label and sentence."""
    spec = result.spec
    found = {
        "instrument": _instrument(result, words),
        "calendar": words(
            "fact.calendar.value", name=calendar.name, periods=calendar.periods_per_year
        ),
        "signals": words("fact.signals.value"),
        "fills": words("fact.fills.value"),
        "liquidity": _liquidity(spec.participation, words),
        "commission": words("join").join(_commission(spec.commission, words)),
        "slippage": _slippage(result, words),
        "margin": words(
            "fact.margin.value",
            long=exact_percent(spec.margin.long),
            short=exact_percent(spec.margin.short),
        ),
        "sizing": _sizing(result, words),
        "orders": _orders(result, words),
    }
    return [(words(f"fact.{name}"), text) for name, text in found.items()]


def turnover_note(result: BacktestResult, words: Words) -> str:
    """Costs against the traded value; empty where nothing was traded."""
    fills = result.fills
    multiplier = float(result.spec.instrument.multiplier)
    notional = float((fills.floats("quantity") * fills.floats("price")).sum()) * multiplier
    if not notional:
        return ""
    costs = result.metrics.commission + result.metrics.slippage
    return words(
        "cost.turnover",
        bps=fixed(costs / notional * 10_000, 2),
        notional=fixed(notional, 0),
        currency=result.spec.instrument.currency,
    )


def _instrument(result: BacktestResult, words: Words) -> str:
    instrument = result.spec.instrument
    return words(
        "fact.instrument.value",
        kind=words(f"kind.{instrument.kind}"),
        tick=plain(instrument.tick_size),
        lot=plain(instrument.lot),
        multiplier=plain(instrument.multiplier),
        currency=instrument.currency,
        source=instrument.source,
    )


def _liquidity(participation: Decimal | None, words: Words) -> str:
    if participation is None:
        return words("fact.liquidity.uncapped")
    return words("fact.liquidity.capped", share=exact_percent(participation))


def _commission(commission: Commission, words: Words) -> Iterator[str]:
    yield words("fact.commission.open", rate=_rate(commission.open, words))
    yield words("fact.commission.close", rate=_rate(commission.close, words))
    if commission.close_today is not None:
        yield words("fact.commission.close_today", rate=_rate(commission.close_today, words))
    if commission.minimum:
        yield words("fact.commission.minimum", amount=plain(commission.minimum))
    if commission.sell_tax:
        yield words("fact.commission.sell_tax", rate=exact_percent(commission.sell_tax))
    if commission.transfer:
        yield words("fact.commission.transfer", rate=exact_percent(commission.transfer))


def _rate(rate: Rate, words: Words) -> str:
    parts = []
    if rate.by_money:
        parts.append(words("rate.by_money", percent=exact_percent(rate.by_money)))
    if rate.by_unit:
        parts.append(words("rate.by_unit", amount=plain(rate.by_unit)))
    return " + ".join(parts) or words("rate.none")


def _slippage(result: BacktestResult, words: Words) -> str:
    model = result.spec.slippage
    parts = []
    if isinstance(model, VolumeShareSlippage):
        parts.append(words("slippage.volume_share", impact=exact_percent(model.impact)))
    if isinstance(model, SquareRootImpact):
        parts.append(words("slippage.square_root", coefficient=plain(model.coefficient)))
    slippage = model if isinstance(model, Slippage) else model.base
    if slippage.ticks:
        parts.append(words("slippage.ticks", ticks=plain(slippage.ticks)))
    if slippage.ratio:
        parts.append(words("slippage.ratio", percent=exact_percent(slippage.ratio)))
    if not parts:
        return words("rate.none")
    return words("fact.slippage.value", parts=" + ".join(parts))


def _sizing(result: BacktestResult, words: Words) -> str:
    sizing = result.spec.sizing
    if isinstance(sizing, EquityShare):
        return words("fact.sizing.share", percent=exact_percent(sizing.weight))
    if isinstance(sizing, FixedSize):
        return words("fact.sizing.fixed", size=plain(sizing.size))
    if isinstance(sizing, RiskPerTrade):
        return words("fact.sizing.risk", percent=exact_percent(sizing.risk))
    if isinstance(sizing, VolatilityTarget):
        return words("fact.sizing.volatility", percent=exact_percent(sizing.target))
    return words("fact.sizing.kelly", percent=exact_percent(sizing.fraction))


def _orders(result: BacktestResult, words: Words) -> str:
    parts = [
        words("orders.part", count=fixed(count, 0), status=words.name(f"status.{status}", status))
        for status, count in order_counts(result).items()
    ]
    if not parts:
        return words("rate.none")
    return words("orders", count=fixed(len(result.orders), 0), parts=words("join").join(parts))
