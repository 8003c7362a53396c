"""What has been found so far, and the verdict on it."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from quantloom.backtest.leaks import Audit, Leak, Note, Verdict
from quantloom.backtest.lookahead.budget import Budget

# One is proof enough, and a few show what kind it is.
_ENOUGH = 3
_KEPT = 8
_FEWEST_CUTS = 3


@dataclass(slots=True)
class Findings:
    """Gathers what re-runs show.

    Attributes:
        in_all: decisions of the run. compared: how many of them some cut has compared.
        anew: decisions of stretches that were compared with one another.
        adjusted: symbols whose prices later actions have moved.
        seen: stretches that were decided again, from and to which share of the bars, by symbol.
    """

    in_all: int = 0
    compared: int = 0
    anew: int = 0
    cuts: int = 0
    leaky_cuts: int = 0
    reach: float = 0.0
    leaks: list[Leak] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    adjusted: list[str] = field(default_factory=list)
    is_unrepeatable: bool = False
    seen: dict[str, list[tuple[float, float]]] = field(default_factory=dict)

    @property
    def is_enough(self) -> bool:
        """Whether more re-runs would tell nothing new."""
        return self.is_unrepeatable or self.leaky_cuts >= _ENOUGH

    def count(self, compared: int, *, reach: float, anew: int = 0) -> None:
        """Note one cut, and how many decisions it compared.

        Args:
            anew: decisions of a stretch, which are compared with one another alone.
        """
        self.cuts += 1
        self.anew += anew
        self.compared = max(self.compared, compared)
        self.reach = max(self.reach, reach)

    def see(self, first: int, until: int, count: int, symbol: str = "") -> None:
        """Note that steps from `first` to before `until`, of `count`, were decided again."""
        self.seen.setdefault(symbol, []).append((first / count, until / count))

    def add(self, leaks: Iterable[Leak]) -> None:
        """Note the leaks of one cut."""
        found = [*leaks]
        self.leaks += found
        self.leaky_cuts += bool(found)

    def audit(self, budget: Budget) -> Audit:
        """Say what all of it comes to."""
        notes = [*self.notes]
        if self.adjusted:
            notes.append(Note(kind="adjusted_data", facts={"what": ", ".join(self.adjusted)}))
        if self.is_unrepeatable:
            notes.append(Note(kind="unrepeatable", facts={}))
        verdict = self._verdict()
        if verdict == "partly" and self._is_thin:
            notes.append(Note(kind="untested", facts={"cuts": self.cuts}))
        leaks = sorted(self.leaks, key=lambda leak: (leak.cut_ns, leak.at_ns, leak.what != "order"))
        return Audit(
            verdict=verdict,
            cuts=self.cuts,
            decisions=self.compared,
            decisions_in_all=self.in_all,
            reach_ratio=self.reach,
            covered_ratio=self._covered,
            budget=budget.name,
            leaks=tuple(leaks[:_KEPT]),
            notes=tuple(notes),
        )

    @property
    def _covered(self) -> float:
        """The share of the bars that was decided again, each counted once."""
        shares = [_length(spans) for spans in self.seen.values()]
        return sum(shares) / len(shares) if shares else 0.0

    def _verdict(self) -> Verdict:
        if self.is_unrepeatable:
            return "unrepeatable"
        if self.leaks:
            return "failed"
        if self._is_thin or any(note.kind == "deaf" for note in self.notes):
            return "partly"
        return "passed"

    @property
    def _is_thin(self) -> bool:
        return self.cuts < _FEWEST_CUTS or (self.in_all > 0 and self.compared + self.anew == 0)


def _length(spans: Iterable[tuple[float, float]]) -> float:
    """How much spans cover together."""
    covered, end = 0.0, 0.0
    for first, until in sorted(spans):
        covered += max(until - max(first, end), 0.0)
        end = max(end, until)
    return covered
