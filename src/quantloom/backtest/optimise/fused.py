"""Sets that the kernels of a sweep know, all in one go; the others as whole backtests."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from quantloom.backtest.analysis import daily_table, without_ruin
from quantloom.backtest.optimise.trial import WHOLE, Daily, Evaluator, Objective, Span, Trial
from quantloom.backtest.preparing import Prepared
from quantloom.backtest.sweeps import METRICS
from quantloom.backtest.sweeps.plans import PLANS, Plan
from quantloom.backtest.sweeps.suitability import why_not
from quantloom.kit import FloatArray
from quantloom.market import get_calendar, trading_days_of
from quantloom.strategy import BadParameter, Value

NAME = "sweep"


def fits(prepared: Prepared, objectives: Sequence[Objective]) -> bool:
    """Whether the kernels know a run, and measure what it is judged by."""
    return (
        prepared.strategy in PLANS
        and not why_not(prepared)
        and all(one.metric in METRICS for one in objectives)
    )


@dataclass(slots=True)
class FusedEvaluator:
    """Sweeps what the kernels know; what they do not know goes to another evaluator.

    That is a set whose orders fill in part: which sets these are hangs on the sets alone.

    Attributes:
        fixed: the parameters that are not searched.
        make_rest: makes the other evaluator, once there is a set for it.
    """

    prepared: Prepared
    fixed: Mapping[str, Value]
    workers: int
    make_rest: Callable[[], Evaluator]
    executor: str = NAME
    _rest: Evaluator | None = field(default=None, init=False)

    def evaluate(self, sets: Sequence[Mapping[str, Value]], span: Span = WHOLE) -> Iterator[Trial]:
        """Give a trial for each set, in their order."""
        plan = PLANS[self.prepared.strategy]
        whole = [{**self.fixed, **values} for values in sets]
        found = self._refused(plan, sets, whole)
        known = [place for place in range(len(whole)) if place not in found]
        if known:
            found |= self._fuse(plan, [sets[place] for place in known], known, span)
        left = [place for place in range(len(sets)) if place not in found]
        running = self._others().evaluate([sets[one] for one in left], span) if left else iter(())
        for place in range(len(sets)):
            yield found[place] if place in found else next(running)

    def close(self) -> None:
        """Close the other evaluator, if there was one."""
        if self._rest is not None:
            self._rest.close()

    def _refused(
        self,
        plan: Plan,
        sets: Sequence[Mapping[str, Value]],
        whole: Sequence[dict[str, Value]],
    ) -> dict[int, Trial]:
        name, found = self.prepared.strategy.__name__, {}
        for place, values in enumerate(whole):
            refusal = plan.refusal(values)
            if refusal is not None:
                problem = str(BadParameter(name, *refusal))
                found[place] = Trial(parameters=sets[place], state="refused", problem=problem)
        return found

    def _fuse(
        self,
        plan: Plan,
        sets: Sequence[Mapping[str, Value]],
        places: Sequence[int],
        span: Span,
    ) -> dict[int, Trial]:
        """Run sets in the kernels, and leave those out that turn out odd."""
        # Here and not above: it loads numba, which whole backtests do without.
        from quantloom.backtest.sweeps.fusing import fuse  # noqa: PLC0415

        given = self.prepared.spec
        spec = replace(given, start=span.start or given.start, end=span.end or given.end)
        prepared = replace(self.prepared, spec=spec)
        fused = fuse(
            prepared,
            plan,
            [{**self.fixed, **values} for values in sets],
            warm_up=span.warm_up,
            workers=self.workers,
            progress=None,
        )
        columns = {name: column.tolist() for name, column in fused.metrics.items()}
        found = {}
        for row in np.flatnonzero(~fused.is_odd).tolist():
            curve = fused.curve(row) if span.keeps_daily else None
            found[places[row]] = Trial(
                parameters=sets[row],
                metrics={name: _known(column[row]) for name, column in columns.items()},
                blocks=fused.blocks[row],
                powers=fused.powers[row],
                daily=None if curve is None else _daily(prepared, curve),
            )
        return found

    def _others(self) -> Evaluator:
        if self._rest is None:
            self._rest = self.make_rest()
            self.executor = f"{NAME}, and {self._rest.executor}"
        return self._rest


def _daily(prepared: Prepared, curve: FloatArray) -> Daily:
    """The daily returns of an equity curve over the last of a run's bars."""
    spec, (bars,) = prepared.spec, prepared.bars.values()
    seen = bars.between(spec.start, spec.end)[-len(curve) :]
    days = trading_days_of(seen, get_calendar(spec.instrument.calendar))
    table = daily_table(curve, days, float(spec.cash), None)
    return Daily(table["day"], without_ruin(table["return"]))


def _known(value: float) -> float | None:
    return value if np.isfinite(value) else None
