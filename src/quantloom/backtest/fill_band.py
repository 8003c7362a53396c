"""How far a result leans on its fills: the same run with kinder and with harder ones beside it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from quantloom.backtest import export
from quantloom.backtest.comparison import compare
from quantloom.backtest.event import Progress
from quantloom.backtest.facade import backtest
from quantloom.backtest.result import BacktestResult
from quantloom.backtest.showing import shown_by
from quantloom.backtest.spec import PARTICIPATION
from quantloom.backtest.tables import Table
from quantloom.simulation import AnySlippage, Slippage, VolumeShareSlippage
from quantloom.strategy import Strategy

if TYPE_CHECKING:
    from quantloom.backtest.inputs import AnyData

NAMES = ("base", "pessimistic", "optimistic")
HEADLINE = (
    *("total_return", "annual_return", "sharpe_ratio", "max_drawdown_ratio", "net_profit"),
    *("round_trip_count", "win_rate", "profit_factor", "commission", "slippage"),
)
"""The measures that a band puts side by side."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Band:
    """One run under three assumptions about its fills.

    Attributes:
        base: the run as it was asked for; its figures are the headline.
        pessimistic: the run whose fills are harder. optimistic: whose fills are kinder.
        headline: a row for each of `HEADLINE`: metric, base, pessimistic, optimistic; NaN where
            there is no value.
        differences: for each setting in which the three differ, what base, pessimistic and
            optimistic have.
        curves: day, base, pessimistic, optimistic: equity, 100 being the initial capital.
    """

    base: BacktestResult
    pessimistic: BacktestResult
    optimistic: BacktestResult
    headline: Table
    differences: Mapping[str, tuple[str, ...]]
    curves: Table

    def to_html(self, path: str | os.PathLike[str], *, language: str = "en") -> Path:
        """Write the band as one page that needs nothing else.

        Raises:
            UnknownLanguage: another language than `en` and `zh`.
            OSError: the file cannot be written.
        """
        page: str = shown_by("band_html")(self, language=language)
        return export.write_bytes(page.encode(), Path(path))

    def plot(self, *, language: str = "en") -> Any:
        """Draw the equity of base with the band around it, as a figure of plotly's.

        Raises:
            UnknownLanguage: another language than `en` and `zh`.
            ReportExtraMissing: plotly is not installed.
        """
        return shown_by("plot_band")(self, language=language)

    def _repr_html_(self) -> str:
        text: str = shown_by("banded_html")(self)
        return text

    def __repr__(self) -> str:
        spec = self.base.spec
        returns = [_percent(one.metrics.total_return) for one in self.results.values()]
        return (
            f"<Band {spec.strategy} on {', '.join(spec.symbols)} {spec.timeframe}: "
            f"{returns[0]}, pessimistic {returns[1]}, optimistic {returns[2]}>"
        )

    @property
    def results(self) -> Mapping[str, BacktestResult]:
        """The three by name: base, pessimistic, optimistic."""
        return {name: getattr(self, name) for name in NAMES}


def band(
    strategy: type[Strategy] | str,
    data: "AnyData | Mapping[str, AnyData]",
    **settings: Any,
) -> Band:
    """Backtest a strategy three times: with the fills asked for, with harder and with kinder ones.

    ```python
    found = band("sma-cross", "AAPL.csv", slippage=1, commission=0.001)
    print(found.base.metrics.total_return, found.pessimistic.metrics.total_return)
    ```

    | setting | optimistic | pessimistic |
    |---|---|---|
    | slippage | none | twice that of the base, and one tick at least |
    | participation | no cap | half that of the base, or of 0.1 where the base has no cap |
    | latency | none | one bar more, where bars are shorter than a day |

    Commission, margin, rules and all else are alike, and so are the fills of limit orders, which
    never slip. A later or a smaller fill may by chance be the better one, and another fill leads a
    strategy elsewhere: the pessimistic result is mostly, not always, the worst.

    Args:
        strategy, data, settings: as `backtest` takes them.
    Raises:
        QuantloomError: one of its kinds, saying what is wrong and what to do.
    """
    progress: Progress | None = settings.pop("progress", None)
    trials = settings.pop("trials", True)
    base = backtest(strategy, data, **settings, progress=_part(progress, 0), trials=trials)
    hard, kind = (
        # The same trial seen in another light, not another trial, and not to be audited again.
        backtest(
            strategy,
            data,
            **(settings | terms | {"audit": False}),
            progress=_part(progress, place),
            trials=False,
        )
        for place, terms in enumerate((harder(base), kinder()), start=1)
    )
    found = compare([base, hard, kind], NAMES)
    rows = np.flatnonzero(np.isin(found.metrics["metric"].astype(str), HEADLINE))
    order = sorted(rows, key=lambda row: HEADLINE.index(found.metrics["metric"][row]))
    return Band(
        base=base,
        pessimistic=hard,
        optimistic=kind,
        headline=Table({name: column[order] for name, column in found.metrics.items()}),
        differences=found.differences,
        curves=found.curves,
    )


def harder(base: BacktestResult) -> dict[str, Any]:
    """The settings of the pessimistic run beside a base."""
    spec = base.spec
    return {
        "slippage": _worse(spec.slippage),
        "participation": (spec.participation or PARTICIPATION) / 2,
        # Between days lies another decision, not a slower line.
        "latency": spec.latency + base.bars.timeframe.is_intraday,
    }


def kinder() -> dict[str, Any]:
    """The settings of the optimistic run."""
    return {"slippage": Slippage(), "participation": None, "latency": 0}


def _worse(slippage: AnySlippage) -> AnySlippage:
    """Twice the slippage, and a tick at least."""
    if isinstance(slippage, Slippage):
        return Slippage(max(2 * slippage.ticks, Decimal(1)), 2 * slippage.ratio)
    base = Slippage(max(2 * slippage.base.ticks, Decimal(1)), 2 * slippage.base.ratio)
    if isinstance(slippage, VolumeShareSlippage):
        return replace(slippage, impact=2 * slippage.impact, base=base)
    return replace(slippage, coefficient=2 * slippage.coefficient, base=base)


def _part(progress: Progress | None, place: int) -> Progress | None:
    """The progress of one of the three runs, told as that of all."""
    if progress is None:
        return None
    return lambda done, total: progress(place * total + done, len(NAMES) * total)


def _percent(value: float | None) -> str:
    return "\N{EN DASH}" if value is None else f"{value:+.2%}"
