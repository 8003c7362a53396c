"""What a backtest leaves behind, in columns, with the hashes that say how to get it again."""

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import msgspec
import numpy as np

from quantloom.backtest import export
from quantloom.backtest.analysis import (
    Benchmark,
    FillColumns,
    TripColumns,
    daily_table,
    days_of,
    excursions_of,
    groups_table,
    rolling_table,
)
from quantloom.backtest.archive import write_archive
from quantloom.backtest.distributions import ActionUse
from quantloom.backtest.hashes import Hashes, data_digest, tables_digest
from quantloom.backtest.leaks import Audit
from quantloom.backtest.rebalance_moments import moments_table
from quantloom.backtest.rebalances import rebalances_table
from quantloom.backtest.rule_use import RuleUse, known_to
from quantloom.backtest.showing import shown_by
from quantloom.backtest.spec import BacktestSpec
from quantloom.backtest.tables import Table
from quantloom.backtest.tick_use import TickUse, ToldTicks
from quantloom.backtest.trial_count import TrialCount, trials_table, uncounted
from quantloom.data import DataGrade, inherit_grade
from quantloom.kit import DayArray, FloatArray
from quantloom.market import Bars, Calendar, get_calendar
from quantloom.market.rulebook import rule_book
from quantloom.performance import (
    DRAWS,
    Excursions,
    Finding,
    ReturnBands,
    RunColumns,
    Seed,
    Summary,
    TradeBands,
    TradeMethod,
    bootstrap_returns,
    diagnose,
    equity_at_costs,
    group_by_keys,
    redraw_trades,
)

# As `resolve` names the dominant chain of a product.
_CHAIN = "-MAIN"
GroupedBy = Literal["side", "exit", "symbol", "tag", "year", "month"]
TABLES = ("orders", "fills", "round_trips", "positions", "payments", "equity")
AnyPath = str | os.PathLike[str]


