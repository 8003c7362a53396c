"""What a recipe makes: rows by symbol and time, with features, labels, parts and scalers."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from quantloom.data.recipes.failures import NoSuchPart
from quantloom.data.recipes.recipe import Recipe
from quantloom.data.recipes.scaling import Scaler
from quantloom.data.recipes.splitting import PARTS
from quantloom.data.recipes.table import Label
from quantloom.kit import FloatArray, IntArray, freeze, from_ns, objects
from quantloom.market import Bars, EmptyRange, Timeframe
from quantloom.market.frames import plain_frame

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingredient:
    """The bars of one symbol that a dataset was made of.

    Attributes:
        digest: `Bars.digest` of the bars as they were read.
        dataset: digest of the whole dataset they are a part of; empty where they are of none.
        grade: A to F, of that dataset where it was graded, else of the bars.
        rows: how many were read.
    """

    symbol: str
    timeframe: str
    digest: str
    dataset: str
    grade: str
    rows: int
    start: datetime
    end: datetime


# Not slotted: arrays that are asked for often are put together once.
@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Dataset:
    """Rows by symbol, then time, ready to learn from.

    Attributes:
        recipe: what made them. recipe_digest: its digest when it did.
        all_bars: of each symbol in the recipe's order, with the extras that they had.
        features: (n,) columns by name, normalised where the recipe says so.
        labels: values by name, each with the row at whose close it is known.
        part: (n,) int8, place in `PARTS` (train, valid, test), -1 for a row left out.
        begins: first time of each part, UTC nanoseconds, by its name.
        left_out: rows left out by reason.
        scalers: what features were normalised by, in the order in which that was done.
        inputs: what it was made of.
    """

    recipe: Recipe
    recipe_digest: str
    all_bars: tuple[Bars, ...]
    features: Mapping[str, FloatArray]
    labels: Mapping[str, Label]
    part: NDArray[np.int8]
    begins: Mapping[str, int]
    left_out: Mapping[str, int]
    scalers: tuple[Scaler, ...]
    inputs: tuple[Ingredient, ...]

    def __len__(self) -> int:
        return len(self.part)

    def __repr__(self) -> str:
        told = ", ".join(f"{name} {count:,}" for name, count in self.counts().items())
        return (
            f"<Dataset {self.recipe.name} v{self.recipe.version}: {len(self):,} rows of "
            f"{len(self.symbols)} symbol(s), {len(self.features)} features, {told}>"
        )

    @property
    def symbols(self) -> tuple[str, ...]:
        return tuple(one.symbol for one in self.all_bars)

    @property
    def timeframe(self) -> Timeframe:
        return self.all_bars[0].timeframe

    @property
    def ts(self) -> IntArray:
        """(n,) open times, UTC nanoseconds, rising within each symbol."""
        return freeze(np.concatenate([one.ts for one in self.all_bars]))

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts there are, in order of time."""
        return tuple(name for name in PARTS if name in self.begins)

    def counts(self) -> dict[str, int]:
        """Number of rows in each part."""
        return {name: int((self.part == PARTS.index(name)).sum()) for name in self.parts}

    def rows_of(self, symbol: str) -> slice:
        """The rows of one symbol.

        Raises:
            NoSuchPart: it has none of that name.
        """
        if symbol not in self.symbols:
            raise NoSuchPart("symbol", symbol, self.symbols)
        place = self.symbols.index(symbol)
        start = sum(len(one) for one in self.all_bars[:place])
        return slice(start, start + len(self.all_bars[place]))

    def rows(self, part: str, symbol: str | None = None) -> IntArray:
        """Give the rows of a part, by symbol and then time, or those of one symbol alone.

        Raises:
            NoSuchPart: there is no such part or symbol.
        """
        found = self.part == self._place(part)
        if symbol is None:
            return np.flatnonzero(found)
        own = self.rows_of(symbol)
        rows: IntArray = np.flatnonzero(found[own]) + own.start
        return rows

    def matrix(self, part: str, symbol: str | None = None) -> FloatArray:
        """Give the features of a part, one column for each.

        Returns:
            (rows, features) in the order of `rows` and of `features`.
        Raises:
            NoSuchPart: there is no such part or symbol.
        """
        rows = self.rows(part, symbol)
        found = np.empty((len(rows), len(self.features)))
        for place, column in enumerate(self.features.values()):
            found[:, place] = column[rows]
        return found

    def label(self, name: str, part: str, symbol: str | None = None) -> FloatArray:
        """Give a label of a part, in the order of `rows`.

        Raises:
            NoSuchPart: there is no such label, part or symbol.
        """
        if name not in self.labels:
            raise NoSuchPart("label", name, tuple(self.labels))
        return self.labels[name].values[self.rows(part, symbol)]

    def bars(self, symbol: str, part: str | None = None) -> Bars:
        """Give bars for a backtest, with the features as extras and without any label.

        Args:
            part: its whole span of time, with the bars that are left out of learning; all bars
                where none is named.
        Returns:
            Bars as the steps made them: adjusted, resampled, filled.
        Raises:
            NoSuchPart: there is no such symbol or part.
            EmptyRange: the symbol has no bar in that span.
        """
        rows = self.rows_of(symbol)
        bars = self.all_bars[self.symbols.index(symbol)]
        features = {name: freeze(column[rows]) for name, column in self.features.items()}
        found = Bars.of(
            bars.symbol,
            bars.timeframe,
            ts=bars.ts,
            open=bars.open,
            high=bars.high,
            low=bars.low,
            close=bars.close,
            volume=bars.volume,
            extras={**bars.extras, **features},
        )
        if part is None:
            return found
        self._place(part)
        later = [begin for begin in self.begins.values() if begin > self.begins[part]]
        first = int(np.searchsorted(bars.ts, self.begins[part]))
        last = int(np.searchsorted(bars.ts, min(later))) if later else len(bars)
        if first >= last:
            raise EmptyRange(symbol, from_ns(self.begins[part]), None)
        return found[first:last]

    def to_frame(self) -> "DataFrame":
        """Give a pandas frame: symbol, ts, prices, volume, features, labels and part.

        Raises:
            FramesExtraMissing: pandas is not installed.
        """
        # The last one is what -1 finds: rows left out.
        names = objects([*PARTS, ""])
        symbols = objects(self.symbols)
        lengths = [len(one) for one in self.all_bars]
        columns: dict[str, NDArray[Any]] = {
            "symbol": np.repeat(symbols, lengths),
            "ts": self.ts.view("datetime64[ns]"),
        }
        for name in ("open", "high", "low", "close", "volume"):
            columns[name] = np.concatenate([getattr(one, name) for one in self.all_bars])
        columns |= dict(self.features)
        columns |= {name: label.values for name, label in self.labels.items()}
        columns["part"] = names[self.part]
        return plain_frame(columns)

    def digest(self) -> str:
        """SHA-256 of every row, scaler and input: equal datasets, equal digest."""
        hashed = hashlib.sha256(self.recipe_digest.encode())
        told = [self.begins, self.left_out, self.scalers, self.inputs, [*self.features]]
        hashed.update(msgspec.json.encode(told, order="deterministic"))
        for bars in self.all_bars:
            hashed.update(bars.digest().encode())
        for column in self.features.values():
            hashed.update(np.ascontiguousarray(column).data)
        for name, label in self.labels.items():
            hashed.update(name.encode())
            hashed.update(np.ascontiguousarray(label.values).data)
            hashed.update(np.ascontiguousarray(label.known).data)
        hashed.update(np.ascontiguousarray(self.part).data)
        return hashed.hexdigest()

    def _place(self, part: str) -> int:
        if part not in self.parts:
            raise NoSuchPart("part", part, self.parts)
        return PARTS.index(part)
