"""The audit of a run in the event engine: its strategy is run again on other futures."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from quantloom.backtest.desk import BarDesk
from quantloom.backtest.leaks import Leak, LeakKind, Note
from quantloom.backtest.lookahead.attempts import LATE, WINDOW, Attempt, plan_attempts
from quantloom.backtest.lookahead.budget import Budget, pace_of
from quantloom.backtest.lookahead.decisions import (
    Difference,
    different_lines,
    first_different_act,
    guess,
    warm_ends,
)
from quantloom.backtest.lookahead.findings import Findings
from quantloom.backtest.lookahead.foresight import (
    Decided,
    foresees,
    telling_columns,
    with_column,
)
from quantloom.backtest.lookahead.futures import IN_TURNS, Futures, known_at, moved_by_later
from quantloom.backtest.lookahead.quiet import Chance
from quantloom.backtest.lookahead.reruns import Rerun, Reruns
from quantloom.backtest.lookahead.spending import UNSEEN, Spending
from quantloom.backtest.ready import Ground
from quantloom.backtest.record import Act
from quantloom.kit import IntArray
from quantloom.market import Bars

# Share of what is left for bars that are wholly others.
_ALIEN = 0.15
# Of runs too long to be made again to their end, stretches are, each with two cuts.
_STRETCHES, _SHORTEST = 4, 64
_FOR_STRETCHES = 0.5
_FEWEST_ALIKE = 8
_MOST_COLUMNS = 40


@dataclass(slots=True)
class EventAudit:
    """Audits one run."""

    reruns: Reruns
    spending: Spending
    findings: Findings
    rng: np.random.Generator
    _futures: Mapping[str, Futures]

    @classmethod
    def of(
        cls,
        ground: Ground,
        desk: BarDesk,
        chance: Chance,
        *,
        budget: Budget,
        findings: Findings,
        took_s: float,
    ) -> "EventAudit":
        """Stand on a finished run.

        Args:
            took_s: seconds that it took.
        """
        count = len(desk.timeline)
        spending = Spending(
            budget,
            pace_s=pace_of(took_s, count),
            count=count,
            instruments=len(desk.feeds),
            first=desk.first_step,
            known_until=count,
        )
        futures = {
            symbol: Futures(bars, float(desk.instruments[symbol].tick_size))
            for symbol, bars in ground.seen.items()
        }
        rng = np.random.default_rng(ground.spec.seed)
        return cls(Reruns.of(ground, desk, chance), spending, findings, rng, futures)

    def run(self, *, is_compiled: bool = False) -> None:
        """Try as many futures as the budget allows.

        Args:
            is_compiled: whether machine code made the run, which keeps nothing of what it did.
        """
        self.findings.in_all += len(self.desk.orders if is_compiled else self.reruns.acts)
        if self._last < self._first or (is_compiled and not self._act_again()):
            return
        self._try_alien()
        self._try_known()
        self.spending.reserved = _FOR_STRETCHES * self.spending.left if self._is_long else 0.0
        decided = self._steps_of(self.reruns.acts)
        plan = plan_attempts(self.desk, decided, self.spending, last=self._last, rng=self.rng)
        for one in plan:
            if self.findings.is_enough or self.findings.cuts >= self.spending.budget.cuts:
                break
            if self.spending.can_afford(self._until(one), one.stop):
                self._try(one)
        self.spending.reserved = 0.0
        self._try_stretches()

    def _act_again(self) -> bool:
        """Find out by callbacks what the run did, as far as other futures will be tried."""
        count = len(self.desk.timeline)
        until = max(self.spending.steps_for(LATE), min(self._first + 2, count))
        made = self._make(self.reruns.ground.seen, until, count)
        self.reruns.acts, self.spending.known_until = made.acts, until
        return not made.has_failed

    @property
    def desk(self) -> BarDesk:
        """What the run left."""
        return self.reruns.desk

    @property
    def _first(self) -> int:
        return self.desk.first_step

    @property
    def _last(self) -> int:
        return min(len(self.desk.timeline), self.spending.known_until + 1) - 2

    def _until(self, one: Attempt) -> int:
        return one.cut + 1 if one.has_calls else self._first

    def _make(self, bars: Mapping[str, Bars], until: int, stop: int, *, first: int = 0) -> Rerun:
        # A stretch has its own warm-up, of as many bars.
        self.spending.spend(until - first, stop - first)
        return self.reruns.make(bars, until, first=first)

    # What is tried

    def _steps_of(self, acts: list[Act]) -> IntArray:
        times = np.array([act.ts_ns for act in acts], dtype=np.int64)
        return np.unique(np.searchsorted(self.desk.timeline.closes_ns, times))

    def _rows(self, one: Attempt, place: int) -> tuple[int, int]:
        """The rows of an instrument that a re-run is over."""
        rows = self.desk.timeline.rows[:, place]
        first = int(rows[one.first - 1]) + 1 if one.first else 0
        return first, max(int(rows[one.stop - 1]) + 1, 1)

    def _bars(self, one: Attempt, seen: Mapping[str, Bars] | None = None) -> dict[str, Bars]:
        rows = self.desk.timeline.rows
        found = {}
        for place, symbol in enumerate(self.desk.feeds):
            first, stop = self._rows(one, place)
            futures = self._futures[symbol]
            if seen is not None or first:
                bars = (seen or self.reruns.ground.seen)[symbol]
                futures = Futures(bars[first:], futures.tick)
            row = int(rows[one.cut, place]) - first
            found[symbol] = futures.after(row, stop - first, one.kind, self.rng)
        return found

    def _try(self, one: Attempt) -> None:
        """Compare everything up to a cut."""
        until = self._until(one)
        made = self._make(self._bars(one), until, one.stop)
        if made.desk is None and not made.acts:
            return
        expected = self.reruns.acts_until(until)
        found = [*self._differences(expected, made, self.desk, one)]
        if found and not self._is_repeatable(until):
            self.findings.is_unrepeatable = True
            return
        reach = (one.cut + 1) / len(self.desk.timeline) if one.has_calls else 0.0
        self.findings.count(len(expected), reach=reach)
        self._see(0, one.cut + 1 if one.has_calls else 0)
        self.findings.add(found)

    def _see(self, first: int, until: int) -> None:
        """Note steps that were decided again."""
        self.findings.see(first, until, len(self.desk.timeline))

    def _differences(
        self, expected: list[Act], made: Rerun, desk: BarDesk, one: Attempt
    ) -> Iterator[Leak]:
        """What is otherwise up to a cut: the first act, and the first value of each line.

        Args:
            desk: of the run that is compared with.
        """
        if made.has_failed:
            expected = expected[: len(made.acts)]
        different = first_different_act(expected, made.acts)
        if different is not None:
            yield self._leak(different, one, is_line=False)
        if made.desk is not None:
            for each in different_lines(desk, made.desk, one.cut - one.first):
                yield self._leak(each, one, is_line=True)

    # Stretches of a run that is too long to be made again up to a late cut

    def _try_stretches(self) -> None:
        """Begin anew in the middle, twice, and compare these two where they part."""
        if not self._is_long:
            return
        count, warm = len(self.desk.timeline), int(warm_ends(self.desk).max())
        # Each is run over once as it was, and twice with another future.
        each = max(self.spending.left, 0) / (3 * _STRETCHES) / (1 + UNSEEN)
        width = warm + max(int(each) - _SHORTEST - warm, _SHORTEST)
        if count < _STRETCHES * (width + _SHORTEST):
            return
        for part in range(1, _STRETCHES + 1):
            low, high = (count * place // _STRETCHES for place in (part - 1, part))
            first = int(self.rng.integers(max(low, 1), max(high - width, low + 1) + 1))
            stop = min(first + width + _SHORTEST, count)
            if self.findings.is_enough or not self.spending.can_afford(
                3 * width, 3 * (stop - first)
            ):
                return
            if not self.findings.leaks:
                self._try_stretch(Attempt(first + width - 1, stop, "mirrored", first=first))

    @property
    def _is_long(self) -> bool:
        """Whether the run cannot be made again to its end."""
        return self.spending.left < len(self.desk.timeline)

    def _try_stretch(self, whole: Attempt) -> None:
        real, until = self._real(whole), whole.cut + 1
        if real is None:
            return
        made = self._make(real, until, whole.stop, first=whole.first)
        if made.desk is None:
            return
        acted = self._steps_of(made.acts)
        acted = acted[(acted >= whole.first) & (acted < until)]
        cuts = [whole.cut, *(self.rng.permutation(acted)[:1].tolist())]
        for cut, kind in zip(cuts, IN_TURNS, strict=False):
            self._part(whole._replace(cut=cut, kind=kind), made, real)

    def _real(self, one: Attempt) -> dict[str, Bars] | None:
        """The bars of a stretch as they were; None where one instrument has none of them."""
        found = {}
        for place, (symbol, bars) in enumerate(self.reruns.ground.seen.items()):
            first, stop = self._rows(one, place)
            if first >= stop or int(self.desk.timeline.rows[one.cut, place]) < first:
                return None
            found[symbol] = bars[first:stop]
        return found

    def _part(self, one: Attempt, was: Rerun, real: Mapping[str, Bars]) -> None:
        """Let the bars of a stretch be others after a cut."""
        until, desk = one.cut + 1, was.desk
        if desk is None or any(
            int(self.desk.timeline.rows[one.cut, place]) < self._rows(one, place)[0]
            for place in range(len(desk.feeds))
        ):
            return
        made = self._make(self._bars(one), until, one.stop, first=one.first)
        if made.desk is None and not made.acts:
            return
        expected = self.reruns.until(was.acts, until)
        found = [*self._differences(expected, made, desk, one)]
        if found:
            again = self._make(real, until, one.stop, first=one.first)
            if any(self._differences(expected, again, desk, one)):
                self.findings.is_unrepeatable = True
                return
        self.findings.count(0, reach=until / len(self.desk.timeline), anew=len(expected))
        self._see(one.first, until)
        self.findings.add(found)

    def _leak(self, found: Difference, one: Attempt, *, is_line: bool) -> Leak:
        timeline = self.desk.timeline
        if is_line:
            step = int(np.searchsorted(timeline.opens_ns, found.ts_ns))
        else:
            step = int(np.searchsorted(timeline.closes_ns, found.ts_ns))
        step = min(step, one.cut)
        first = max(self._first, one.first)
        kind = guess(step, one.cut, timeline.days, first=first, whole_day=found.whole_day)
        if one.is_truncated and not is_line and self._needs_the_end(one):
            kind = "length"
        return self._told(found, step, one.cut, kind, is_line=is_line)

    def _told(
        self, found: Difference, step: int, cut: int, kind: LeakKind, *, is_line: bool
    ) -> Leak:
        opens = self.desk.timeline.opens_ns
        return Leak(
            kind=kind,
            what="line" if is_line else "order",
            name=found.name,
            symbol=found.symbol,
            at_ns=int(opens[step]),
            cut_ns=int(opens[cut]),
            was=found.was,
            became=found.became,
        )

    def _needs_the_end(self, one: Attempt) -> bool:
        """Whether nothing changes as long as there are as many bars as in the run."""
        longer = one._replace(stop=len(self.desk.timeline), is_truncated=False)
        made = self._make(self._bars(longer), one.cut + 1, longer.stop)
        return first_different_act(self.reruns.acts_until(one.cut + 1), made.acts) is None

    def _is_repeatable(self, until: int) -> bool:
        """Whether the same bars give the same decisions, twice."""
        for _ in range(2):
            made = self._make(self.reruns.ground.seen, until, len(self.desk.timeline))
            expected = self.reruns.acts_until(until)
            if first_different_act(expected, made.acts) is not None:
                return False
            if made.desk is not None and any(different_lines(self.desk, made.desk, until - 1)):
                return False
        return True

    # Bars that are wholly others

    def _try_alien(self) -> None:
        """Show bars of which nothing is real, and see whether decisions go by the real ones."""
        until = min(self.spending.steps_for(_ALIEN), len(self.desk.timeline))
        if until <= self._first + 1:
            return
        stop = min(len(self.desk.timeline), until + WINDOW)
        one = Attempt(self._first, stop, "drawn")
        made = self._make(self._bars(one), until, stop)
        if made.has_failed:
            return
        expected = self.reruns.acts_until(until)
        self._judge_alien(expected, made.acts)
        self._try_columns(until, stop)

    def _judge_alien(self, expected: list[Act], acts: list[Act]) -> None:
        if foresees(self._decided(acts), self.reruns.ground.seen):
            first = acts[0]
            step = int(np.searchsorted(self.desk.timeline.closes_ns, first.ts_ns))
            found = Difference(
                first.ts_ns, first.tickets[0].symbol, "order", "its own", "that of other bars"
            )
            self.findings.add([self._told(found, step, step, "elsewhere", is_line=False)])
        elif (
            len(expected) >= _FEWEST_ALIKE
            and first_different_act(expected, acts, loosely=True) is None
        ):
            self.findings.notes.append(Note(kind="deaf", facts={}))

    def _decided(self, acts: list[Act]) -> dict[str, Decided]:
        orders = [
            (act.tickets[0].symbol, act.ts_ns, act.tickets[0].side.sign)
            for act in acts
            if act.kind == "order"
        ]
        found = {}
        for symbol, feed in self.desk.feeds.items():
            times = np.array([ts for name, ts, _ in orders if name == symbol], dtype=np.int64)
            signs = np.array([sign for name, _, sign in orders if name == symbol], dtype=float)
            rows = np.searchsorted(feed.closes_ns, times)
            found[symbol] = Decided(rows, signs)
        return found

    def _try_columns(self, until: int, stop: int) -> None:
        """Find columns made with the future, and whether the strategy goes by them."""
        for symbol, bars in self.reruns.ground.seen.items():
            for told in telling_columns(bars, [*bars.extras][:_MOST_COLUMNS]):
                self.findings.notes.append(Note(kind="column", facts=told.facts))
                self._try_column(symbol, told.name, until, stop)

    def _try_column(self, symbol: str, name: str, until: int, stop: int) -> None:
        seen = dict(self.reruns.ground.seen)
        mixed = self.rng.permutation(seen[symbol].extras[name])
        seen[symbol] = with_column(seen[symbol], name, mixed)
        made = self._make(seen, until, stop)
        found = first_different_act(self.reruns.acts_until(until), made.acts)
        if found is not None and not made.has_failed:
            step = int(np.searchsorted(self.desk.timeline.closes_ns, found.ts_ns))
            self.findings.add([self._told(found, step, step, "column", is_line=False)])

    # Prices that later actions have moved

    def _try_known(self) -> None:
        """Tell prices as they were told at a cut, where later actions have moved them since."""
        timeline = self.desk.timeline
        for place, (symbol, bars) in enumerate(self.reruns.ground.seen.items()):
            rows = moved_by_later(bars)
            if not len(rows):
                continue
            self.findings.adjusted.append(symbol)
            steps = timeline.steps_of(place, rows.tolist())
            inside = [step for step in steps if self._first <= step <= self._last]
            affordable = [
                step for step in inside if self.spending.can_afford(step + 1, step + WINDOW)
            ]
            for step in affordable[-1:] + affordable[:-1][:2]:
                if not self.findings.leaks:
                    self._try_as_of(step)

    def _try_as_of(self, step: int) -> None:
        rows, until = self.desk.timeline.rows, step + 1
        seen = {}
        for place, (symbol, bars) in enumerate(self.reruns.ground.seen.items()):
            row = int(rows[step, place])
            seen[symbol] = (known_at(bars, row) if row >= 0 else None) or bars
        one = Attempt(step, min(len(rows), until + WINDOW), "mirrored")
        made = self._make(self._bars(one, seen), until, one.stop)
        if made.has_failed:
            return
        expected = self.reruns.acts_until(until)
        self.findings.count(len(expected), reach=until / len(rows))
        self._see(0, until)
        found = first_different_act(expected, made.acts, loosely=True)
        if found is None:
            return
        if not self._is_repeatable(until):
            self.findings.is_unrepeatable = True
            return
        at = min(int(np.searchsorted(self.desk.timeline.closes_ns, found.ts_ns)), step)
        self.findings.add([self._told(found, at, step, "adjusted", is_line=False)])
