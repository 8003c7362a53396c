"""How likely a result is luck: in words, in a table of what else it might have been, in curves."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from quantloom.backtest import BacktestResult
from quantloom.kit import FloatArray, IntArray
from quantloom.performance import METRICS, ReturnBands, TradeBands
from quantloom.report.formats import by_unit, fixed, percent
from quantloom.report.tables import Cell, Sheet, sheet_of
from quantloom.report.texts import Words

SURE = 0.95
# Of fewer days or trades hardly another run can be drawn.
FEWEST_DAYS, FEWEST_TRADES = 20, 10
# A run of a million bars may have 40,000 trades; a hundred drawn runs of them are band enough.
_VALUES, _MOST_DRAWS, _LEAST_DRAWS = 2_500_000, 1_000, 100
_DECIMALS = 2


@dataclass(frozen=True, slots=True)
class Luck:
    """What the section of a report shows.

    Attributes:
        sentences: what to know, in plain words.
        sheet: the measured figures and, beside them, those of drawn runs at some levels.
        days, trades: curves of drawn runs for the page; None of a run with too few.
    """

    sentences: list[str]
    sheet: Sheet
    days: dict[str, Any] | None
    trades: dict[str, Any] | None


def luck_of(result: BacktestResult, words: Words) -> Luck:
    """Judge a run: by how many were tried, and by how else it might have ended."""
    by_day, by_trade = _by_day(result), _by_trade(result)
    return Luck(
        sentences=[
            *_trials(result, words),
            *_record(result, words),
            *_drawn(by_day, by_trade, words),
        ],
        sheet=sheet_of(
            words,
            "measure* value low lower median upper high",
            [*_day_rows(result, by_day, words), *_trade_rows(result, by_trade, words)],
        ),
        days=None if by_day is None else _curves(by_day.days, by_day.equity, _daily(result)),
        trades=None
        if by_trade is None
        else _curves(by_trade.trades, by_trade.equity, _traded(result)),
    )


def _by_day(result: BacktestResult) -> ReturnBands | None:
    returns = result.daily["return"]
    is_told = len(returns) >= FEWEST_DAYS and not np.isnan(returns).any()
    if not is_told or not np.ptp(returns) > 0:
        return None
    return result.bootstrap(draws=_draws(len(returns)))


def _by_trade(result: BacktestResult) -> TradeBands | None:
    count = len(result.round_trips)
    return result.redraw(draws=_draws(count)) if count >= FEWEST_TRADES else None


def _draws(length: int) -> int:
    return int(np.clip(_VALUES // length, _LEAST_DRAWS, _MOST_DRAWS))


def _trials(result: BacktestResult, words: Words) -> Iterator[str]:
    trials, metrics = result.trials, result.metrics
    if trials is None:
        yield words("luck.uncounted")
        return
    if trials.count == 1 or trials.luck_sharpe is None or metrics.sharpe_ratio is None:
        yield words("luck.count", count=fixed(trials.count, 0))
    else:
        yield words(
            "luck.trials",
            count=fixed(trials.count, 0),
            luck=fixed(trials.luck_sharpe),
            sharpe=fixed(metrics.sharpe_ratio),
        )
    if trials.deflated_sharpe_ratio is not None:
        probability = trials.deflated_sharpe_ratio
        key = "luck.sure" if probability >= SURE else "luck.unsure"
        yield words(key, probability=percent(probability, 1))


def _record(result: BacktestResult, words: Words) -> Iterator[str]:
    needed, have = result.metrics.minimum_track_record_days, result.metrics.trading_days
    if needed is None:
        return
    key = "luck.record" if have >= needed else "luck.record_short"
    yield words(key, needed=fixed(np.ceil(needed), 0), have=fixed(have, 0))


def _drawn(by_day: ReturnBands | None, by_trade: TradeBands | None, words: Words) -> Iterator[str]:
    if by_day is not None:
        yield words(
            "luck.days",
            draws=fixed(by_day.draws, 0),
            block=fixed(by_day.block, 1),
            loss=percent(by_day.loss_probability, 1),
        )
    if by_trade is not None:
        yield words(
            "luck.trades",
            draws=fixed(by_trade.draws, 0),
            loss=percent(by_trade.loss_probability, 1),
            share=percent(by_trade.ruin, 0),
            ruin=percent(by_trade.ruin_probability, 1),
        )


def _day_rows(
    result: BacktestResult, bands: ReturnBands | None, words: Words
) -> Iterator[list[Cell]]:
    if bands is None:
        return
    for name in ("annual_return", "sharpe_ratio", "max_drawdown_ratio", "final_equity"):
        yield _row(name, result, getattr(bands, name), words("luck.of_days"), words)


def _trade_rows(
    result: BacktestResult, bands: TradeBands | None, words: Words
) -> Iterator[list[Cell]]:
    if bands is None:
        return
    for name in ("max_drawdown_ratio", "final_equity"):
        yield _row(name, result, getattr(bands, name), words("luck.of_trades"), words)


def _row(
    name: str, result: BacktestResult, levels: FloatArray, source: str, words: Words
) -> list[Cell]:
    unit = METRICS[name].unit
    values = [result.metrics.as_dict()[name], *levels.tolist()]
    label = f"{words.label(name)} \N{MIDDLE DOT} {source}"
    shown = (by_unit(None if value is None or np.isnan(value) else value, unit) for value in values)
    return [Cell(label), *map(Cell, shown)]


def _daily(result: BacktestResult) -> FloatArray:
    return np.concatenate(([float(result.spec.cash)], result.daily["equity"]))


def _traded(result: BacktestResult) -> FloatArray:
    """Equity after each closed trade, open positions aside."""
    pnl = result.round_trips.floats("pnl")
    return np.concatenate(([0.0], np.cumsum(pnl))) + float(result.spec.cash)


def _curves(places: IntArray, bands: FloatArray, measured: FloatArray) -> dict[str, Any]:
    return {
        "x": places.tolist(),
        "bands": np.round(bands, _DECIMALS).tolist(),
        "measured": np.round(measured[places], _DECIMALS).tolist(),
    }
