"""The audit of weights that are decided from whole arrays of many instruments."""

from copy import deepcopy
from dataclasses import dataclass

import numpy as np

from quantloom.backtest.desk import BarDesk
from quantloom.backtest.leaks import Leak, LeakKind, Note
from quantloom.backtest.lookahead.budget import ROWS, Budget
from quantloom.backtest.lookahead.cuts import Places, plan_cuts
from quantloom.backtest.lookahead.decisions import first_different_row, guess
from quantloom.backtest.lookahead.findings import Findings
from quantloom.backtest.lookahead.foresight import Decided, foresees
from quantloom.backtest.lookahead.futures import IN_TURNS, Futures, Kind
from quantloom.backtest.lookahead.quiet import Chance
from quantloom.backtest.portfolio.paneling import panel_of
from quantloom.backtest.portfolio.running import ask
from quantloom.backtest.ready import Ground, make_strategy
from quantloom.kit import FloatArray
from quantloom.strategy import Weights

_TRUNCATED_EVERY = 4
_WINDOW = 256
_FEWEST_ALIKE, _FEWEST_STEPS = 8, 3


@dataclass(slots=True)
class WeightAudit:
    """Audits the weights of one run: they are decided again where the bars to come are others.

    Attributes:
        ground: what the run stood on. desk: what it left.
        said: the weights that it followed. pace_s: seconds that it took for each step.
    """

    ground: Ground
    desk: BarDesk
    said: Weights
    chance: Chance
    budget: Budget
    findings: Findings
    pace_s: float

    def run(self) -> None:
        """Decide on as many futures as can be afforded."""
        rng = np.random.default_rng(self.ground.spec.seed)
        steps, symbols = len(self.desk.timeline), len(self.desk.feeds)
        if steps < _FEWEST_STEPS:
            return
        real = self._laid_out(self.said, steps)
        left = self.budget.units(ROWS, steps, pace_s=self.pace_s, instruments=symbols)
        decided = np.flatnonzero(~np.isnan(real).all(axis=1))
        self.findings.in_all += len(decided)
        shown = int(min(steps, max(left / 4, _WINDOW)))
        self._try_alien(real, shown, rng)
        left -= shown
        places = Places(
            0, steps - 2, decided, self.desk.timeline.day_steps(), np.empty(0, dtype=np.int64)
        )
        limit = int(min(steps, max(left / self.budget.cuts, _WINDOW)))
        cuts = plan_cuts(places, self.budget.cuts, rng, limit=limit)
        cuts[3:3] = plan_cuts(places, 2, rng, limit=steps - 2)
        for turn, cut in enumerate(cuts):
            is_cut_off = turn % _TRUNCATED_EVERY == _TRUNCATED_EVERY - 1
            stop = cut + 2 if is_cut_off else min(steps, 2 * cut + _WINDOW)
            if self.findings.is_enough or stop > left or self.budget.is_over:
                continue
            left -= stop
            self._try(real, cut, self._decide(cut, stop, IN_TURNS[turn % len(IN_TURNS)], rng), rng)

    def _decide(
        self, cut: int | None, stop: int, kind: Kind, rng: np.random.Generator
    ) -> FloatArray | None:
        """The weights at each step, NaN where none are decided; bars after the cut are others.

        Args:
            cut: -1 for all of them; None to leave all as they are.
        """
        rows, seen = self.desk.timeline.rows, {}
        for place, (symbol, bars) in enumerate(self.ground.seen.items()):
            count = max(int(rows[stop - 1, place]) + 1, 1)
            row = count if cut is None else int(rows[cut, place]) if cut >= 0 else -1
            tick = float(self.desk.instruments[symbol].tick_size)
            seen[symbol] = Futures(bars, tick).after(row, count, kind, rng)
        self.chance.restore()
        try:
            desk = self.ground.make_desk(seen)
            running = make_strategy(self.ground.strategy, self.ground.spec)
            if self.ground.spec.state:
                running.restore_state(deepcopy(dict(self.ground.spec.state)))
            panel = panel_of([*desk.feeds.values()], desk.timeline, first=desk.first_step)
            weights = ask(running, panel)
        except Exception:  # noqa: BLE001  user code fails as it likes, and over too few bars it may
            return None
        return self._laid_out(weights, len(panel))

    def _laid_out(self, weights: Weights, steps: int) -> FloatArray:
        """(steps, symbols), NaN where nothing is said; infinite where a weight is to stay."""
        found = np.full((steps, len(self.desk.feeds)), np.nan)
        found[weights.rows] = np.where(np.isnan(weights.values), np.inf, weights.values)
        return found

    def _try(
        self, real: FloatArray, cut: int, made: FloatArray | None, rng: np.random.Generator
    ) -> None:
        if made is None:
            return
        leak = self._different(real, made, cut)
        if leak is not None:
            again = self._decide(None, len(real), "mirrored", rng)
            if again is None or self._different(real, again, cut) is not None:
                self.findings.is_unrepeatable = True
                return
        compared = int((~np.isnan(real[: cut + 1]).all(axis=1)).sum())
        self.findings.count(compared, reach=(cut + 1) / len(real))
        self.findings.see(0, cut + 1, len(real))
        self.findings.add([] if leak is None else [leak])

    def _different(self, real: FloatArray, made: FloatArray, cut: int) -> Leak | None:
        for place, symbol in enumerate(self.desk.feeds):
            was, became = real[: cut + 1, place], made[: cut + 1, place]
            rows = first_different_row(was, became)
            if len(rows):
                row, days = int(rows[0]), self.desk.timeline.days
                kind = guess(row, cut, days, first=self.desk.first_step)
                return self._leak(symbol, row, cut, kind, told=(was[row], became[row]))
        return None

    def _leak(
        self, symbol: str, row: int, cut: int, kind: LeakKind, *, told: tuple[float, float]
    ) -> Leak:
        opens = self.desk.timeline.opens_ns
        was, became = ("nothing" if np.isnan(one) else f"{one:g}" for one in told)
        return Leak(
            kind=kind,
            what="weight",
            name="weight",
            symbol=symbol,
            at_ns=int(opens[row]),
            cut_ns=int(opens[cut]),
            was=was,
            became=became,
        )

    def _try_alien(self, real: FloatArray, stop: int, rng: np.random.Generator) -> None:
        """Show bars of which nothing is real, and see whether weights go by the real ones."""
        made = self._decide(0, stop, "drawn", rng)
        if made is None:
            return
        decided = {}
        for place, (symbol, feed) in enumerate(self.desk.feeds.items()):
            said = np.flatnonzero(np.isfinite(made[:, place]))
            # Against what the others get: all long is no view.
            signs = np.sign(
                made[said, place]
                - np.nanmean(np.where(np.isfinite(made[said]), made[said], np.nan), axis=1)
            )
            rows = self.desk.timeline.rows[said, place]
            usable = (signs != 0) & (rows >= 0) & (rows < len(feed.bars) - 1)
            decided[symbol] = Decided(rows[usable].astype(np.int64), signs[usable])
        if foresees(decided, self.ground.seen):
            row = int(np.flatnonzero(~np.isnan(made).all(axis=1))[0])
            symbol = next(iter(self.desk.feeds))
            leak = self._leak(symbol, row, row, "elsewhere", told=(real[row, 0], made[row, 0]))
            self.findings.add([leak])
        elif (
            (~np.isnan(real[:stop]).all(axis=1)).sum() >= _FEWEST_ALIKE
            and self._different(real, made, stop - 1) is None
            and len({*real[np.isfinite(real)].tolist()}) > 1
        ):
            self.findings.notes.append(Note(kind="deaf", facts={}))
