"""Recipes and bars with defaults, for the tests of this folder."""

from dataclasses import replace
from typing import Any

import numpy as np

from quantloom.data import random_walk
from quantloom.data.recipes import Dataset, Recipe, run_recipe
from quantloom.kit import IntArray
from quantloom.market import Bars, Provenance
from quantloom.market.bars import FIELDS

# Bars that are graded already need no check, which would take most of a test's time.
_GRADED = {"grade": "A", "findings": [], "repairs": []}

SPLIT = {"step": "split", "train": 0.6, "valid": 0.2, "test": 0.2}
RETURNS = {"step": "returns", "periods": [1, 3]}


def step(step_name: str, /, **told: Any) -> dict[str, Any]:
    return {"step": step_name} | told


def make_recipe(
    *steps: dict[str, Any], symbols: list[str] | None = None, timeframe: str = "1h", **data: Any
) -> Recipe:
    told = {"symbols": symbols or ["AA.LOCAL", "BB.LOCAL"], "timeframe": timeframe} | data
    return Recipe.of({"name": "tried", "version": 1, "data": told, "steps": [*steps]})


def make_bars(
    symbol: str = "AA.LOCAL",
    count: int = 300,
    *,
    seed: int = 1,
    timeframe: str = "1h",
    holes: float = 0.1,
) -> Bars:
    """A walk with holes, bars without volume and an extra."""
    walk = random_walk(count, seed, symbol=symbol, timeframe=timeframe, volatility=0.01)
    random = np.random.default_rng(seed)
    volume = np.where(random.random(count) < 0.1, 0.0, walk.volume)
    made = Bars.of(
        symbol,
        timeframe,
        ts=walk.ts,
        **{name: getattr(walk, name) for name in FIELDS[:-1]},
        volume=volume,
        extras={"turnover": volume * walk.close},
    )
    is_kept = random.random(count) >= holes
    is_kept[0] = True
    return graded(picked(made, np.flatnonzero(is_kept)))


def picked(bars: Bars, rows: IntArray) -> Bars:
    return Bars.of(
        bars.symbol,
        bars.timeframe,
        ts=bars.ts[rows],
        **{name: getattr(bars, name)[rows] for name in FIELDS},
        extras={name: column[rows] for name, column in bars.extras.items()},
    )


def graded(bars: Bars, grade: str = "A") -> Bars:
    return replace(bars, provenance=Provenance("", _GRADED | {"grade": grade}))


def make_source(*, seed: int = 1, count: int = 300, **told: Any) -> dict[str, Bars]:
    symbols = ("AA.LOCAL", "BB.LOCAL")
    return {
        symbol: make_bars(symbol, count, seed=seed + 100 * place, **told)
        for place, symbol in enumerate(symbols)
    }


def make_dataset(*steps: dict[str, Any], seed: int = 1, count: int = 300) -> Dataset:
    return run_recipe(make_recipe(*steps), make_source(seed=seed, count=count))
