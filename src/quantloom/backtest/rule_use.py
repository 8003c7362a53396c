"""What a run took from the rule book, and how well that is known."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Literal

from quantloom.market.rulebook import RuleBook, topics

Grade = Literal["A", "B", "C", "D"]


@dataclass(frozen=True, slots=True)
class RuleUse:
    """What a run took from the rule book.

    Attributes:
        version: of the book with its overlays. overlays: their names.
        assumed: "topic of symbol" for what no source is known of, on some day of the run.
        carried: likewise, where the source is older than the day.
        estimated: symbols whose settlement prices are estimates, the data having none.
        unlimited: days on which an instrument traded beyond its usual limits, by symbol.
        uncovered: "topic of symbol" that the market has and of which the book says nothing on some
            day of the run.
        unfunded: funding payments of an unknown rate that a position missed, by symbol.
        unmarked: symbols of swaps whose last prices stood in for mark prices.
        delisted: symbols whose last close was paid at delisting, no final price being known.
    """

    version: str
    overlays: tuple[str, ...]
    assumed: tuple[str, ...]
    carried: tuple[str, ...]
    estimated: tuple[str, ...]
    unlimited: Mapping[str, int]
    uncovered: tuple[str, ...] = ()
    delisted: tuple[str, ...] = ()
    unfunded: Mapping[str, int] = field(default_factory=dict)
    unmarked: tuple[str, ...] = ()

    @property
    def grade(self) -> Grade:
        """How well the rules of the run are known, by the weakest of them.

        A: all from sources that hold on its days, or from the user. B: some carried past their
        source's last day, or settled or marked at estimates. C: some assumed, or what was paid at
        a delisting. D: some not known at all, or what was due for funding.
        """
        if self.uncovered or self.unfunded:
            return "D"
        if self.assumed or self.unlimited or self.delisted:
            return "C"
        return "B" if self.carried or self.estimated or self.unmarked else "A"

    def plain(self) -> dict[str, Any]:
        """The grade and what it rests on, for JSON."""
        return {"grade": self.grade, **asdict(self)}


def known_to(book: RuleBook, symbols: Iterable[str], day: date) -> tuple[str, ...]:
    """The symbols of whose fees a book knows on a day."""
    names = topics.Fee.topic, f"{topics.MakerTaker.topic}#0"
    return tuple(
        symbol
        for symbol in symbols
        if any(book.rule(name, symbol, day) is not None for name in names)
    )
