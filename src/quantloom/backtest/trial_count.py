"""How many trials stand behind a result: of which lineage, and what that makes of its figures."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from math import isfinite, nan, sqrt
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from quantloom.backtest.tables import Table
from quantloom.errors import Invalid
from quantloom.performance import Summary, expected_best_sharpe
from quantloom.strategy import Strategy

_FEWEST_DAYS = 2
_SLUG = 40


class BadLineage(Invalid):
    """A strategy whose `lineage` is no text."""

    code = "backtest.bad_lineage"

    def __init__(self, strategy: str, given: object) -> None:
        super().__init__(strategy, given)
        self.strategy, self.given = strategy, given

    def __str__(self) -> str:
        return f"{self.strategy}.lineage is {self.given!r}; make it a text, such as 'trend'"


@dataclass(frozen=True, slots=True)
class Lineage:
    """What counts as the same search: a strategy by name on the same instruments.

    Attributes:
        name: the class's `lineage`, or its name without its module.
        symbols: in their alphabetical order.
    """

    name: str
    symbols: tuple[str, ...]

    @classmethod
    def of(cls, strategy: type[Strategy], symbols: Sequence[str]) -> "Lineage":
        """The lineage of a strategy on instruments.

        Raises:
            BadLineage: its class attribute `lineage` is no text.
        """
        name: object = getattr(strategy, "lineage", "") or strategy.__name__
        if not isinstance(name, str):
            raise BadLineage(strategy.__name__, name)
        return cls(name, tuple(sorted(symbols)))

    def __str__(self) -> str:
        return f"{self.name} on {', '.join(self.symbols)}"

    @property
    def file(self) -> str:
        """The name of its file: readable as far as it goes, and certain by a digest."""
        spelled = "".join(letter if letter.isalnum() else "-" for letter in self.name)[:_SLUG]
        return f"{spelled}-{digest_of(self.name, *self.symbols)}.jsonl"


@dataclass(frozen=True, slots=True)
class TrialSums:
    """Trials counted together.

    A ratio over T days varies by 1 / (T - 1) where there is no merit, so that of a short trial says
    little of a long one. Times the root of T - 1 it is standardised: it varies by 1 whatever T is.

    Attributes:
        count: how many.
        measured: how many of them have a Sharpe ratio; one that never traded has none.
        total: sum of their Sharpe ratios of one day.
        squares: sum of the squares of the standardised ratios.
        weighted: sum of the ratios times T - 1, and weight: that of T - 1.
        longest: trading days of the longest of them.
    """

    count: int = 0
    measured: int = 0
    total: float = 0.0
    squares: float = 0.0
    weighted: float = 0.0
    weight: float = 0.0
    longest: int = 0

    @classmethod
    def of(cls, sharpe: ArrayLike, days: ArrayLike) -> "TrialSums":
        """Count trials.

        Args:
            sharpe: (n,) Sharpe ratios of one day, or one of them; NaN for a trial that has none.
            days: (n,) trading days that each is of, or as many for all. A ratio of fewer than 2,
                or of NaN, counts as none.
        """
        ratios = np.atleast_1d(np.asarray(sharpe, dtype=np.float64))
        spans = np.broadcast_to(np.asarray(days, dtype=np.float64), ratios.shape)
        is_known = np.isfinite(ratios) & (spans >= _FEWEST_DAYS)
        known, weight = ratios[is_known], spans[is_known] - 1.0
        return cls(
            count=len(ratios),
            measured=len(known),
            total=float(known.sum()),
            squares=float(weight @ known**2),
            weighted=float(weight @ known),
            weight=float(weight.sum()),
            longest=int(spans[is_known].max(initial=0)),
        )

    @classmethod
    def of_unknown_length(cls, count: int, measured: int, total: float) -> "TrialSums":
        """Count trials of which nobody knows how long they were.

        They are taken to vary as ratios without merit do, so that they make no later run look
        better than it is.
        """
        return cls(count, measured, total, float(measured))

    def __add__(self, other: "TrialSums") -> "TrialSums":
        return TrialSums(
            self.count + other.count,
            self.measured + other.measured,
            self.total + other.total,
            self.squares + other.squares,
            self.weighted + other.weighted,
            self.weight + other.weight,
            max(self.longest, other.longest),
        )

    @property
    def mean(self) -> float:
        """Mean Sharpe ratio of one day; NaN where none has one."""
        return self.total / self.measured if self.measured else nan

    def variance_over(self, days: float) -> float:
        """Tell how Sharpe ratios of one day would vary, were all trials so many days long.

        sum((T - 1) * (s - m)^2) / ((N - 1) * (days - 1)), with m the mean of the ratios s weighted
        by T - 1. Where all trials are as long it is their plain variance (ddof=1).

        Returns:
            NaN where no two trials have a ratio, and for fewer than 2 days; one of unknown length
            is enough, for it is taken to have no merit.
        """
        # The common ratio takes a degree of freedom; trials of unknown length have no part in it.
        freedom = self.measured - (self.weight > 0)
        if freedom < 1 or not days >= _FEWEST_DAYS:
            return nan
        shared = self.weighted**2 / self.weight if self.weight > 0 else 0.0
        return max(self.squares - shared, 0.0) / freedom / (days - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialCount:
    """How many trials stand behind a result, and what its figures are worth after so many.

    Attributes:
        lineage: the strategy's name, or the one that its class gives. symbols: its instruments.
        count: trials of the lineage up to this run, this one included; equal runs count once.
        mean_sharpe: of the trials' yearly Sharpe ratios; None where none has one.
        sharpe_spread: standard deviation that yearly ratios of such trials have over as many days
            as this run; None of fewer than 2.
        luck_sharpe: the yearly ratio that the best of so many, each as long as this run, has by
            luck alone.
        deflated_sharpe_ratio: probability that the true ratio is above zero after so many trials.
        minimum_track_record_days: trading days that such a ratio must last to be believed.
    """

    lineage: str
    symbols: tuple[str, ...]
    count: int
    mean_sharpe: float | None = None
    sharpe_spread: float | None = None
    luck_sharpe: float | None = None
    deflated_sharpe_ratio: float | None = None
    minimum_track_record_days: float | None = None

    @classmethod
    def of(
        cls, metrics: Summary, lineage: Lineage, sums: TrialSums, periods_per_year: float
    ) -> tuple[Summary, "TrialCount"]:
        """Judge a run as one of so many trials: its measures, and the count beside them."""
        spread = variance = sums.variance_over(metrics.trading_days)
        if not isfinite(variance):
            # Nothing is known of the trials: ratios without merit vary so much on so many days.
            variance = 1.0 / max(metrics.trading_days - 1, 1)
        judged = metrics.deflated(sums.count, variance, periods_per_year)
        yearly = sqrt(periods_per_year)
        return judged, cls(
            lineage=lineage.name,
            symbols=lineage.symbols,
            count=sums.count,
            mean_sharpe=_known(sums.mean * yearly),
            sharpe_spread=_known(sqrt(spread) * yearly),
            luck_sharpe=_known(expected_best_sharpe(sums.count, variance) * yearly),
            deflated_sharpe_ratio=judged.deflated_sharpe_ratio,
            minimum_track_record_days=judged.minimum_track_record_days,
        )


def uncounted(metrics: Summary) -> Summary:
    """The measures as they were before trials were counted."""
    reasons = dict(metrics.reasons)
    reasons["trial_count"] = "trials_not_counted"
    reasons.setdefault("deflated_sharpe_ratio", "trials_not_counted")
    return replace(metrics, trial_count=None, deflated_sharpe_ratio=None, reasons=reasons)


def trials_table(trials: TrialCount | None) -> Table:
    """One row of what is counted, or none; NaN where there is no value."""
    rows = [] if trials is None else [trials]
    columns: dict[str, Any] = {"lineage": np.array([one.lineage for one in rows], dtype=object)}
    for name in _NUMBERS:
        held = [getattr(one, name) for one in rows]
        columns[name] = np.array([nan if one is None else one for one in held], dtype=np.float64)
    return Table(columns)


def counted(
    metrics: Summary, symbols: Sequence[str], table: Mapping[str, Any]
) -> tuple[Summary, TrialCount | None]:
    """Bring back what `trials_table` kept, and the measures that hang on it."""
    if not len(table["lineage"]):
        return metrics, None
    numbers = {name: _known(float(table[name][0])) for name in _NUMBERS}
    count = int(numbers.pop("count") or 0)
    deflated = numbers["deflated_sharpe_ratio"]
    known = {"trial_count"} | ({"deflated_sharpe_ratio"} if deflated is not None else set())
    reasons = {name: key for name, key in metrics.reasons.items() if name not in known}
    metrics = replace(metrics, trial_count=count, deflated_sharpe_ratio=deflated, reasons=reasons)
    lineage = str(table["lineage"][0])
    return metrics, TrialCount(
        lineage=lineage, symbols=tuple(sorted(symbols)), count=count, **numbers
    )


def digest_of(*parts: str) -> str:
    """A short digest of texts."""
    return hashlib.blake2b("\n".join(parts).encode(), digest_size=8).hexdigest()


def _known(value: float) -> float | None:
    return value if isfinite(value) else None


_NUMBERS = tuple(one.name for one in fields(TrialCount) if one.name not in {"lineage", "symbols"})
