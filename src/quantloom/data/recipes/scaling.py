"""Normalising features by what the train part alone tells of them."""

from dataclasses import dataclass

import numpy as np

from quantloom.data.recipes.failures import NothingToFit
from quantloom.data.recipes.settings import Setting, Values
from quantloom.data.recipes.table import Table
from quantloom.kit import BoolArray, FloatArray

# The middle half of a normal distribution is this many standard deviations wide.
_NORMAL_HALF = 1.3489795003921634

NORMALISE = (
    Setting(
        name="method",
        kind="text",
        choices=("zscore", "minmax", "robust"),
        meaning="mean and deviation, least and greatest to 0 and 1, or median and middle half",
    ),
    Setting(name="of", kind="texts", default=(), meaning="features; all where none are named"),
    Setting(
        name="per",
        kind="text",
        default="all",
        choices=("all", "symbol"),
        meaning="one scale for all symbols, or one for each",
    ),
    Setting(
        name="clip",
        kind="number",
        default=0.0,
        low=0.0,
        meaning="cut scaled values at so much on either side; 0 for never",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaler:
    """What a feature was normalised by: (value - centre) / scale, cut at the clip.

    Attributes:
        symbol: the one it is of; empty for all.
        scale: above zero; 1 where the train part has one value only.
        clip: 0 for none.
        rows: values of the train part it was fitted to.
    """

    column: str
    symbol: str
    method: str
    centre: float
    scale: float
    clip: float
    rows: int

    def apply(self, values: FloatArray) -> FloatArray:
        """Normalise values, also such of other data."""
        scaled = (values - self.centre) / self.scale
        return np.clip(scaled, -self.clip, self.clip) if self.clip else scaled


def normalise(table: Table, values: Values, is_train: BoolArray) -> tuple[Scaler, ...]:
    """Fit scalers to the train rows and apply them to all.

    Raises:
        NothingToFit: a feature has no value in the train part.
    """
    found = []
    for name in values["of"] or tuple(table.features):
        column = table.features[name]
        scaled = np.empty(len(column))
        for symbol, rows in _spans(table, values["per"]):
            scaler = _fit(name, symbol, column[rows][is_train[rows]], values)
            scaled[rows] = scaler.apply(column[rows])
            found.append(scaler)
        table.features[name] = scaled
    return tuple(found)


def _spans(table: Table, per: str) -> list[tuple[str, slice]]:
    if per == "all":
        return [("", slice(0, len(table)))]
    return [(bars.symbol, rows) for bars, rows in table.parts()]


def _fit(column: str, symbol: str, values: FloatArray, told: Values) -> Scaler:
    known = values[np.isfinite(values)]
    if not len(known):
        raise NothingToFit(column, symbol)
    method = told["method"]
    if method == "zscore":
        centre, scale = known.mean(), known.std()
    elif method == "minmax":
        centre, scale = known.min(), known.max() - known.min()
    else:
        low, centre, high = np.percentile(known, (25, 50, 75))
        scale = (high - low) / _NORMAL_HALF
    # What is left of equal values is rounding.
    is_spread = scale > 1e-12 * abs(centre)
    return Scaler(
        column=column,
        symbol=symbol,
        method=method,
        centre=float(centre),
        scale=float(scale) if is_spread else 1.0,
        clip=told["clip"],
        rows=len(known),
    )
