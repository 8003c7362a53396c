"""Stands beside a run and audits it when it is over."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from time import perf_counter, thread_time
from typing import NamedTuple

import msgspec
import numpy as np

from quantloom.backtest.desk import BarDesk
from quantloom.backtest.leaks import Audit, read_audit
from quantloom.backtest.lookahead.aside import do_aside
from quantloom.backtest.lookahead.budget import (
    AuditSetting,
    Budget,
    make_budget,
    pace_of,
    read_setting,
)
from quantloom.backtest.lookahead.events import EventAudit
from quantloom.backtest.lookahead.findings import Findings
from quantloom.backtest.lookahead.futures import Futures
from quantloom.backtest.lookahead.quiet import Chance, unnoticed
from quantloom.backtest.lookahead.signals import Columns, SignalAudit, columns_of
from quantloom.backtest.lookahead.weights import WeightAudit
from quantloom.backtest.ready import Ground, make_strategy
from quantloom.backtest.result import BacktestResult
from quantloom.market import Bars
from quantloom.strategy import Signals, Weights

_MOST_SYMBOLS = 8
# A copy that is stuck is given up; one that makes sure of what it has found may take its time.
_PATIENCE, _GRACE_S = 20, 30.0


@dataclass(slots=True)
class Watch:
    """Watches one run from before it begins.

    Attributes:
        setting: as `audit=` takes it.
    """

    setting: AuditSetting
    _chance: Chance
    _began: tuple[float, float]
    _left: tuple[Ground, BarDesk] | None = None

    @classmethod
    def begin(cls, setting: object) -> "Watch":
        """Begin to watch, right before the run.

        Raises:
            BadAudit: the setting is nothing that `audit=` takes.
        """
        return cls(read_setting(setting), Chance.now(), (thread_time(), perf_counter()))

    def keep(self, ground: Ground, desk: BarDesk) -> None:
        """Keep what the run left."""
        if self.setting is not False:
            self._left = ground, desk

    def audited(self, result: BacktestResult) -> BacktestResult:
        """The result with its audit."""
        if self._left is None:
            return result
        ground, desk = self._left
        took_s, passed_s = thread_time() - self._began[0], perf_counter() - self._began[1]
        budget = make_budget(self.setting)

        def work() -> bytes:
            one = _Audited(ground, desk, self._chance, budget, took_s)
            return msgspec.json.encode(one.audit(is_compiled=result.executor == "compiled").plain())

        limit_s = None if budget.is_endless else _PATIENCE * max(passed_s, budget.limit_s or 0)
        told = do_aside(work, limit_s=None if limit_s is None else limit_s + _GRACE_S)
        found = Findings().audit(budget) if told is None else read_audit(told)
        return replace(result, audit=found)


class _Audited(NamedTuple):
    """A finished run to be audited."""

    ground: Ground
    desk: BarDesk
    chance: Chance
    budget: Budget
    took_s: float

    def audit(self, *, is_compiled: bool) -> Audit:
        """Let what made the decisions make them again."""
        findings, said = Findings(), self.desk.said
        pace_s = pace_of(self.took_s, len(self.desk.timeline))
        with unnoticed():
            self.budget.start()
            if said is None:
                EventAudit.of(
                    self.ground,
                    self.desk,
                    self.chance,
                    budget=self.budget,
                    findings=findings,
                    took_s=self.took_s,
                ).run(is_compiled=is_compiled)
            elif isinstance(said, Weights):
                WeightAudit(
                    self.ground, self.desk, said, self.chance, self.budget, findings, pace_s
                ).run()
            else:
                self._audit_signals(said, findings, pace_s)
        return findings.audit(self.budget)

    def _audit_signals(
        self, said: Mapping[str, Signals], findings: Findings, pace_s: float
    ) -> None:
        def make(given: Bars) -> Columns:
            # A new object each time: one that kept its first bars would look honest.
            running = make_strategy(self.ground.strategy, self.ground.spec)
            return columns_of(running.generate_signals(given))

        rng = np.random.default_rng(self.ground.spec.seed)
        audited = [*self.desk.feeds.values()][:_MOST_SYMBOLS]
        for feed in audited:
            columns, bars, days = columns_of(said[feed.symbol]), feed.bars, feed.day_numbers
            if feed.passes_idle_days and feed.idle.any():
                shown = ~feed.idle
                bars, days = feed.traded_bars, days[shown]
                columns = {name: column[shown] for name, column in columns.items()}
            SignalAudit(
                make=make,
                columns=columns,
                futures=Futures(bars, float(feed.instrument.tick_size)),
                days=days,
                budget=self.budget,
                findings=findings,
                rng=rng,
                chance=self.chance,
                cuts=max(self.budget.cuts // len(audited), 2),
                pace_s=pace_s,
                instruments=len(audited),
            ).run()