# Not slotted: what is worked out late is kept in the instance, where `replace` leaves it behind.
@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class BacktestResult:
    """A finished run.

    Attributes:
        spec: its settings.
        data: the bars it ran over, by symbol, without those of a warm-up.
        orders: id, submitted_ns, updated_ns, symbol, side, kind, quantity, price, stop, tif,
            role in a bracket, status, filled, rule and reason of a refusal, tag; where an offset
            router chose, `routing` before the tag says which lots, and why.
        fills: id, order_id, ts_ns, symbol, side, quantity, price, commission, slippage, cause
            (what kind of order), tag. Where there are several currencies, rate: what the
            instrument's was worth in the account's, in which all money of the tables is.
            Over a continuous series fills, round trips and positions have the real contract too.
        round_trips: symbol, side, quantity, entry_ns, entry_price, exit_ns, exit_price, gross,
            commission, slippage, pnl, exit (what closed it), tag; with several currencies also
            entry_rate and exit_rate.
        positions: what is still open: symbol, quantity, average_price, unrealised.
        payments: cash that moved without a fill: ts_ns, kind, symbol, amount.
        equity: for each time at which bars close ts_ns (their open), equity, cash, exposure (net
            notional) and gross_exposure, marked at the close; with one instrument its quantity.
        days: trading day of each row of equity.
        benchmark: what the run is compared with.
        state: what the strategy saved for a later run.
        final_cash, final_equity: exact; an open position is marked at the last close.
        known_hashes: `hashes`, as far as they are worked out.
        log: (UTC nanoseconds, text) of `ctx.log`.
        rules: what it took from the market rule book, and what of it is assumed.
        actions: what to know of the corporate actions that it was given, or was not.
        trials: how many trials stand behind it; None where they were not counted.
        ticks: what a run on ticks rested on; None for one on bars.
        executor: who has made it: event, vectorised, compiled or portfolio; on ticks `ticks`, or
            `ticks-compiled` for a program. Those of a kind of data give one result.
        told: its ticks, to be hashed when somebody asks; they are not kept with the result.
        audit: whether it looks ahead, as far as was tried; None where it was not. How much is
            tried is a setting apart from the run, so it is part of no hash and of no `to_bytes`.
        known_quality: `quality`, where it was worked out before the run.
    """

    spec: BacktestSpec
    data: Mapping[str, Bars]
    orders: Table
    fills: Table
    round_trips: Table
    positions: Table
    payments: Table
    equity: Table
    final_cash: Decimal
    final_equity: Decimal
    metrics: Summary
    known_hashes: Hashes
    days: DayArray
    benchmark: Benchmark | None = None
    state: Mapping[str, Any] = field(default_factory=dict)
    log: tuple[tuple[int, str], ...] = ()
    rules: RuleUse | None = None
    actions: ActionUse = field(default_factory=ActionUse)
    trials: TrialCount | None = None
    ticks: TickUse | None = None
    executor: str = "event"
    told: ToldTicks | None = None
    audit: Audit | None = None
    known_quality: Mapping[str, DataGrade] | None = None

    @property
    def bars(self) -> Bars:
        """The bars of the first instrument: the run's only one in most cases."""
        return self.data[self.spec.instrument.symbol]

    @property
    def start(self) -> datetime:
        """The open of the first bar of any instrument."""
        return min(bars.start for bars in self.data.values())

    @property
    def end(self) -> datetime:
        """The open of the last bar of any instrument."""
        return max(bars.end for bars in self.data.values())

    @property
    def calendar(self) -> Calendar:
        """The trading calendar that days and years are counted by: the first instrument's."""
        return get_calendar(self.spec.instrument.calendar)

    @cached_property
    def hashes(self) -> Hashes:
        """What the result was made from, and what came out."""
        # Long runs have 10 MB of bars, and hashing them would take half of a compiled run.
        known = self.known_hashes
        return replace(
            known,
            data=known.data or data_digest(self.data),
            result=known.result or tables_digest(self.tables()),
            facts=known.facts if self.told is None else self.told.digest(),
        )

    @cached_property
    def quality(self) -> Mapping[str, DataGrade]:
        """The grade of each instrument's data by symbol: of its dataset, or else of its bars.

        It hangs on what a catalog knows besides the bars, so it is part of no hash and of no
        `to_bytes`.
        """
        if self.known_quality is not None:
            return self.known_quality
        is_rolled = "contract" in self.fills
        instruments = {one.symbol: one for one in self.spec.instruments}
        return {
            symbol: inherit_grade(
                bars,
                instruments.get(symbol),
                ex_days=self._split_days(symbol),
                is_rolled=is_rolled,
            )
            for symbol, bars in self.data.items()
        }

    def _split_days(self, symbol: str) -> list[date]:
        moments = np.array([ts_ns for ts_ns, _ in self.actions.splits.get(symbol, ())], np.int64)
        days: list[date] = self.calendar.trading_day(moments).tolist()
        return days

    @property
    def data_grade(self) -> str:
        """The worst grade of its data, A to F."""
        return max(one.grade for one in self.quality.values())

    @cached_property
    def unruled(self) -> tuple[str, ...]:
        """Symbols whose fees and rules the market rule book knows, where the run left it closed."""
        if self.spec.rules is not None or not len(self.days):
            return ()
        last: date = self.days[-1].astype(object)
        return known_to(rule_book(), self.spec.symbols, last)

    @cached_property
    def stitched(self) -> tuple[str, ...]:
        """Chains of futures contracts that the run took for one instrument, rolls and all."""
        if "contract" in self.fills:
            return ()
        codes = {symbol: symbol.rpartition(".")[0] for symbol in self.spec.symbols}
        return tuple(symbol for symbol, code in codes.items() if code.endswith(_CHAIN))

    @cached_property
    def daily(self) -> Table:
        """Day, equity, return and drawdown of each trading day; a benchmark's return beside it.

        Drawdown is a ratio at or above zero. Returns are NaN where equity fell to zero.
        """
        return daily_table(self.equity["equity"], self.days, float(self.spec.cash), self.benchmark)

    @cached_property
    def rebalances(self) -> Table:
        """What each market order was to lead to, and how far it came, as shares of equity.

        Returns:
            ts_ns (sent), symbol; held (before it), wanted (by it and by those that still waited,
            cut to whole lots) and reached (less what it did not fill), signed and all at the last
            close before it; turnover (traded value over equity), commission, slippage, order_id.
            Quantities are those of fills alone, which splits change: after one shares are NaN, as
            they are where equity is not above zero, and of an order in another currency that did
            not fill.
        """
        return rebalances_table(
            self.orders,
            self.fills,
            self.equity,
            self.data,
            self.spec.instruments,
            splits=self.actions.splits,
        )

    @cached_property
    def rebalance_moments(self) -> Table:
        """The rebalancing orders together, a row for each moment at which any were sent.

        Returns:
            ts_ns (sent), day (of the bar at whose close), orders; turnover (bought and sold over
            equity), commission, slippage; missed (what was wanted and not reached, the shares of
            equity added up); holdings (instruments held once the last of them had filled) and
            gross (exposure over equity, at the close after that).
        """
        return moments_table(
            self.rebalances,
            self.fills,
            self.equity,
            self.days,
            instruments=self.spec.instruments,
            splits=self.actions.splits,
        )

    @cached_property
    def excursions(self) -> Excursions:
        """How far price went against and with each round trip, one row for each."""
        return excursions_of(self._trips, self.data, self.actions.splits)

    @cached_property
    def diagnostics(self) -> tuple[Finding, ...]:
        """What speaks against the figures, gravest first; `docs/reference/metrics.md` has all."""
        unrealised = self.positions.floats("unrealised")
        return diagnose(
            RunColumns(
                summary=self.metrics,
                equity=self.equity["equity"],
                days=self.days,
                round_trips=self._trips,
                fills=FillColumns.of(self.fills),
                bars=self.data,
                orders=len(self.orders),
                refused_orders=int((self.orders["status"] == "rejected").sum()),
                open_profit=float(unrealised.sum()),
                stitched=self.stitched,
            )
        )

    def groups(self, by: GroupedBy) -> Table:
        """Measure round trips apart from each other.

        Args:
            by: side, exit (what closed the trip), symbol or tag; year or month of the trading day
                of the exit.
        Returns:
            A row for each group, in the order of their keys: key, count, wins, losses, pnl,
            win_rate and the other fields of `TripStatistics`, NaN where one has no value.
        """
        trips = self._trips
        if by in {"year", "month"}:
            exits = days_of(trips.exit_ns, self.equity["ts_ns"], self.days)
            keys = exits.astype(f"datetime64[{'Y' if by == 'year' else 'M'}]")
        else:
            keys = self.round_trips[by]
        return groups_table(group_by_keys(trips, keys, self.excursions))

    def rolling(self, window: int | None = None) -> Table:
        """Measure the run over the days up to each day.

        Args:
            window: trading days, a quarter of a year where none is given.
        Returns:
            Day, volatility, sharpe and, beside a benchmark, beta; NaN before the window is full.
        Raises:
            NotPositive: window is below 1.
        """
        periods = self.calendar.periods_per_year
        days = periods // 4 if window is None else window
        return rolling_table(self.daily, window=days, periods_per_year=periods)

    def equity_at_costs(self, multiple: float) -> FloatArray:
        """Redraw the equity for costs of so many times what was paid, the fills being the same.

        Args:
            multiple: 0 for no costs, 2 for twice the costs.
        Returns:
            (n,) equity, a row for each of the equity table.
        """
        return equity_at_costs(
            equity=self.equity["equity"],
            ts_ns=self.equity["ts_ns"],
            fill_ns=self.fills["ts_ns"].astype(np.int64),
            costs=self.fills.floats("commission") + self.fills.floats("slippage"),
            multiple=multiple,
        )

    def bootstrap(self, *, draws: int = DRAWS, seed: Seed = 0) -> ReturnBands:
        """Draw the run's days anew, in blocks, and tell what it might have come to.

        Args:
            draws: how many runs.
            seed: or the generator to draw from.
        Raises:
            WrongShape, NotFinite: fewer than 2 trading days, or equity that fell to zero.
        """
        return bootstrap_returns(
            self.daily["return"],
            periods_per_year=self.calendar.periods_per_year,
            initial=float(self.spec.cash),
            draws=draws,
            seed=seed,
        )

    def redraw(
        self,
        method: TradeMethod = "resample",
        *,
        draws: int = DRAWS,
        skip: float = 0.1,
        ruin: float = 0.5,
        seed: Seed = 0,
    ) -> TradeBands:
        """Draw the run's closed round trips anew and tell what it might have come to.

        Args:
            method: `shuffle` their order, `resample` with replacement, `skip` some by chance.
            draws, skip, ruin, seed: as `redraw_trades` takes them.
        Raises:
            WrongShape: no round trip.
            BadTradeMethod, BadShare: another method, a share outside 0 to 1.
        """
        return redraw_trades(
            self._trips.pnl,
            initial=float(self.spec.cash),
            method=method,
            draws=draws,
            skip=skip,
            ruin=ruin,
            seed=seed,
        )

    @cached_property
    def _trips(self) -> TripColumns:
        return TripColumns.of(self.round_trips, self.spec.instruments)

    def save(self, folder: AnyPath, *, replace: bool = False) -> Path:
        """Keep the whole result, its bars too, for `load_result`: JSON, and Parquet tables.

        Args:
            folder: made where it is not there.
            replace: whether another result may be replaced.
        Returns:
            The folder.
        Raises:
            ResultThere: the folder holds another result, and `replace` is false.
            OSError: a file cannot be written.
        """
        record, tables = self.parts(self.hashes)
        return write_archive(
            Path(folder),
            record,
            tables=tables,
            bars=self.data,
            replace=replace,
            quality=self.quality.values(),
            audit=self.audit,
        )

    def to_parquet(self, folder: AnyPath) -> list[Path]:
        """Write each table to a file of a folder, exact numbers as decimals.

        Returns:
            The files.
        Raises:
            OSError: a file cannot be written.
        """
        return export.write_parquet(self._exported(), Path(folder))

    def to_csv(self, folder: AnyPath) -> list[Path]:
        """Write each table to a file of a folder, numbers in full and times as ISO 8601 in UTC.

        Returns:
            The files, `metrics.csv` first.
        Raises:
            OSError: a file cannot be written.
        """
        metrics = export.metrics_table(self.metrics)
        return export.write_csv({"metrics": metrics, **self._exported()}, Path(folder))

    def to_json(self, path: AnyPath) -> Path:
        """Write the summary, the tables and the log as one JSON object, exact numbers as text.

        Raises:
            OSError: the file cannot be written.
        """
        return export.write_bytes(self._to_json(self.summary()), Path(path))

    def to_xlsx(self, path: AnyPath) -> Path:
        """Write a workbook: a sheet of the metrics and one for each table, times in UTC.

        Raises:
            XlsxExtraMissing: xlsxwriter is not installed.
            TooManyRows: a table is longer than a sheet can be.
            OSError: the file cannot be written.
        """
        metrics = export.metrics_table(self.metrics)
        return export.write_xlsx(
            {"metrics": metrics, **self._exported()}, Path(path), created=self.end
        )

    def to_html(self, path: AnyPath, *, language: str = "en") -> Path:
        """Write the report: one page that needs nothing else.

        Args:
            language: `en`, where gains are green, or `zh`, where gains are red.
        Raises:
            UnknownLanguage: another language.
            ReportExtraMissing: jinja2 or plotly is not installed.
            OSError: the file cannot be written.
        """
        written: Path = shown_by("write_report")(self, Path(path), language=language)
        return written

    def plot(self, *, language: str = "en") -> Any:
        """Draw price with trades, equity and drawdown, as a figure of plotly's.

        Raises:
            UnknownLanguage: another language than `en` and `zh`.
            ReportExtraMissing: plotly is not installed.
        """
        return shown_by("plot_result")(self, language=language)

    def tables(self) -> Mapping[str, Table]:
        """Every table by its name."""
        return {name: getattr(self, name) for name in TABLES}

    def _exported(self) -> Mapping[str, Table]:
        """The tables that other programs get: of a portfolio its rebalances too."""
        beside = ("rebalances", "rebalance_moments") if len(self.data) > 1 else ()
        return {**self.tables(), **{name: getattr(self, name) for name in beside}}

    def to_bytes(self) -> bytes:
        """The whole result as JSON; the same spec, data and code give the same bytes.

        How many trials there were is left out: it hangs on other runs; and so are the audit and
        the grade of the data: how much is tried, and what a catalog knows, is no part of the run.
        """
        alone = replace(
            self,
            metrics=uncounted(self.metrics),
            trials=None,
            audit=None,
            known_hashes=self.hashes,
        )
        return alone._to_json(alone._told())  # noqa: SLF001  another of this class

    def _to_json(self, told: Mapping[str, Any]) -> bytes:
        tables = {
            name: {key: column.tolist() for key, column in table.items()}
            for name, table in self.tables().items()
        }
        return msgspec.json.encode({**told, "tables": tables, "log": self.log})

    def summary(self) -> dict[str, Any]:
        """The result without its tables: what `--json` prints."""
        data = [one.plain() for one in self.quality.values()]
        return self._told() | {"quality": {"grade": self.data_grade, "data": data}}

    def _told(self) -> dict[str, Any]:
        """The result without its tables, and without what hangs on more than the run."""
        refused = [row for row in self.orders["status"].tolist() if row == "rejected"]
        return {
            "strategy": self.spec.strategy,
            "symbol": ", ".join(self.spec.symbols),
            "timeframe": self.spec.timeframe,
            "parameters": dict(self.spec.parameters),
            "bars": sum(len(bars) for bars in self.data.values()),
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "currency": self.spec.currency,
            "initial_cash": self.spec.cash,
            "final_cash": self.final_cash,
            "final_equity": self.final_equity,
            "orders": len(self.orders),
            "rejected_orders": len(refused),
            "fills": len(self.fills),
            "round_trips": len(self.round_trips),
            "open_positions": len(self.positions),
            "metrics": self.metrics.as_dict(),
            "unknown_metrics": dict(self.metrics.reasons),
            "executor": self.executor,
            "hashes": asdict(self.hashes),
            "audit": None if self.audit is None else self.audit.plain(),
        } | self._beside()

    def _beside(self) -> dict[str, Any]:
        """What only some runs have."""
        rules = {} if self.rules is None else {"rules": self.rules.plain()}
        ticks = {} if self.ticks is None else {"ticks": self.ticks.plain()}
        trials = {} if self.trials is None else {"trials": asdict(self.trials)}
        return rules | ticks | trials

    def parts(self, hashes: Hashes) -> tuple[dict[str, Any], dict[str, Table]]:
        """Everything but bars, as `restore` reads it: what is plain, and the tables.

        Args:
            hashes: to be kept with it; those that are not worked out yet are left open.
        """
        beside = {"days": Table({"day": self.days})}
        if self.benchmark is not None:
            beside["benchmark"] = Table({"return": self.benchmark.returns})
        beside["trials"] = trials_table(self.trials)
        return self._record(hashes), {**self.tables(), **beside}

    def _record(self, hashes: Hashes) -> dict[str, Any]:
        return {
            "spec": self.spec,
            "slippage": type(self.spec.slippage).__name__,
            "sizing": type(self.spec.sizing).__name__,
            "final_cash": self.final_cash,
            "final_equity": self.final_equity,
            # The same run may be saved again, whatever else was tried since.
            "metrics": uncounted(self.metrics).as_dict(),
            "reasons": dict(uncounted(self.metrics).reasons),
            "hashes": hashes,
            "benchmark": None if self.benchmark is None else self.benchmark.symbol,
            "state": dict(self.state),
            "log": self.log,
            "rules": self.rules,
            "actions": self.actions,
            "ticks": self.ticks,
            "executor": self.executor,
        }

    def _repr_html_(self) -> str:
        text: str = shown_by("summarise_html")(self)
        return text

    def __repr__(self) -> str:
        return (
            f"<BacktestResult {self.spec.strategy} on {', '.join(self.spec.symbols)} "
            f"{self.spec.timeframe}: {len(self.round_trips)} round trips, "
            f"final equity {self.final_equity:f}>"
        )
