"""Weights followed in floats alone, for research: the same fills, without the exact books."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from quantloom.backtest.feed import Feed
from quantloom.backtest.portfolio.paneling import opens_of, panel_of
from quantloom.backtest.portfolio.scope import is_plain
from quantloom.backtest.preparing import RunSettings, prepare
from quantloom.backtest.spec import BacktestSpec
from quantloom.backtest.tables import Table
from quantloom.backtest.timeline import Timeline
from quantloom.errors import Invalid
from quantloom.kit import FloatArray, IntArray
from quantloom.market import get_calendar
from quantloom.performance import Summary, summarise
from quantloom.strategy import Panel, Strategy, Weights

if TYPE_CHECKING:
    from quantloom.backtest.inputs import AnyData
    from quantloom.backtest.portfolio.kernels import Journal
    from quantloom.backtest.portfolio.simulating import Ground


class NotQuick(Invalid):
    """Something was asked for that weights followed in floats know nothing of."""

    code = "backtest.not_quick"

    def __str__(self) -> str:
        return (
            "quick portfolios know no rules, actions, rolls, carry, latency, finer bars, other "
            "currencies, inverse swaps, close_today fees and square-root impact; give the strategy "
            "to backtest(), which knows them all"
        )


@dataclass(frozen=True, slots=True)
class _Trips:
    """Round trips as the measures read them."""

    pnl: FloatArray
    entry_ns: IntArray
    exit_ns: IntArray


# Not slotted: what is worked out late is kept in the instance.
@dataclass(frozen=True, eq=False, repr=False)
class Followed:
    """Weights that were followed, in float64.

    Attributes:
        panel, spec: what over and how.
        equity, gross_exposure: (n,) at each close.
        journal: what the compiled core wrote down.
    """

    panel: Panel
    spec: BacktestSpec
    equity: FloatArray
    gross_exposure: FloatArray
    journal: "Journal"
    _ground: "Ground"

    @cached_property
    def fills(self) -> Table:
        """Each fill: ts_ns (of its bar's step), symbol, side (1 or -1), quantity, price, cost."""
        step, symbol, side, lots, price, commission = self._fill_columns
        names = np.array(self.panel.symbols, dtype=object)
        return Table(
            {
                "ts_ns": self.panel.opens_ns[step],
                "symbol": names[symbol],
                "side": side,
                "quantity": lots * self._ground.grid.lot[symbol],
                "price": price,
                "commission": commission,
            }
        )

    @property
    def held(self) -> FloatArray:
        """(m,) signed quantity of each symbol at the end."""
        return self.journal.held * self._ground.grid.lot

    @cached_property
    def metrics(self) -> Summary:
        """The measures of `backtest`, without those of excursions."""
        step, symbol, _, lots, price, commission = self._fill_columns
        unit = self._ground.grid.unit[symbol]
        met = self._ground.market.open[step, symbol]
        return summarise(
            equity=self.equity,
            initial=self._ground.cash,
            days=self.panel.days,
            periods_per_year=get_calendar(self.spec.instrument.calendar).periods_per_year,
            quantity=self.gross_exposure,
            round_trips=self._trips,
            traded_notional=float(np.sum(lots * unit * price)),
            commission=float(np.sum(commission)),
            slippage=float(np.sum(lots * unit * np.abs(price - met))),
        )

    @cached_property
    def _fill_columns(self) -> tuple[Any, ...]:
        from quantloom.backtest.portfolio.kernels import columns as of  # noqa: PLC0415  loads numba

        count = self.journal.counts[of.FILLS]
        fills, prices = self.journal.fills[:count], self.journal.prices[:count]
        orders = self.journal.orders[fills[:, of.ORDER]]
        return (
            fills[:, of.STEP],
            orders[:, of.SYMBOL],
            orders[:, of.SIDE],
            fills[:, of.QUANTITY],
            prices[:, of.PRICE],
            prices[:, of.COMMISSION],
        )

    @cached_property
    def _trips(self) -> _Trips:
        from quantloom.backtest.portfolio.kernels import match_trips, trips  # noqa: PLC0415

        rows, profits = match_trips(self.journal, self._ground.grid.unit)
        opens_ns = self.panel.opens_ns
        return _Trips(profits, opens_ns[rows[:, trips.ENTRY]], opens_ns[rows[:, trips.EXIT]])


@dataclass(frozen=True, slots=True, eq=False)
class QuickPortfolio:
    """Bars laid out once, for many sets of weights to be followed over them.

    ```python
    quick = QuickPortfolio.of(data, cash=1_000_000, commission=0.001)
    weights = quick.panel.decide(quick.panel.monthly(), choose)
    quick.follow(weights).metrics.sharpe_ratio
    ```

    Attributes:
        panel: the bars side by side.
        spec: what the run was told.
    """

    panel: Panel
    spec: BacktestSpec
    _ground: "Ground"

    @classmethod
    def of(cls, data: "AnyData | Mapping[str, AnyData]", **settings: Any) -> "QuickPortfolio":
        """Lay out bars.

        Args:
            settings: as of `backtest`.
        Raises:
            NotQuick: one that only `backtest` knows.
        """
        from quantloom.backtest.portfolio.simulating import ground_of  # noqa: PLC0415  loads numba

        asked = prepare(Strategy, data, RunSettings(**settings))
        facts = asked.facts
        if not is_plain(asked.spec) or asked.detail or facts.actions or facts.chains:
            raise NotQuick
        feeds = [
            Feed(one, asked.bars[one.symbol].between(asked.spec.start, asked.spec.end))
            for one in asked.spec.instruments
        ]
        timeline = Timeline.of(feeds)
        panel = panel_of(feeds, timeline)
        return cls(panel, asked.spec, ground_of(panel, asked.spec, opens_of(feeds, timeline)))

    def follow(self, weights: Weights) -> Followed:
        """Follow weights as `backtest` does, but in floats.

        Where a number of lots hangs on rounding it is the nearest whole one.

        Raises:
            BadWeights: they are not of this panel.
        """
        from quantloom.backtest.portfolio.simulating import simulate  # noqa: PLC0415  loads numba

        self.panel.check(weights)
        journal = simulate(self._ground, weights)
        return Followed(self.panel, self.spec, journal.equity, journal.gross, journal, self._ground)
