"""Stands beside a run and audits it when it is over."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from time import thread_time

import msgspec
import numpy as np

from quantloom.backtest.desk import BarDesk
from quantloom.backtest.executors import followed
from quantloom.backtest.leaks import Audit, read_audit
from quantloom.backtest.lookahead.aside import do_aside
from quantloom.backtest.lookahead.budget import AuditSetting, Budget, make_budget, read_setting
from quantloom.backtest.lookahead.events import EventAudit
from quantloom.backtest.lookahead.findings import Findings
from quantloom.backtest.lookahead.futures import Futures
from quantloom.backtest.lookahead.quiet import Chance, unnoticed
from quantloom.backtest.lookahead.signals import Columns, SignalAudit, columns_of
from quantloom.backtest.lookahead.weights import WeightAudit
from quantloom.backtest.ready import Ground, make_strategy
from quantloom.backtest.result import BacktestResult
from quantloom.backtest.spec import BacktestSpec
from quantloom.market import Bars, get_calendar, trading_days_of
from quantloom.strategy import Strategy

_MOST_SYMBOLS = 8
# A copy that is stuck is given up; one that makes sure of what it has found may take its time.
_PATIENCE, _GRACE_S = 20, 30.0
SIGNALS = "generate_signals"


@dataclass(slots=True)
class Watch:
    """Watches one run from before it begins.

    Attributes:
        setting: as `audit=` takes it. engine: as `engine=` does.
    """

    setting: AuditSetting
    engine: str
    _chance: Chance
    _began: float
    _left: tuple[Ground, BarDesk] | None = None

    @classmethod
    def begin(cls, setting: object, engine: str) -> "Watch":
        """Begin to watch, right before the run.

        Args:
            engine: that the run was asked to be made by.
        Raises:
            BadAudit: the setting is nothing that `audit=` takes.
        """
        return cls(read_setting(setting), engine, Chance.now(), thread_time())

    def keep(self, ground: Ground, desk: BarDesk) -> None:
        """Keep what the run left."""
        if self.setting is not False:
            self._left = ground, desk

    def audited(
        self, result: BacktestResult, strategy: type[Strategy], bars: Mapping[str, Bars]
    ) -> BacktestResult:
        """The result with its audit.

        Args:
            bars: that the run was given, by symbol.
        """
        if self.setting is False:
            return result
        took_s = thread_time() - self._began
        budget = make_budget(self.setting, took_s)

        def work() -> bytes:
            audit = self._audit(result.spec, strategy, bars, budget=budget, took_s=took_s)
            return msgspec.json.encode(audit.plain())

        limit_s = None if budget.limit_s is None else _PATIENCE * budget.limit_s + _GRACE_S
        told = do_aside(work, limit_s=limit_s)
        found = Findings().audit(budget) if told is None else read_audit(told)
        return replace(result, audit=found)

    def _audit(
        self,
        spec: BacktestSpec,
        strategy: type[Strategy],
        bars: Mapping[str, Bars],
        *,
        budget: Budget,
        took_s: float,
    ) -> Audit:
        findings = Findings()
        # What follows signals or weights does nothing else than they say.
        means = followed(self.engine, strategy)
        with unnoticed():
            budget.start()
            if means == "signals":
                self._audit_signals(spec, strategy, bars, budget=budget, findings=findings)
            if self._left is not None and means == "weights":
                WeightAudit(*self._left, self._chance, budget, findings).run()
            elif self._left is not None and means == "callbacks":
                ground, desk = self._left
                EventAudit.of(
                    ground, desk, self._chance, budget=budget, findings=findings, took_s=took_s
                ).run()
        return findings.audit(budget)

    def _audit_signals(
        self,
        spec: BacktestSpec,
        strategy: type[Strategy],
        bars: Mapping[str, Bars],
        *,
        budget: Budget,
        findings: Findings,
    ) -> None:
        def make(given: Bars) -> Columns:
            # A new object each time: one that kept its first bars would look honest.
            return columns_of(getattr(make_strategy(strategy, spec), SIGNALS)(given))

        rng = np.random.default_rng(spec.seed)
        listed = spec.instruments[:_MOST_SYMBOLS]
        for one in listed:
            seen = bars[one.symbol].between(spec.start, spec.end)
            days = trading_days_of(seen, get_calendar(one.calendar)).astype("datetime64[D]")
            SignalAudit(
                make=make,
                futures=Futures(seen, float(one.tick_size)),
                days=days.view(np.int64),
                budget=budget,
                findings=findings,
                rng=rng,
                chance=self._chance,
                cuts=max(budget.cuts // len(listed), 2),
            ).run()
