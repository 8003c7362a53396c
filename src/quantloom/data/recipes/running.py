"""Carry a recipe out: read bars, take one step after the other, split, normalise."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TypeAlias, TypeVar

from quantloom.data.catalog import Catalog
from quantloom.data.graded import inherit_grade
from quantloom.data.layers import Catalogs
from quantloom.data.lookup import look_up
from quantloom.data.names import DatasetNotFound
from quantloom.data.quality import is_worse
from quantloom.data.recipes.failures import BadSetting, DataTooPoor
from quantloom.data.recipes.prepared import Dataset, Ingredient
from quantloom.data.recipes.recipe import Recipe
from quantloom.data.recipes.scaling import Scaler, normalise
from quantloom.data.recipes.splitting import PARTS, Split, one_part, split_rows
from quantloom.data.recipes.steps import Step
from quantloom.data.recipes.table import Label, Market, Other, Site, Table
from quantloom.kit import freeze
from quantloom.market import (
    Bars,
    Instrument,
    Timeframe,
    adjust_by,
    assume_instrument,
    factors_in,
    get_calendar,
)
from quantloom.market.factors import FACTOR

Progress: TypeAlias = Callable[[int, int], None]
"""Told how many pieces of work are done, of how many."""
Source: TypeAlias = Catalog | Catalogs | Mapping[str, Bars]
"""Where bars come from: a catalog, or bars by symbol."""

_Item = TypeVar("_Item")
_SHAPES = ("clean", "adjust", "resample", "fill", "join")
_COLUMNS = ("features", "labels")


def run_recipe(recipe: Recipe, source: Source, *, progress: Progress | None = None) -> Dataset:
    """Make the dataset that a recipe describes. Equal recipes and bars give equal datasets.

    Args:
        source: a catalog, or bars by the symbols of the recipe.
        progress: told after each symbol and each step.
    Raises:
        DatasetNotFound: bars of a symbol are missing.
        DataTooPoor: bars have a worse grade than the recipe allows.
        UnknownColumn, ColumnMadeTwice: a step reads an extra that the bars lack, or makes one that
            they have.
        BadSetting, EmptyRange, EmptyPart, NothingToFit, DifferentCloses: the data do not suit the
            recipe.
    """
    steps = _Counted(progress, len(recipe.symbols) + len(recipe.others) + len(recipe.steps))
    digest = recipe.digest
    found = [read_input(recipe, source, text) for text in steps.over(recipe.symbols)]
    _demand_different([bars.symbol for bars, _ in found])
    named = [(name, read_other(recipe, source, *name)) for name in steps.over(recipe.others)]
    inputs = [_ingredient(*one) for one in (*found, *(other for _, other in named))]
    _demand_grade(recipe, inputs)
    markets = {bars.symbol: _market(instrument) for bars, instrument in found}
    site = Site(markets, recipe.folder, {name: _other(*other) for name, other in named})
    table = Table([bars for bars, _ in found])
    for step in steps.over(_of_stages(recipe, _SHAPES)):
        table = _run(step, table, site)
    recipe.check_extras(table.extras)
    for step in steps.over(_of_stages(recipe, _COLUMNS)):
        table = _run(step, table, site)
    split, scalers = one_part(table), list[Scaler]()
    for step in steps.over(recipe.stage("split")):
        split = split_rows(table, step.values)
    for step in steps.over(recipe.stage("normalise")):
        scalers += normalise(table, step.values, split.part == PARTS.index("train"))
    return _dataset(recipe, digest, table, split, scalers=scalers, inputs=inputs)


def read_input(recipe: Recipe, source: Source, text: str) -> tuple[Bars, Instrument]:
    """Read what a recipe wants of one symbol.

    Raises:
        DatasetNotFound, EmptyRange: there is nothing.
    """
    if isinstance(source, Mapping):
        return _given(recipe, source, text)
    catalogs = source if isinstance(source, Catalogs) else Catalogs((source,))
    symbol, _ = look_up(catalogs, text)
    bars = catalogs.read(symbol, recipe.timeframe, start=recipe.start, end=recipe.end)
    return bars, catalogs.instrument(symbol)


def read_other(
    recipe: Recipe, source: Source, text: str, timeframe: str
) -> tuple[Bars, Instrument]:
    """Read bars that are columns alone, from their beginning on; errors are those of `read_input`.

    Args:
        timeframe: that of the recipe where it is empty.
    """
    wanted = replace(recipe, timeframe=timeframe or recipe.timeframe, start=None)
    return read_input(wanted, source, text)


def _other(bars: Bars, instrument: Instrument) -> Other:
    market = _market(instrument)
    if FACTOR in bars.extras:
        bars = adjust_by(bars, factors_in(bars, market.calendar), market.calendar)
    return Other(bars, market)


def _given(recipe: Recipe, source: Mapping[str, Bars], text: str) -> tuple[Bars, Instrument]:
    bars, wanted = source.get(text), Timeframe.parse(recipe.timeframe)
    if bars is None:
        raise DatasetNotFound(text, wanted, similar=tuple(source)[:3])
    if bars.timeframe != wanted:
        raise DatasetNotFound(text, wanted, timeframes=(str(bars.timeframe),))
    return _between(bars, recipe.start, recipe.end), assume_instrument(bars)


def _between(bars: Bars, start: datetime | None, end: datetime | None) -> Bars:
    return bars if start is None and end is None else bars.between(start, end)


def _ingredient(bars: Bars, instrument: Instrument) -> Ingredient:
    grade = inherit_grade(bars, instrument)
    return Ingredient(
        symbol=bars.symbol,
        timeframe=str(bars.timeframe),
        digest=bars.digest(),
        dataset=grade.digest,
        grade=grade.grade,
        rows=len(bars),
        start=bars.start,
        end=bars.end,
    )


def _demand_different(symbols: Iterable[str]) -> None:
    known: set[str] = set()
    for symbol in symbols:
        if symbol in known:
            raise BadSetting("[data]", "symbols", f"name {symbol} twice, in two spellings")
        known.add(symbol)


def _demand_grade(recipe: Recipe, inputs: Iterable[Ingredient]) -> None:
    for step in recipe.stage("clean"):
        for one in inputs:
            if is_worse(one.grade, than=step.values["min_grade"]):
                raise DataTooPoor(one.symbol, one.grade, step.values["min_grade"])


def _market(instrument: Instrument) -> Market:
    return Market(get_calendar(instrument.calendar), instrument)


def _of_stages(recipe: Recipe, stages: tuple[str, ...]) -> tuple[Step, ...]:
    return tuple(step for step in recipe.steps if step.kind.stage in stages)


def _run(step: Step, table: Table, site: Site) -> Table:
    return table if step.kind.run is None else step.kind.run(table, step.values, site)


def _dataset(
    recipe: Recipe,
    digest: str,
    table: Table,
    split: Split,
    *,
    scalers: Iterable[Scaler],
    inputs: Iterable[Ingredient],
) -> Dataset:
    return Dataset(
        recipe=recipe,
        recipe_digest=digest,
        all_bars=tuple(table.bars),
        features={name: freeze(column) for name, column in table.features.items()},
        labels={
            name: Label(freeze(label.values), freeze(label.known))
            for name, label in table.labels.items()
        },
        part=freeze(split.part),
        begins=dict(split.begins),
        left_out=dict(split.left_out),
        scalers=tuple(scalers),
        inputs=tuple(inputs),
    )


class _Counted:
    """Tells of progress while lists are gone through."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress, self._total, self._done = progress, total, 0

    def over(self, items: Iterable[_Item]) -> Iterator[_Item]:
        for item in items:
            yield item
            self._done += 1
            if self._progress is not None:
                self._progress(self._done, self._total)
