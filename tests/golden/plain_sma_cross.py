"""Makes sma_cross_random_walk.json: a crossing of two averages, in fractions, by a plain engine.

`python -m tests.golden.plain_sma_cross` writes the file anew. The bars are the packaged random
walk, which anyone may pass on; the outcome comes from `tests.library.backtest.reference_engine`,
which shares no code with the product.
"""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

from quantloom.data import random_walk
from quantloom.market import Bars, exact
from tests.library.backtest import reference_engine

GOLDEN = Path(__file__).with_suffix("").with_name("sma_cross_random_walk.json")
WALK: dict[str, Any] = {"n": 3_000, "seed": 11, "volatility": 0.002}
FAST, SLOW = 10, 30
_RATE = {"by_money": Fraction(1, 1_000), "by_unit": Fraction(0)}
INSTRUMENT: dict[str, Any] = {
    "tick": Fraction(1, 100),
    "lot": Fraction(1),
    "multiplier": Fraction(1),
    "is_margined": False,
    "can_short": True,
    "counts_volume": True,
}
TERMS: dict[str, Any] = {
    "cash": Fraction(100_000),
    "open": _RATE,
    "close": _RATE,
    "close_today": _RATE,
    "minimum": Fraction(0),
    "sell_tax": Fraction(0),
    "transfer": Fraction(0),
    "margin_long": Fraction(1),
    "margin_short": Fraction(1),
    "slip_ticks": Fraction(0),
    "slip_ratio": Fraction(0),
    "impact": None,
    "participation": Fraction(1, 10),
    "latency": 0,
    "size": Fraction(1),
    "weight": None,
}


def make_golden() -> dict[str, Any]:
    """Run the plain engine over the walk."""
    bars = random_walk(**WALK)
    rows = [_row(bars, at) for at in range(len(bars))]
    times = [{"hour": at, "bars": {bars.symbol: row}} for at, row in enumerate(rows)]
    sent = crossings([row["close"] for row in rows])
    script = [[action | {"symbol": bars.symbol} for action in actions] for actions in [[], *sent]]
    book = reference_engine.run(times, {bars.symbol: INSTRUMENT}, script, TERMS)
    return {
        "source": "tests/golden/plain_sma_cross.py over quantloom.data.random_walk",
        "walk": WALK,
        "bars_digest": bars.digest(),
        "fast": FAST,
        "slow": SLOW,
        "round_trips": len(book.trips),
        "final_cash": _decimal(book.cash),
        "final_equity": _decimal(book.equity[-1]),
        "fills": [[at, sign, _decimal(price)] for at, _, sign, _, price, *_ in book.fills],
    }


def crossings(closes: list[Fraction]) -> list[list[dict[str, Any]]]:
    """Buy on a bar whose fast average comes from at or below the slow one to above it; and back.

    Both averages must be valid on the bar and on the one before.
    """
    script: list[list[dict[str, Any]]] = [[] for _ in closes]
    for at in range(SLOW, len(closes)):
        before, now = (
            _average(closes, row, FAST) - _average(closes, row, SLOW) for row in (at - 1, at)
        )
        if before <= 0 < now:
            script[at] = [{"do": "buy"}]
        elif before >= 0 > now:
            script[at] = [{"do": "close"}]
    return script


def _average(closes: list[Fraction], at: int, period: int) -> Fraction:
    return sum(closes[at + 1 - period : at + 1], Fraction(0)) / period


def _row(bars: Bars, at: int) -> dict[str, Any]:
    names = ("open", "high", "low", "close", "volume")
    values = (Fraction(exact(float(getattr(bars, name)[at]))) for name in names)
    return dict(zip(names, values, strict=True))


def _decimal(value: Fraction) -> str:
    """Spell a fraction of whole millionths."""
    scaled = value * 1_000_000
    assert scaled.denominator == 1
    return f"{scaled.numerator // 1_000_000}.{scaled.numerator % 1_000_000:06d}"


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps(make_golden(), indent=1) + "\n")
